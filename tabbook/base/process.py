"""Facts about this machine's processes."""

from __future__ import annotations

import os


def cores() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2


def worker_count(configured: int) -> int:
    """Return how many notebooks run at once.

    :param configured: what config.ini or the command line says; 0 for twice the
        number of processors, since notebooks also wait.
    """
    return configured or 2 * cores()

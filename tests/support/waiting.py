"""Bounds for what tests wait for."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds until a wait fails: what takes one or two on a quiet machine may take far
longer where several workers share two cores."""


def wait_until(
    condition: Callable[[], object], explain: Callable[[], object] = lambda: ""
) -> None:
    """Return as soon as the condition holds.

    :param explain: returns what to show where it never does.
    :raises AssertionError: it does not hold within ``PATIENCE``.
    """
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, explain()
        time.sleep(0.05)

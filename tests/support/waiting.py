"""How long tests wait for anything."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds until a wait fails. What takes a second or two on a quiet machine may take
many times that where workers share two cores."""


def wait_for(
    condition: Callable[[], object], explain: Callable[[], object] = lambda: ""
) -> None:
    """Return as soon as the condition holds.

    :param explain: returns what to show if it never does.
    :raises AssertionError: it does not hold within ``PATIENCE``.
    """
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, explain() or "the condition did not become true"
        time.sleep(0.02)

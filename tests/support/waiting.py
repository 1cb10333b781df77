"""Bounded waits for tests."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds until a wait fails: many times what an idle machine needs, since workers of
pytest may share two cores."""


def wait_for(
    condition: Callable[[], object], explain: Callable[[], object] = lambda: ""
) -> None:
    """Return as soon as the condition holds.

    :param explain: returns the message of the error.
    :raises AssertionError: it does not hold within ``PATIENCE``.
    """
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, explain() or "the condition did not become true"
        time.sleep(0.02)

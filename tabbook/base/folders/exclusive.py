"""An exclusive lock of an open file, by the system's own call."""

from __future__ import annotations

import contextlib
import importlib
import os
import time
from typing import Any

try:
    import fcntl
except ImportError:  # Windows has another module, which type checkers know only there
    fcntl = None  # type: ignore[assignment]

PLACE = 1 << 30
"""The byte that Windows locks: nobody can read it, so it is behind the text."""

PAUSE = 0.05
"""Seconds between two attempts where the system cannot wait for a lock."""


def try_acquire(descriptor: int) -> bool:
    """Take the lock if nobody has it; return whether that succeeded."""
    if fcntl is None:
        return _try_on_windows(descriptor)
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def acquire(descriptor: int) -> None:
    """Wait until nobody has the lock, and take it."""
    if fcntl is not None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return
    while not try_acquire(descriptor):
        time.sleep(PAUSE)


def _try_on_windows(descriptor: int) -> bool:
    msvcrt: Any = importlib.import_module("msvcrt")
    position = os.lseek(descriptor, 0, os.SEEK_CUR)
    try:
        os.lseek(descriptor, PLACE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    except OSError:
        return False
    finally:
        os.lseek(descriptor, position, os.SEEK_SET)
    return True

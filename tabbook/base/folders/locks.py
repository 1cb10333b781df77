"""Locks between processes, which no forked process keeps and no wait hides."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from tabbook.base.folders.exclusive import acquire, try_acquire

QUIET = 1.0
"""Seconds of waiting before the user gets a message."""
PAUSE = 0.05
"""Seconds between two attempts in this time."""

_descriptors: set[int] = set()
"""Descriptors of the lock files that this process has opened."""


@contextlib.contextmanager
def lock(file: Path) -> Iterator[None]:
    """Hold an exclusive lock; the system releases it when the process ends.

    The file names the process that holds it. After a second, a message says which
    one that is.

    :raises OSError: the lock file cannot be created.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    _descriptors.add(descriptor)
    try:
        if not _acquired(descriptor):
            _report_wait(file, os.read(descriptor, 32))
            acquire(descriptor)
        _write_owner(descriptor)
        yield
    finally:
        if descriptor in _descriptors:  # not in a process forked since
            _descriptors.remove(descriptor)
            os.close(descriptor)


def _acquired(descriptor: int) -> bool:
    """Try to take the lock for a second; return whether that succeeded."""
    end = time.monotonic() + QUIET
    while True:
        if try_acquire(descriptor):
            return True
        if time.monotonic() > end:
            return False
        time.sleep(PAUSE)


def _report_wait(file: Path, owner: bytes) -> None:
    from tabbook.base.console import complain  # takes long to import

    number = owner.decode("ascii", "replace").strip()
    process = f"process {number}" if number else "another process"
    complain(f"waiting for {process}, which holds {file}")


def _write_owner(descriptor: int) -> None:
    """Write the number of this process into the lock file."""
    with contextlib.suppress(OSError):  # a full disk; only the message needs it
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"{os.getpid()}\n".encode())


def _close_in_child() -> None:
    """Close, in a forked process, the lock files of its parent.

    A lock is held until every copy of its descriptor is closed: a child that outlives
    its parent would keep it.
    """
    for descriptor in _descriptors:
        os.close(descriptor)
    _descriptors.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_in_child)

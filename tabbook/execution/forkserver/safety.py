"""Decide whether a forked process would equal a fresh one.

This module runs in fork servers and uses only the standard library.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

THREADS = 2
"""Threads that imports alone may leave: no thread survives in a forked process.

A library that handles forks, as MXNet does, stops its threads before each fork and
restarts them after it. So the number of threads after the first fork is the limit for
later ones.
"""

GPU_DEVICES = ("/dev/nvidia", "/dev/kfd", "/dev/dri")
"""How the paths of devices begin that a process using a GPU holds open."""


class ForkSafety:
    """Knows why a fork server refuses to fork, if it does."""

    def __init__(self, refusal: str = "") -> None:
        """Start with the reason that imports gave; empty if forking is safe."""
        self.refusal = refusal
        self._threads = 0

    def reason_against(self, cwd: str) -> str | None:
        """Return why a process must not be forked now; None if it may be.

        :param cwd: its working directory.
        :returns: an empty reason if there is nothing to repair: the GPU is in use, or
            there is no such folder, which a fresh process reports better.
        """
        count = thread_count()
        if count > (self._threads or THREADS) and not self.refusal:
            self.refusal = (
                f"{count} threads run after its imports, and no fork keeps them"
            )
        if self.refusal:
            return self.refusal
        return "" if holds_gpu() or not Path(cwd).is_dir() else None

    def record_fork(self) -> None:
        """Record the number of threads after the first fork as the limit."""
        self._threads = self._threads or max(thread_count(), THREADS)


def thread_count() -> int:
    """Return how many threads this process has, those of C code included."""
    return len(list(Path("/proc/self/task").iterdir()))


def holds_gpu() -> bool:
    """Return whether this process has initialised a GPU."""
    for file in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            target = os.readlink(file)  # noqa: PTH115 - text, not a path
            if target.startswith(GPU_DEVICES):
                return True
    return False

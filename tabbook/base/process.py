"""Facts about this machine's processes, and how this one and forked ones end."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from typing import NoReturn

from tabbook.base.folders import scratch

PR_SET_PDEATHSIG = 1
"""Option of prctl: the signal that a process gets when its parent ends."""

ENDS_WITH_PARENT = sys.platform == "linux"
"""Whether the system can end a process with its parent, however that ends."""

CAN_FORK = hasattr(os, "fork")
"""Whether the system has forks."""

KILLED = 2
"""Seconds for which a process that ends waits for those that it has killed."""


def can_fork_now() -> bool:
    """Return whether a fork would be like this process: threads are not forked."""
    return CAN_FORK and threading.active_count() == 1


def cores() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2


def worker_count(configured: int) -> int:
    """Return how many notebooks run at once.

    :param configured: what config.ini or the command line says; 0 for twice the
        number of processors, since notebooks also wait.
    """
    return configured or 2 * cores()


def end_with_parent(parent: int) -> None:
    """Let this forked process end when its parent does, even if that is killed.

    SIGTERM ends it at once: what it makes is the parent's to remove. Where the system
    cannot do this (``ENDS_WITH_PARENT``), it outlives a parent that was killed.

    The thread that forked counts as the parent: it has to be one that lives as long as
    its process.

    :param parent: process id of the parent, asked for before the fork.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if ENDS_WITH_PARENT:
        import ctypes  # takes long to import

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the signal was set
        os._exit(1)


def end_at_once(status: int) -> NoReturn:
    """End this process with all that it started, and delete its temporary folders.

    It does not wait for threads, and runs nothing that is registered for the exit: a
    thread may be starting a kernel, and nbclient's clean-up of that waits for it.

    :param status: the exit status.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):  # nobody reads it any more
            stream.flush()
    _kill_descendants()
    scratch.remove_all()
    os._exit(status)


def _kill_descendants() -> None:
    """Kill what this process started, so that nothing writes temporary files."""
    if "psutil" in sys.modules:  # imported with what starts kernels
        import psutil

        children = psutil.Process().children(recursive=True)
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        psutil.wait_procs(children, timeout=KILLED)

"""Folders for temporary files, short enough for sockets and left by nobody.

A folder is deleted at the end of its context, on Ctrl-C and SIGTERM. A process that is
killed cannot do that; its lock on the folder ends with it, and the next process that
makes such a folder deletes those whose lock nobody holds.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tabbook.base.folders.exclusive import try_acquire

LONGEST = 80
"""Bytes of a path below which the names of sockets still fit into 107 bytes."""

SHORT = "/tmp"
"""Folder for temporary files where that of the user is too long."""

PREFIX = "tabbook-"
"""Beginning of the names of all folders."""

OWNER = ".owner"
"""The file in each folder that its process holds locked."""

UNOWNED = 24 * 3600
"""Seconds for which a folder without such a file may be one that is being made."""

_folders: dict[str, int] = {}
"""The folders of this process that exist, and the descriptors of their locks."""

_swept: set[str] = set()
"""The folders for temporary files in which this process has looked for old ones."""


def make_folder(prefix: str = PREFIX) -> str:
    """Make a folder for temporary files, in ``TMPDIR`` where sockets fit into it.

    :raises OSError: it cannot be made.
    """
    sweep()
    folder = tempfile.mkdtemp(prefix=prefix, dir=_parent())
    _folders[folder] = _lock(Path(folder))
    return folder


def remove_folder(folder: str) -> None:
    """Delete a folder of ``make_folder``."""
    shutil.rmtree(folder, ignore_errors=True)
    descriptor = _folders.pop(folder, -1)
    if descriptor >= 0:
        os.close(descriptor)


@contextlib.contextmanager
def scratch_folder(prefix: str = PREFIX) -> Iterator[Path]:
    """Make a folder for temporary files, and delete it in the end.

    :raises OSError: it cannot be made.
    """
    folder = make_folder(prefix)
    try:
        yield Path(folder)
    finally:
        remove_folder(folder)


def remove_all() -> None:
    """Delete the folders of a process that ends without leaving their contexts."""
    for folder in list(_folders):
        remove_folder(folder)


def sweep() -> None:
    """Delete, once per process, what killed processes have left."""
    parent = _parent()
    if parent not in _swept:
        _swept.add(parent)
        remove_abandoned(Path(parent))


def remove_abandoned(parent: Path) -> None:
    """Delete this user's folders in ``parent`` whose processes have ended."""
    for folder in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            status = folder.lstat()
            user = os.getuid() if hasattr(os, "getuid") else status.st_uid
            is_own = status.st_uid == user and stat.S_ISDIR(status.st_mode)
            if is_own and _is_abandoned(folder, status):
                shutil.rmtree(folder, ignore_errors=True)


def _parent() -> str:
    parent = tempfile.gettempdir()
    is_long = len(os.fsencode(parent)) > LONGEST and os.access(SHORT, os.W_OK)
    return SHORT if is_long else parent


def _lock(folder: Path) -> int:
    """Lock a folder for this process; return the lock's descriptor, or -1."""
    if os.name == "nt":  # what is open can be neither renamed nor deleted there
        return -1
    unfinished = folder / f"{OWNER}.new"
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT, 0o600)
        try_acquire(descriptor)
        unfinished.rename(folder / OWNER)  # never there without its lock
    except OSError:  # a file system without locks: such folders stay if killed
        return -1
    return descriptor


def _is_abandoned(folder: Path, status: os.stat_result) -> bool:
    """Return whether no process holds a folder.

    A kernel that starts while its owner ends makes the deleted folder again, for its
    connection file; only ``mkdtemp`` makes folders that others cannot read.
    """
    try:
        descriptor = os.open(folder / OWNER, os.O_RDONLY)
    except FileNotFoundError:
        made_again = os.name != "nt" and stat.S_IMODE(status.st_mode) & 0o077
        return bool(made_again) or time.time() - status.st_mtime > UNOWNED
    try:
        return try_acquire(descriptor)
    finally:
        os.close(descriptor)


def _forget_in_child() -> None:
    """Leave the folders of the parent, and their locks, to it."""
    for descriptor in _folders.values():
        if descriptor >= 0:
            os.close(descriptor)
    _folders.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)

"""Folders for temporary files, short enough for sockets and deleted on Ctrl-C, too."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

LONGEST = 80
"""Bytes of a path below which the names of sockets still fit into 107 bytes."""

SHORT = "/tmp"
"""Folder for temporary files where that of the user is too long."""

_folders: set[str] = set()
"""The folders of this process that exist."""


def make_folder(prefix: str = "tabbook-") -> str:
    """Make a folder for temporary files, in ``TMPDIR`` where sockets fit into it.

    :raises OSError: it cannot be made.
    """
    parent = tempfile.gettempdir()
    if len(os.fsencode(parent)) > LONGEST and os.access(SHORT, os.W_OK):
        parent = SHORT
    folder = tempfile.mkdtemp(prefix=prefix, dir=parent)
    _folders.add(folder)
    return folder


def remove_folder(folder: str) -> None:
    """Delete a folder of ``make_folder``."""
    shutil.rmtree(folder, ignore_errors=True)
    _folders.discard(folder)


@contextlib.contextmanager
def scratch_folder(prefix: str = "tabbook-") -> Iterator[Path]:
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


def _forget_in_child() -> None:
    """Leave the folders of the parent to it."""
    _folders.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)

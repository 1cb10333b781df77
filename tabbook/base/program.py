"""The command line as the user types it, for messages that advise a command."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from tabbook.base.engine import IN_CHECKOUT

VARIABLE = "TABBOOK_PROGRAM"
"""Environment variable in which build.sh passes the name it was called by."""

CONSOLE_SCRIPT = "tabbook"
"""The command that is installed with the package."""


def _name() -> str:
    if called := os.environ.get(VARIABLE):
        return called
    if not IN_CHECKOUT or Path(sys.argv[0]).name == CONSOLE_SCRIPT:
        return CONSOLE_SCRIPT
    return "./build.sh"


PROGRAM = _name()
"""The command that the user called: the script of a checkout, or the console script."""

CURRENT_FOLDER = "."

_folders = [CURRENT_FOLDER]
"""The folder of the book, as ``-C`` names it; the last one counts."""


@contextlib.contextmanager
def in_folder(folder: str) -> Iterator[None]:
    """Let advice name a book's folder as the user did with ``-C``."""
    _folders.append(folder)
    try:
        yield
    finally:
        _folders.pop()


def command_line(arguments: str = "") -> str:
    """Return a command line that does its work where the user is.

    :param arguments: the command and its arguments, such as ``run chapter/section``.
    """
    folder = _folders[-1]
    option = f" -C {shlex.quote(folder)}" if folder != CURRENT_FOLDER else ""
    return f"{PROGRAM}{option} {arguments}".rstrip()

"""Why a page could not be made, as a value that one process sends to another."""

from __future__ import annotations

import errno
import traceback
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from sphinx.errors import ExtensionError, SphinxError

from tabbook.base.errors import BookError
from tabbook.base.files import disk_error

DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG}
"""Errors of the disk, for which no page is to blame."""

SHOWN = 1000
"""Characters of an unexpected error that are shown; Python's can hold a whole book."""


@dataclass(frozen=True)
class PageFailure:
    """The error."""

    message: str
    traceback: str = ""
    """Empty if the message has the remedy."""
    of_disk: bool = False
    """Whether it has nothing to do with the page."""


class PageError(SphinxError):
    """A page could not be made."""

    def __init__(self, page: str, failure: PageFailure) -> None:
        """Name the page and the error."""
        super().__init__(failure.message)
        self.page = page
        self.failure = failure


def not_made(reason: str, traceback: str = "") -> PageFailure:
    """Return the failure of a page for a reason that the book does not give."""
    return PageFailure(f"error: cannot be made: {reason}", traceback)


def failure_of(error: BaseException) -> PageFailure:
    """Return an exception as a message for the user."""
    if isinstance(error, PageError):
        return error.failure
    if isinstance(error, ExtensionError) and error.orig_exc:
        # Its text holds the function that raised, with all that is bound to it.
        return failure_of(error.orig_exc)
    if isinstance(error, OSError) and error.errno in DISK:
        file = Path(str(error.filename or "the pages"))
        return PageFailure(str(disk_error(file, error)), of_disk=True)
    if isinstance(error, BookError):
        return PageFailure(str(error))
    text = f"{type(error).__name__}: {error}"
    if len(text) > SHOWN:
        text = f"{text[:SHOWN]}..."
    return not_made(text, "".join(traceback.format_exception(error)))


def page_of(error: BaseException, pages: Collection[str]) -> str:
    """Return the page that was being read or written; empty if it was none.

    Exceptions do not name it, but every function of Sphinx that works on a page calls
    its name ``docname``.
    """
    if isinstance(error, PageError):
        return error.page
    names = [
        frame.f_locals.get("docname")
        for frame, _ in traceback.walk_tb(error.__traceback__)
    ]
    return next((str(name) for name in reversed(names) if name in pages), "")

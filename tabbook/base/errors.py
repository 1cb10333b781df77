"""Problems of a book as values, errors of users, and suggestions in their messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


class BookError(Exception):
    """An error that the user can correct; printed without a traceback."""

    exit_code = 1


class UsageError(BookError):
    """A command line that names something that does not exist; exit status 2."""

    exit_code = 2


class NothingToExportError(BookError):
    """The book has nothing that belongs into one of its forms, such as slides."""


@dataclass(frozen=True, order=True)
class Problem:
    """A problem in one line of one file."""

    path: str
    """File, relative to the book's folder."""
    line: int
    """Line in the file, counted from 1; 0 for the file as a whole."""
    name: str
    """Name by which config.ini's ``silence`` hides it, such as ``unknown-tab``."""
    message: str
    """The finding and the remedy."""
    severity: str = "error"
    """``error`` fails the build, ``warning`` is only reported."""

    def __str__(self) -> str:
        """Return ``file:line: severity: message [name]``."""
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.severity}: {self.message} [{self.name}]"


def suggestion(
    word: str,
    names: Iterable[str],
    *,
    otherwise: str | None = None,
    likeness: float = 0.6,
) -> str:
    """Return an addition to a message: the name most like ``word``, or all names.

    :param otherwise: the addition if no name is like ``word``; None for all names.
    :param likeness: the least likeness of a name, from 0 to 1.
    """
    names = list(names)
    lowered = {name.lower(): name for name in reversed(names)}
    matches = difflib.get_close_matches(word.lower(), lowered, 1, likeness)
    if matches:
        return f"; did you mean {lowered[matches[0]]!r}?"
    return f"; there are: {', '.join(names)}" if otherwise is None else otherwise

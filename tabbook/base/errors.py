"""What goes wrong: the problems a book can have and the one error class."""

from __future__ import annotations

from dataclasses import dataclass


class BookError(Exception):
    """A mistake the user can mend; printed without a traceback, exit code 1."""

    exit_code = 1


class UsageError(BookError):
    """A command line that names what does not exist; exit code 2."""

    exit_code = 2


@dataclass(frozen=True, order=True)
class Problem:
    """One finding about one line of one file."""

    path: str
    """File, relative to the book's folder."""
    line: int
    """Line in the file, counted from 1; 0 for the file as a whole."""
    name: str
    """What config.ini's ``silence`` calls it, such as ``unknown-tab``."""
    message: str
    """What was found and what to do."""
    severity: str = "error"
    """``error`` fails the build, ``warning`` is only shown."""

    def __str__(self) -> str:
        """Return ``file:line: severity: message [name]``."""
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.severity}: {self.message} [{self.name}]"

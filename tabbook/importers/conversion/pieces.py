"""The values between the steps of an import: pieces of text and code, and losses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tabbook.base.errors import Problem

Origin = Callable[[int], int]
"""Returns the line of the imported file from a line of a text, counted from 0."""

LEFT_OUT = "left-out"
"""Name of the problem that something is not in the section."""

CHANGED = "changed-form"
"""Name of the problem that something is in the section in another form."""


@dataclass(frozen=True)
class Piece:
    """A block of text, or a cell."""

    text: str
    """In the dialect; the code of a cell."""
    line: int = 0
    """Line of the imported file it begins on."""
    runs: bool = False
    """Whether it is a cell."""
    tabs: tuple[str, ...] = ()
    """The frameworks it is for; empty for all that the document is for."""


@dataclass
class Losses:
    """The losses of a file, in the order of finding."""

    path: str
    """The file as the user named it."""
    problems: list[Problem] = field(default_factory=list)

    def left_out(self, line: int, what: str) -> None:
        """Record that something is not in the section."""
        self._add(line, LEFT_OUT, what)

    def changed(self, line: int, what: str) -> None:
        """Record that something is in the section in another form."""
        self._add(line, CHANGED, what)

    def _add(self, line: int, name: str, what: str) -> None:
        problem = Problem(self.path, line, name, what, "warning")
        if problem not in self.problems:
            self.problems.append(problem)

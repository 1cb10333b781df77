"""The result of a check, before its file and its severity are added."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import NamedTuple


class Finding(NamedTuple):
    """One problem of the file that is checked."""

    line: int
    """Line in the file, counted from 1; 0 for the file as a whole."""
    name: str
    """Name of the problem, a key of ``PROBLEMS``."""
    message: str
    """What was found, and what to do."""


def suggestion(word: str, names: Iterable[str], *, otherwise: str = "") -> str:
    """Return an addition to a message: the name most like ``word``, or all names.

    :param otherwise: the addition if no name is like ``word``.
    """
    names = list(names)
    lowered = {name.lower(): name for name in reversed(names)}
    matches = difflib.get_close_matches(word.lower(), lowered, n=1)
    if matches:
        return f"; did you mean {lowered[matches[0]]!r}?"
    return otherwise or f"; there are: {', '.join(names)}"

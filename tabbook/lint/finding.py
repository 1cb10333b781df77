"""The result of a check, before its file and its severity are added."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """One problem of the file that is checked."""

    line: int
    """Line in the file, counted from 1; 0 for the file as a whole."""
    name: str
    """Name of the problem, a key of ``PROBLEMS``."""
    message: str
    """The finding and the remedy."""

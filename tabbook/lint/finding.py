"""What every check yields, and the hint that many of them give."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

Found = tuple[int, str, str]
"""Line of the file (0 for all of it), name and message of a problem."""


def near(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """Return a hint at the known word that is nearest, or at all of them."""
    names = list(known)
    found = difflib.get_close_matches(word.lower(), names, n=1)
    if found:
        return f"; did you mean {found[0]!r}?"
    return otherwise or f"; there are: {', '.join(names)}"

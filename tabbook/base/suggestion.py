"""Suggest the name that somebody may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


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

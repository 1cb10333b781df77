"""Read which exception a cell is meant to raise: ``# raises: ValueError``.

The mark is a comment, so that the code is the same for d2lbook and for readers. It
stands among the comments that a cell begins with.
"""

from __future__ import annotations

import re

MARK = re.compile(r"#\s*raises:\s*(?P<type>[A-Za-z_][\w.]*)\s*")
"""A line that is a mark."""

LIKE_MARK = re.compile(r"\s*#\s*raises\s*:", re.IGNORECASE)
"""A line that is meant to be one."""


def expected_error(code: str) -> str:
    """Return the name of the exception's class; empty if the cell is not to raise.

    :param code: the code of a cell, without tab lines.
    """
    for line in _first_comments(code):
        if match := MARK.fullmatch(line.rstrip()):
            return match["type"].rpartition(".")[2]
    return ""


def unread_mark(code: str) -> int | None:
    """Return the position of a line that looks like a mark and is none, if any."""
    read = len(_first_comments(code))
    for at, line in enumerate(code.split("\n")):
        is_mark = at < read and MARK.fullmatch(line.rstrip())
        if LIKE_MARK.match(line) and not is_mark:
            return at
    return None


def _first_comments(code: str) -> list[str]:
    """Return the lines that a cell begins with: comments, cell magics, blank lines."""
    lines = code.split("\n")
    for at, line in enumerate(lines):
        if line.strip() and not line.startswith(("#", "%%")):
            return lines[:at]
    return lines

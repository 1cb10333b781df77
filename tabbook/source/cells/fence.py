"""Write fences: longer than those within them."""

from __future__ import annotations

import re

CELL = "{.python .input}"
"""Info string of a cell that runs."""

RUN = re.compile(r"^[ \t]*(?P<mark>[`:]{3,})", re.MULTILINE)


def fenced(text: str, info: str = "") -> str:
    """Return a text in a fence that no line of it ends."""
    runs = (len(match["mark"]) + 1 for match in RUN.finditer(text))
    mark = "`" * max([3, *runs])
    return f"{mark}{info}\n{text}\n{mark}"

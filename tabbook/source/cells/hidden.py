"""Read which cells pages hide, by the marks of d2lbook, and which they fold, by ours.

Pages, PDF and EPUB leave out what is hidden; notebooks keep it, since it has to run.
What
is folded is closed on pages only; d2lbook takes the marks for comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

MARK_LINE = re.compile(
    r"^[ \t]*#(?:@hide(?:_all|_code|_output)?|[ ]hide[ ](?:code|outputs)"
    r"|@fold(?P<folds>_code|_output)?)[ \t]*(?:\n|\Z)",
    re.IGNORECASE | re.MULTILINE,
)
"""A line with nothing but a mark, which pages do not show."""


@dataclass(frozen=True)
class ShownParts:
    """The visible parts of a cell."""

    code: str
    """The code without lines that are marks; empty if it is hidden."""
    outputs: bool
    """Whether the outputs are shown."""
    folds: frozenset[str] = frozenset()
    """Folded parts: ``code``, ``output`` or both."""


def shown_parts(sources: Iterable[str]) -> list[ShownParts]:
    """Return the visible parts of each cell of a notebook, in order.

    The rules are those of d2lbook's ``rst._process_nb``: marks are found anywhere in a
    cell, in capitals too, and ``#@hide_all`` counts from its cell on.
    """
    parts = []
    hides_all = False
    for source in sources:
        text = source.lower()
        hides_all = hides_all or "#@hide_all" in text
        hides = "#@hide" in text
        only_code, only_outputs = "#@hide_code" in text, "#@hide_output" in text
        outputs_hidden = (
            hides_all
            or "# hide outputs" in text
            or (hides and not only_code)
            or only_outputs
        )
        code_hidden = (
            hides_all
            or "# hide code" in text
            or (hides and not only_outputs)
            or only_code
        )
        code = "" if code_hidden else MARK_LINE.sub("", source)
        parts.append(ShownParts(code.strip("\n"), not outputs_hidden, _folded(source)))
    return parts


def _folded(source: str) -> frozenset[str]:
    """Return the parts that marks on lines of their own fold: ``code``, ``output``."""
    marks = {
        match["folds"] or "_code_output"
        for match in MARK_LINE.finditer(source)
        if "@fold" in match[0].lower()
    }
    return frozenset("".join(marks).lower().split("_")[1:])

"""Read which cells pages hide, by the marks of d2lbook.

Pages, PDF and EPUB leave out what is hidden; notebooks keep it, since it has to run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

MARK_LINE = re.compile(
    r"^[ \t]*#(?:@hide(?:_all|_code|_output)?|[ ]hide[ ](?:code|outputs))[ \t]*"
    r"(?:\n|\Z)",
    re.IGNORECASE | re.MULTILINE,
)
"""A line with nothing but a mark, which pages do not show."""


@dataclass(frozen=True)
class ShownParts:
    """What a page shows of a cell."""

    code: str
    """The code without lines that are marks; empty if it is hidden."""
    outputs: bool
    """Whether the outputs are shown."""


def shown_parts(sources: Iterable[str]) -> list[ShownParts]:
    """Return what is shown of each cell of a notebook, in order.

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
        parts.append(ShownParts(code.strip("\n"), not outputs_hidden))
    return parts

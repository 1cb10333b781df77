"""Let lines break beside code, formulas and links in text that has no spaces.

XeTeX finds the breaks of such a text inside of a run of one font; where a run ends,
it finds none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from tabbook.sphinxext.transforms.lines import NEVER_FIRST, NEVER_LAST

BREAK = r"\hskip\XeTeXlinebreakskip\relax{}"
"""A place for a break that may stretch as those inside of a run do."""

PARENTS = (nodes.paragraph, nodes.strong, nodes.emphasis)
PARTS = (
    nodes.Text,
    nodes.literal,
    nodes.math,
    nodes.inline,
    nodes.reference,
    nodes.strong,
    nodes.emphasis,
)


class Breaks(SphinxPostTransform):
    """Add the breaks between the parts of a paragraph that XeTeX does not find."""

    default_priority = 910
    formats = ("latex",)

    def run(self, **kwargs: object) -> None:
        """Add them in each paragraph."""
        for parent in list(self.document.findall(nodes.TextElement)):
            if isinstance(parent, PARENTS):
                parent[:] = list(_with_breaks(parent.children))


def _with_breaks(parts: list[nodes.Node]) -> Iterator[nodes.Node]:
    """Yield the parts of a paragraph, with the breaks between them."""
    yield from parts[:1]
    for left, right in pairwise(parts):
        if may_break(_edges(left)[-1:], _edges(right)[:1]):
            yield nodes.raw("", BREAK, format="latex")
        yield right


def may_break(left: str, right: str) -> bool:
    """Return whether a line may end between two characters, one of them East Asian."""
    if not left or not right or left in NEVER_LAST or right in NEVER_FIRST:
        return False
    return any(unicodedata.east_asian_width(char) in "WF" for char in (left, right))


def _edges(part: nodes.Node) -> str:
    """Return a part as text, for its first and last letter; none for other parts."""
    if isinstance(part, nodes.math):
        return "x"
    return part.astext() if isinstance(part, PARTS) else ""

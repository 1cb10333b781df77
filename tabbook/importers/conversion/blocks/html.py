"""Convert blocks of HTML: pictures, boxes, places that links lead to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tabbook.importers.conversion import inline
from tabbook.importers.conversion.escapes import without_slide_marks
from tabbook.importers.conversion.rendering import quoted

if TYPE_CHECKING:
    from tabbook.importers.conversion.blocks.blocks import Blocks

PLACES = re.compile(
    r"(?:<(?P<tag>a|div|span)\s+(?:id|name)\s*=\s*[\"'](?P<name>[^\"']+)[\"']\s*"
    r"(?:/>|>\s*</(?P=tag)>)\s*)+",
    re.IGNORECASE,
)
NAME = re.compile(r"(?:id|name)\s*=\s*[\"']([^\"']+)[\"']", re.IGNORECASE)

BOX = re.compile(
    r"<div\s+class\s*=\s*[\"'][^\"']*\balert\b[^\"']*[\"'][^>]*>(?P<text>.*?)</div>\s*",
    re.IGNORECASE | re.DOTALL,
)
"""A box of notebooks, as Jupyter colours it."""

ACTIVE = re.compile(r"<(?P<tag>script|style|iframe|object|embed|form)\b", re.IGNORECASE)


def convert(blocks: Blocks, text: str, line: int) -> str:
    """Return a block of HTML in the dialect."""
    if PLACES.fullmatch(text):
        for name in NAME.findall(text):
            blocks.take_label(name)
        return ""
    if match := ACTIVE.search(text):
        what = (
            f"the tag <{match['tag'].lower()}> is kept; pages and PDF may leave it out"
        )
        blocks.context.losses.changed(line, what)
    if match := BOX.fullmatch(text):
        inside = re.sub(r"\n[ \t]*(?=\n)", "", match["text"]).strip()
        inside = re.sub(r"\n[ \t]+", "\n", inside)
        pieces = blocks.nested(inside, lambda at: line + at)
        return "\n\n".join(piece.text for piece in quoted(pieces))
    return without_slide_marks(inline.html(blocks.context, text, line))

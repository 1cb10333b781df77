"""Join the lines of a paragraph where a browser would show a break as a space.

Japanese has no spaces between words, so a line break in the source must not show.
"""

from __future__ import annotations

import unicodedata

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

NEVER_FIRST = frozenset(
    ",.;:!?)]}%、。，．；：！？）］｝」』】〉》〕”’…‥・ー～〜々ゝゞヽヾ"
    "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
)
NEVER_LAST = frozenset("([{（［｛「『【〈《〔“‘")
"""Characters that start no line, and that end none."""


class JoinLines(SphinxTransform):
    """Remove line breaks next to a full-width character."""

    default_priority = 865

    def apply(self, **kwargs: object) -> None:
        """Join the lines of every paragraph, heading and caption."""
        for block in self.document.findall(nodes.TextElement):
            if isinstance(block.parent, nodes.TextElement):
                continue  # inline: joined with the block that contains it
            if not isinstance(block, nodes.FixedTextElement | nodes.math_block):
                _join(block)


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(JoinLines)


def _join(block: nodes.TextElement) -> None:
    whole = block.astext()
    if "\n" not in whole:
        return
    texts = list(block.findall(nodes.Text))
    whole = "".join(texts)
    at = 0
    for text in texts:
        joined = "".join(
            letter
            for index, letter in enumerate(text, at)
            if letter != "\n" or not _next_to_wide(whole, index)
        )
        at += len(text)
        if joined != text and not isinstance(text.parent, nodes.literal | nodes.math):
            text.parent.replace(text, nodes.Text(joined))


def _next_to_wide(whole: str, at: int) -> bool:
    """Return whether a character has a full-width neighbour."""
    neighbours = whole[max(at - 1, 0) : at] + whole[at + 1 : at + 2]
    return any(unicodedata.east_asian_width(letter) in "WF" for letter in neighbours)

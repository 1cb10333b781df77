"""Where tokens are in the text that they were parsed from."""

from __future__ import annotations

import bisect

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

PLACE = "place"
"""Key of ``meta``: begin and end in the text, counted in characters."""


def plugin(md: MarkdownIt) -> None:
    """Add the rule to a parser, right behind that of inline tokens."""
    md.core.ruler.after("inline", "places", record_places)


def record_places(state: StateCore) -> None:
    """Record the place of each inline token in the text, where it can be found."""
    lines = Lines(state.src)
    for token in state.tokens:
        if token.type == "inline" and token.children:
            offsets = _offsets(lines, token)
            _record(token.children, offsets, 0)


class Lines:
    """The lines of a text with their positions."""

    def __init__(self, text: str) -> None:
        """Find the lines of a text."""
        self.texts = text.split("\n")
        self.starts = [0]
        for line in self.texts:
            self.starts.append(self.starts[-1] + len(line) + 1)

    def at(self, offset: int) -> int:
        """Return the line of a position, counted from 0."""
        return bisect.bisect_right(self.starts, offset) - 1

    def place(self, first: int, last: int) -> tuple[int, int]:
        """Return begin and end of whole lines, without the final line break."""
        return self.starts[first], max(self.starts[last] - 1, self.starts[first])

    def of(self, token: Token) -> tuple[int, int]:
        """Return begin and end of a block's lines, without the final line break."""
        first, last = token.map or (0, 0)
        return self.place(first, last)


def _record(children: list[Token], offsets: list[int], base: int) -> None:
    for child in children:
        span = child.meta.get("span")
        if not span:
            continue
        begin, last = base + span[0], base + span[1] - 1
        if last < len(offsets) and offsets[begin] >= 0 and offsets[last] >= 0:
            child.meta[PLACE] = (offsets[begin], offsets[last] + 1)
        if child.type == "image" and child.children:
            _record(child.children, offsets, begin + len("!["))


def _offsets(lines: Lines, parent: Token) -> list[int]:
    """Return the position of each character of an inline token; -1 if not found.

    Markdown-it joins the lines of a paragraph without their indentation and the marks
    of quotations, so each line of the content is the end of a line of the text.
    """
    if "offset" in parent.meta:
        start = parent.meta["offset"]
        return list(range(start, start + len(parent.content)))
    first = parent.map[0] if parent.map else 0
    offsets: list[int] = []
    for number, piece in enumerate(parent.content.split("\n"), first):
        text = lines.texts[number] if number < len(lines.texts) else ""
        column = text.rfind(piece)
        begin = lines.starts[number] + column if column >= 0 else 0
        step = 1 if column >= 0 else 0
        offsets += [
            begin + step * index if step else -1 for index in range(len(piece) + 1)
        ]
    return offsets[:-1]

"""The prose of a section: the text of each Markdown cell with its tokens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from markdown_it.token import Token
from nbformat import NotebookNode

from tabbook.source.cells.dialect import ALL
from tabbook.source.cells.expressions import TAB_MARK
from tabbook.source.cells.slide_marks import plain
from tabbook.source.markdown import parse
from tabbook.source.markdown.places import PLACE, Lines


@dataclass(frozen=True)
class Prose:
    """The text of one Markdown cell, which every consumer reads as tokens."""

    cell: int
    """Position among the cells of the section."""
    line: int
    """Line of the source that the text begins on."""
    tabs: tuple[str, ...]
    """The frameworks whose text it is; empty for shared text."""
    text: str
    """Without slide marks and tab marks; line by line as in the source."""
    tokens: list[Token]
    """Lines in them count from 0 at the beginning of the text."""
    last: int
    """Last line of the source."""

    @cached_property
    def lines(self) -> Lines:
        """Return the lines of the text."""
        return Lines(self.text)

    def line_of(self, token: Token) -> int:
        """Return the line of the source that a token begins on."""
        if PLACE in token.meta:
            line = self.lines.at(token.meta[PLACE][0])
        else:
            line = token.map[0] if token.map else 0
        # d2lbook's reader also ends lines at characters that end none in an editor.
        return min(self.line + line, self.last)


def prose(cells: Iterable[NotebookNode], last: int) -> Iterator[Prose]:
    """Yield the prose of a section's cells.

    :param last: the last line of the source.
    """
    texts = [
        (position, cell, plain(_without_tab_marks(cell.source)))
        for position, cell in enumerate(cells)
        if cell.cell_type == "markdown"
    ]
    parsed = parse(text for _, _, text in texts)
    for (position, cell, text), tokens in zip(texts, parsed, strict=True):
        names = tuple(cell.metadata.get("tab", ()))
        tabs = () if ALL in names else names
        yield Prose(position, cell.metadata.line, tabs, text, tokens, last)


def _without_tab_marks(text: str) -> str:
    """Return a text with the lines of tab marks left blank."""
    if ":begin_tab:" not in text and ":end_tab:" not in text:
        return text
    lines = text.split("\n")
    return "\n".join("" if TAB_MARK.match(line) else line for line in lines)

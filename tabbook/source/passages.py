"""The prose of a source as passages that a reader reads in one go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from tabbook.source.markdown.tokens import INVISIBLE
from tabbook.source.prose import Prose
from tabbook.source.section import Section

LEFT_OUT = "\ue001"
"""Replaces each character of code, formulas and references in readable text."""

CONTAINERS = {
    "list_item_open": "item",
    "dd_open": "item",
    "dt_open": "item",
    "blockquote_open": "quotation",
    "footnote_reference_open": "footnote",
    "heading_open": "heading",
    "th_open": "cell",
    "td_open": "cell",
    "table_caption_open": "caption",
    "paragraph_open": "paragraph",
}
"""The kind of the text within a token; of several, the outermost but a list decides."""


@dataclass(frozen=True)
class Passage:
    """A heading, a paragraph, an item of a list, a cell of a table or a caption."""

    line: int
    """Line of the source it begins on."""
    kind: str
    """A value of ``CONTAINERS``."""
    text: str
    """What readers read, line by line as in the source, without markup."""
    tokens: tuple[Token, ...]
    """Its inline tokens."""

    @property
    def lines(self) -> list[str]:
        """Return the lines of the text."""
        return [line.strip() for line in self.text.split("\n")]


def passages(section: Section) -> Iterator[Passage]:
    """Yield the passages of a source in order."""
    for prose in section.prose:
        yield from _passages(prose)


def _passages(prose: Prose) -> Iterator[Passage]:
    containers: list[str] = []
    for token in prose.tokens:
        if token.type == "figure":
            yield _passage(prose, token, "caption")
        elif token.type == "inline":
            yield _passage(prose, token, _kind(containers))
        elif token.nesting == 1:
            containers.append(token.type)
        elif token.nesting == -1:
            containers.pop()


def _kind(containers: Sequence[str]) -> str:
    kinds = [CONTAINERS[name] for name in containers if name in CONTAINERS]
    return kinds[0] if kinds else "paragraph"


def _passage(prose: Prose, token: Token, kind: str) -> Passage:
    children = tuple(token.children or ())
    return Passage(prose.line_of(token), kind, _readable(children), children)


def _readable(tokens: Iterable[Token]) -> str:
    """Return what readers read of inline tokens.

    Code and formulas are replaced by as many characters, to keep sentences' length.
    """
    parts = []
    for token in tokens:
        if token.type in ("text", "text_special"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif token.type == "image":
            parts.append(_readable(token.children or ()))
        elif token.type in ("reference", "citation", "footnote_ref"):
            parts.append(LEFT_OUT)
        elif token.type not in INVISIBLE:
            parts.append(LEFT_OUT * len(token.content))
    return "".join(parts)

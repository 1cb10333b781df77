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
    """The visible text, line by line as in the source, without markup."""
    tokens: tuple[Token, ...]
    """Its inline tokens."""

    @property
    def shown(self) -> str:
        """Return the text with code and formulas, at the same places."""
        return _readable(self.tokens, shows_code=True)

    @property
    def code(self) -> Iterator[tuple[int, str]]:
        """Yield the pieces of code with their places in the text."""
        place = 0
        for token in self.tokens:
            if token.type == "code_inline":
                yield place, token.content
            place += len(_readable([token]))

    @property
    def lines(self) -> list[str]:
        """Return the lines of the text."""
        return [line.strip() for line in self.text.split("\n")]


def passages(section: Section) -> Iterator[Passage]:
    """Yield the passages of a source in order."""
    for prose in section.prose:
        yield from passages_of(prose)


def passages_of(prose: Prose) -> Iterator[Passage]:
    """Yield the passages of one Markdown cell in order."""
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


def shown_text(tokens: Iterable[Token]) -> str:
    """Return the visible text of the blocks of a text, as ``Passage.shown``."""
    return "\n".join(
        _readable(token.children or (), shows_code=True)
        for token in tokens
        if token.type == "inline"
    )


def _readable(tokens: Iterable[Token], *, shows_code: bool = False) -> str:
    """Return the visible text of inline tokens.

    :param shows_code: show code and formulas; else they are replaced by as many
        characters, to keep sentences' length.
    """
    parts = []
    for token in tokens:
        if token.type in ("text", "text_special"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif token.type == "image":
            parts.append(_readable(token.children or (), shows_code=shows_code))
        elif token.type in ("reference", "citation", "footnote_ref"):
            parts.append(LEFT_OUT)
        elif token.type not in INVISIBLE:
            content = token.content if shows_code else LEFT_OUT * len(token.content)
            parts.append(content)
    return "".join(parts)

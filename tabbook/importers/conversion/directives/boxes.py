"""Admonitions and other boxes become quotations below their titles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tabbook.base.translations import texts
from tabbook.importers.conversion.options import Directive
from tabbook.importers.conversion.pieces import Origin, Piece
from tabbook.importers.conversion.rendering import quoted

if TYPE_CHECKING:
    from tabbook.importers.conversion.blocks.blocks import Blocks


ARGUMENT_IS_TITLE = frozenset(
    {"admonition", "dropdown", "exercise", "solution", "topic", "proof"}
    | {"theorem", "lemma", "definition", "example", "corollary", "remark"}
    | {"algorithm", "property", "observation", "proposition", "assumption"}
)
"""Boxes whose argument is a title; that of others is the beginning of the text."""

OPENED = frozenset({"card", "sidebar", "grid-item-card"})
"""Directives that arrange a text below a title of its own."""


def admonition(blocks: Blocks, directive: Directive) -> Iterator[Piece]:
    """Yield an admonition as a quotation below its title."""
    kind = directive.name.rpartition(":")[2].lower()
    title = name_of(blocks, kind)
    body, origin = directive.body, directive.origin
    if directive.argument and kind in ("admonition", "dropdown"):
        title = blocks.line(directive.argument, directive.line)
    elif directive.argument and kind in ARGUMENT_IS_TITLE:
        title = f"{title}: {blocks.line(directive.argument, directive.line)}"
    elif directive.argument:
        body, origin = f"{directive.argument}\n{body}", from_line(directive.line)
    if directive.name == "dropdown" or "dropdown" in directive.option("class"):
        what = "what readers open is a quotation that is always open"
        blocks.context.losses.changed(directive.line, what)
    blocks.take_label(directive.option("name", "label"))
    yield from quoted(blocks.convert(body, origin), title)


def name_of(blocks: Blocks, kind: str) -> str:
    """Return the title of a kind of boxes in the book's language."""
    titles = texts(blocks.context.known.language, "admonitions")
    return titles.get(kind, kind.capitalize())


def gate(blocks: Blocks, directive: Directive) -> Iterator[Piece]:
    """Yield the title of an exercise or a solution that another directive ends."""
    kind, _, end = directive.name.rpartition("-")
    blocks.take_label(directive.option("name", "label"))
    if end == "start":
        title = name_of(blocks, kind)
        own = directive.argument if kind == "exercise" else ""
        shown = f"{title}: {blocks.line(own, directive.line)}" if own else title
        yield Piece(f"**{shown}**", directive.line)


def from_line(line: int) -> Origin:
    """Return the origin of a text that begins on a line."""
    return lambda at: line + at


def unwrapped(blocks: Blocks, directive: Directive) -> Iterator[Piece]:
    """Yield the content of a directive that only arranges it."""
    blocks.take_label(directive.option("name", "label"))
    if directive.argument and directive.name in OPENED:
        yield Piece(
            f"**{blocks.line(directive.argument, directive.line)}**", directive.line
        )
    if directive.name not in ("div", "block"):
        what = f"the directive {{{directive.name}}} is left out; what it holds is kept"
        blocks.context.losses.changed(directive.line, what)
    yield from blocks.convert(directive.body, directive.origin)

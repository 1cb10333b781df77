"""Tabs: those of frameworks stay tabs, others become text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tabbook.importers.conversion.options import Directive
from tabbook.importers.conversion.pieces import Origin, Piece

if TYPE_CHECKING:
    from tabbook.importers.conversion.blocks.blocks import Blocks

HEADING = re.compile(r"^(?P<level>#{1,6})\s+(?P<text>.*)$")


def tab_set(blocks: Blocks, directive: Directive) -> Iterator[Piece]:
    """Yield the tabs of a set, one below the other."""
    yield from blocks.convert(directive.body, directive.origin)


def tab_item(blocks: Blocks, directive: Directive) -> Iterator[Piece]:
    """Yield a tab: a framework's where its title names one, or else its text."""
    yield from tab(
        blocks, directive.argument, blocks.nested(directive.body, directive.origin)
    )


def tab(blocks: Blocks, title: str, pieces: list[Piece]) -> Iterator[Piece]:
    """Yield the pieces of a tab."""
    name = blocks.context.known.frameworks.get(title.strip().lower())
    if name is None:
        line = pieces[0].line if pieces else 0
        what = f"the tab {title!r} names no framework; it stands below the others"
        blocks.context.losses.changed(line, what)
        yield Piece(f"**{title}**", line)
        yield from pieces
        return
    for piece in pieces:
        yield Piece(piece.text, piece.line, piece.runs, (name,))


def panel_tabset(blocks: Blocks, content: str, inner: Origin) -> Iterator[Piece]:
    """Yield the tabs of Quarto, each below a heading."""
    lines = content.split("\n")
    level = next(
        (match["level"] for line in lines if (match := HEADING.match(line))), ""
    )
    begins = [
        at
        for at, line in enumerate(lines)
        if (match := HEADING.match(line)) and match["level"] == level
    ]
    for begin, end in zip(begins, [*begins[1:], len(lines)], strict=True):
        text = "\n".join(lines[begin + 1 : end])
        title = HEADING.sub(r"\g<text>", lines[begin])

        def origin(at: int, first: int = begin + 1) -> int:
            """Return the line of the file for a line of this tab."""
            return inner(at + first)

        yield from tab(blocks, title, blocks.nested(text, origin))

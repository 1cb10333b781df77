"""Figures and displayed formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tabbook.importers.conversion.blocks import figures
from tabbook.importers.conversion.directives import boxes
from tabbook.importers.conversion.options import Directive
from tabbook.importers.conversion.pieces import Piece

if TYPE_CHECKING:
    from tabbook.importers.conversion.blocks.blocks import Blocks


def figure(blocks: Blocks, directive: Directive) -> Iterator[Piece]:
    """Yield a figure with its caption, and its legend below it."""
    if not directive.argument or directive.argument.startswith("#"):
        yield from boxes.unwrapped(blocks, directive)
        return
    parts = [
        p for p in blocks.nested(directive.body, directive.origin) if p.text.strip()
    ]
    captions = parts[:1] if parts and not parts[0].runs else []
    caption = " ".join(piece.text.replace("\n", " ") for piece in captions)
    if not caption:
        caption = directive.option("alt")
    elif directive.option("alt"):
        what = "the alternative text of a figure is its caption in the dialect"
        blocks.context.losses.changed(directive.line, what)
    shown = figures.figure(
        blocks, directive.argument, caption, directive.options, directive.line
    )
    yield Piece(shown, directive.line)
    yield from parts[len(captions) :]


def math(blocks: Blocks, directive: Directive) -> Iterator[Piece]:
    """Yield displayed formulas; a blank line ends one."""
    names, blocks.waiting = blocks.waiting, []
    names += list(filter(None, [directive.option("label", "name")]))
    formulas = re.split(
        r"\n[ \t]*\n", f"{directive.argument}\n{directive.body}".strip()
    )
    for tex in formulas:
        yield Piece(blocks.displayed(tex, names), directive.line)
        names = []

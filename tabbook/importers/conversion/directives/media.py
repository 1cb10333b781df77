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
    from tabbook.importers.conversion.blocks import Blocks


def figure(blocks: Blocks, found: Directive) -> Iterator[Piece]:
    """Yield a figure with its caption, and its legend below it."""
    if not found.argument or found.argument.startswith("#"):
        yield from boxes.unwrapped(blocks, found)
        return
    parts = [p for p in blocks.nested(found.body, found.origin) if p.text.strip()]
    captions = parts[:1] if parts and not parts[0].runs else []
    caption = " ".join(piece.text.replace("\n", " ") for piece in captions)
    if not caption:
        caption = found.option("alt")
    elif found.option("alt"):
        what = "the alternative text of a figure is its caption in the dialect"
        blocks.context.losses.changed(found.line, what)
    shown = figures.figure(blocks, found.argument, caption, found.options, found.line)
    yield Piece(shown, found.line)
    yield from parts[len(captions) :]


def math(blocks: Blocks, found: Directive) -> Iterator[Piece]:
    """Yield displayed formulas; a blank line ends one."""
    names, blocks.waiting = blocks.waiting, []
    names += list(filter(None, [found.option("label", "name")]))
    formulas = re.split(r"\n[ \t]*\n", f"{found.argument}\n{found.body}".strip())
    for tex in formulas:
        yield Piece(blocks.displayed(tex, names), found.line)
        names = []

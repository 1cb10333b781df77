"""Tables as lists, with commas, and in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tabbook.importers.conversion.options import Directive
from tabbook.importers.conversion.pieces import Piece
from tabbook.importers.conversion.rendering import table

if TYPE_CHECKING:
    from tabbook.importers.conversion.blocks.blocks import Blocks

ROW = re.compile(r"^[-*]\s+", re.MULTILINE)


def list_table(blocks: Blocks, directive: Directive) -> Iterator[Piece]:
    """Yield a table whose rows are lists."""
    rows = []
    for row in ROW.split(directive.body)[1:]:
        cells = re.split(r"^\s*[-*](?:\s+|$)", f"  {row}", flags=re.MULTILINE)
        rows.append([blocks.line(cell.strip(), directive.line) for cell in cells[1:]])
    yield from _captioned(blocks, directive, rows)


def csv_table(blocks: Blocks, directive: Directive) -> Iterator[Piece]:
    """Yield a table whose cells have commas between them."""
    import csv

    lines = [directive.option("header"), *directive.body.split("\n")]
    read = csv.reader([line for line in lines if line.strip()], skipinitialspace=True)
    rows = [[blocks.line(cell, directive.line) for cell in row] for row in read]
    yield from _captioned(blocks, directive, rows)


def _captioned(
    blocks: Blocks, directive: Directive, rows: list[list[str]]
) -> Iterator[Piece]:
    names, blocks.waiting = blocks.waiting, []
    if not rows:
        return
    if name := directive.option("name", "label"):
        names.append(name)
    shown = table(rows)
    if directive.argument:
        shown = f":{blocks.line(directive.argument, directive.line)}\n\n{shown}"
    safe = (f"\n:label:`{blocks.label(name)}`" for name in names)
    yield Piece(shown + "".join(safe), directive.line)


def markdown_table(blocks: Blocks, directive: Directive) -> Iterator[Piece]:
    """Yield a table of Markdown with its caption."""
    if name := directive.option("name", "label"):
        blocks.take_label(name)
    caption = (
        blocks.line(directive.argument, directive.line) if directive.argument else ""
    )
    for number, piece in enumerate(blocks.convert(directive.body, directive.origin)):
        text = piece.text
        if caption and not number and text.startswith("|"):
            text = f":{caption}\n\n{text}"
        yield Piece(text, piece.line, piece.runs)

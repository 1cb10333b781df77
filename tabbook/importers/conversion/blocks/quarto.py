"""Convert cells of Quarto, whose options stand in comments at their top."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tabbook.importers.conversion.cells import marked, option_marks
from tabbook.importers.conversion.options import cell_options
from tabbook.importers.conversion.pieces import Piece
from tabbook.importers.conversion.rendering import shown_code

if TYPE_CHECKING:
    from tabbook.importers.conversion.blocks.blocks import Blocks

CAPTIONS = ("fig-cap", "tbl-cap")


def quarto_cell(
    blocks: Blocks, language: str, content: str, line: int
) -> Iterator[Piece]:
    """Yield a cell, and its caption below it."""
    options, code = cell_options(content)
    losses = blocks.context.losses
    shown = options.get("eval") is False
    if language != "python" and not shown:
        what = f"a cell of {language} is shown and does not run"
        losses.changed(line, what)
    if language != "python" or shown:
        yield shown_code(code, language, line)
    elif code.strip():
        marks = list(option_marks(options, code, losses, line))
        yield Piece(marked(code, marks, losses, line), line, runs=True)
    yield from output_caption(blocks, options, line)


def output_caption(
    blocks: Blocks, options: dict[str, Any], line: int
) -> Iterator[Piece]:
    """Yield the caption of a cell's output as a paragraph, with the cell's label."""
    text = next((str(options[key]) for key in CAPTIONS if options.get(key)), "")
    label = str(options.get("label") or "")
    if not text:
        if label:
            blocks.take_label(label)
        return
    what = "the caption of an output became a paragraph below the cell, without number"
    blocks.context.losses.changed(line, what)
    if label:
        blocks.take_label(label)
    yield from blocks.convert(f"*{text.strip()}*", lambda at: line)

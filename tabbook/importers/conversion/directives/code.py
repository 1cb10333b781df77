"""Cells, code that is shown, and files that are included."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tabbook.base.errors import BookError
from tabbook.base.files import read_text
from tabbook.importers.conversion.blocks.quarto import output_caption
from tabbook.importers.conversion.cells import marked, tag_marks
from tabbook.importers.conversion.options import Directive, front_matter, tags
from tabbook.importers.conversion.pieces import Piece
from tabbook.importers.conversion.rendering import shown_code

if TYPE_CHECKING:
    from tabbook.importers.conversion.blocks import Blocks

PYTHON = re.compile(r"(?:i?python3?|py|)$", re.IGNORECASE)


def code_cell(blocks: Blocks, found: Directive) -> Iterator[Piece]:
    """Yield a cell that runs, with marks for its tags."""
    losses = blocks.context.losses
    code = found.body.strip("\n")
    language = found.argument.split()[0] if found.argument else "python"
    if not PYTHON.match(language) or blocks.context.language != "python":
        losses.changed(found.line, f"a cell of {language} is shown and does not run")
        yield shown_code(code, language, found.line)
        return
    if not code.strip():
        return
    marks = list(tag_marks(tags(found.option("tags")), code, losses, found.line))
    for key in [*found.options, *found.nested]:
        if key not in ("tags", "name", "label", "mystnb", "linenos", "lineno-start"):
            losses.left_out(found.line, f"the option {key!r} of the cell is left out")
    yield Piece(marked(code, marks, losses, found.line), found.line, runs=True)
    figure = found.nested.get("mystnb", {}).get("figure")
    if isinstance(figure, dict):
        options = {"fig-cap": figure.get("caption"), "label": figure.get("name")}
        yield from output_caption(blocks, options, found.line)
    blocks.take_label(found.option("name", "label"))


def code_block(blocks: Blocks, found: Directive) -> Iterator[Piece]:
    """Yield code that is shown, and its caption below it."""
    language = found.argument.split()[0] if found.argument else ""
    yield shown_code(found.body, language, found.line)
    if caption := found.option("caption"):
        yield Piece(f"*{blocks.line(caption, found.line)}*", found.line)
    blocks.take_label(found.option("name", "label"))


def included(blocks: Blocks, found: Directive) -> Iterator[Piece]:
    """Yield the text of another file."""
    file = blocks.context.source.parent / found.argument
    try:
        text = read_text(file)
    except (OSError, BookError):
        what = f"the file {found.argument!r} cannot be read, and is left out"
        blocks.context.losses.left_out(found.line, what)
        return
    if found.name == "literalinclude" or found.option("literal"):
        lines = text.split("\n")
        language = found.option("language", "lang") or Path(found.argument).suffix[1:]
        language = "python" if language == "py" else language
        yield shown_code("\n".join(lines), language, found.line)
    else:
        height = front_matter(text)[2]
        body = "\n".join(text.split("\n")[height:])
        yield from blocks.nested(body, lambda at: found.line)

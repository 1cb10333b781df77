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
    from tabbook.importers.conversion.blocks.blocks import Blocks

PYTHON = re.compile(r"(?:i?python3?|py|)$", re.IGNORECASE)


def code_cell(blocks: Blocks, directive: Directive) -> Iterator[Piece]:
    """Yield a cell that runs, with marks for its tags."""
    losses = blocks.context.losses
    code = directive.body.strip("\n")
    language = directive.argument.split()[0] if directive.argument else "python"
    if not PYTHON.match(language) or blocks.context.language != "python":
        losses.changed(
            directive.line, f"a cell of {language} is shown and does not run"
        )
        yield shown_code(code, language, directive.line)
        return
    if not code.strip():
        return
    marks = list(
        tag_marks(tags(directive.option("tags")), code, losses, directive.line)
    )
    for key in [*directive.options, *directive.nested]:
        if key not in ("tags", "name", "label", "mystnb", "linenos", "lineno-start"):
            losses.left_out(
                directive.line, f"the option {key!r} of the cell is left out"
            )
    yield Piece(marked(code, marks, losses, directive.line), directive.line, runs=True)
    figure = directive.nested.get("mystnb", {}).get("figure")
    if isinstance(figure, dict):
        options = {"fig-cap": figure.get("caption"), "label": figure.get("name")}
        yield from output_caption(blocks, options, directive.line)
    blocks.take_label(directive.option("name", "label"))


def code_block(blocks: Blocks, directive: Directive) -> Iterator[Piece]:
    """Yield code that is shown, and its caption below it."""
    language = directive.argument.split()[0] if directive.argument else ""
    yield shown_code(directive.body, language, directive.line)
    if caption := directive.option("caption"):
        yield Piece(f"*{blocks.line(caption, directive.line)}*", directive.line)
    blocks.take_label(directive.option("name", "label"))


def included(blocks: Blocks, directive: Directive) -> Iterator[Piece]:
    """Yield the text of another file."""
    file = blocks.context.source.parent / directive.argument
    try:
        text = read_text(file)
    except (OSError, BookError):
        what = f"the file {directive.argument!r} cannot be read, and is left out"
        blocks.context.losses.left_out(directive.line, what)
        return
    if directive.name == "literalinclude" or directive.option("literal"):
        lines = text.split("\n")
        language = (
            directive.option("language", "lang") or Path(directive.argument).suffix[1:]
        )
        language = "python" if language == "py" else language
        yield shown_code("\n".join(lines), language, directive.line)
    else:
        height = front_matter(text)[2]
        body = "\n".join(text.split("\n")[height:])
        yield from blocks.nested(body, lambda at: directive.line)

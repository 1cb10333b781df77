"""Read a Jupyter notebook into pieces of the dialect."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from typing import Any

import nbformat
from nbformat import NotebookNode

from tabbook.base.errors import BookError
from tabbook.base.files import json_line
from tabbook.importers.conversion.blocks.blocks import Blocks
from tabbook.importers.conversion.blocks.quarto import output_caption
from tabbook.importers.conversion.cells import marked, option_marks, tag_marks
from tabbook.importers.conversion.context import Context
from tabbook.importers.conversion.inline import d2lbook_marks
from tabbook.importers.conversion.options import cell_options, front_matter
from tabbook.importers.conversion.pieces import Origin, Piece
from tabbook.importers.conversion.rendering import shown_code
from tabbook.importers.json_lines import cell_lines
from tabbook.importers.page_reader import read_front_matter
from tabbook.notebooks.setup_cell import SETUP_CELL_ID

HIDDEN = {
    ("hide_input",): "#@fold_code",
    ("jupyter", "source_hidden"): "#@fold_code",
    ("jupyter", "outputs_hidden"): "#@fold_output",
}
"""The mark that has the meaning of an entry in a cell's metadata."""

MARKUP = {"text/html": "html", "html": "html", "text/markdown": "md", "markdown": "md"}
"""Formats of raw cells that a text can hold."""


def read(context: Context, text: str) -> tuple[list[Piece], str]:
    """Return the pieces and the title of a notebook.

    :raises BookError: the file is no notebook.
    """
    notebook = _parsed(context, text)
    lines = cell_lines(text)
    kernel = notebook.metadata.get("kernelspec", {})
    info = notebook.metadata.get("language_info", {})
    context.language = str(info.get("name") or kernel.get("language") or "python")
    context.language = context.language.lower().replace("ipython", "python")
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    context.dialect = any(map(d2lbook_marks.are_in, texts))
    blocks = Blocks(context)
    pieces: list[Piece] = []
    title = ""
    for number, cell in enumerate(notebook.cells):
        own = lines[number] if number < len(lines) and lines[number] else [0]
        source = _Cell(cell, _origin(own), number)
        if cell.get("id") == SETUP_CELL_ID:  # a book writes its own
            continue
        if cell.cell_type == "raw" and not number:
            if front_title := read_front_matter(context, cell.source, source.origin):
                title = front_title
                continue
            if front_matter(cell.source)[2]:
                continue
        pieces += _cell(blocks, source)
    _outputs(context, notebook)
    return pieces, title


def _parsed(context: Context, text: str) -> NotebookNode:
    """Return a notebook in the current format."""
    path = context.losses.path
    try:
        parsed = json.loads(text)
        if not isinstance(parsed, dict) or not {"cells", "worksheets"} & set(parsed):
            raise BookError(f"{path}: is no Jupyter notebook: it has no cells")
        notebook: NotebookNode = nbformat.reads(text, as_version=4)
        for cell in notebook.cells:
            cell.setdefault("metadata", NotebookNode())
            if not isinstance(cell.source, str):
                cell.source = "".join(cell.source)
        return notebook
    except BookError:
        raise
    except Exception as error:  # nbformat raises many, of JSON and of its own
        line = json_line(text)
        reason = str(error).split("\n", maxsplit=1)[0]
        raise BookError(
            f"{path}{line}: is no Jupyter notebook ({reason}); open it in Jupyter and "
            "save it again"
        ) from error


def _origin(lines: list[int]) -> Origin:
    return lambda at: lines[min(max(at, 0), len(lines) - 1)]


class _Cell:
    """A cell with its place."""

    def __init__(self, cell: NotebookNode, origin: Origin, number: int) -> None:
        self.node = cell
        self.origin = origin
        self.number = number
        self.line = origin(0)

    @property
    def tags(self) -> list[str]:
        """Return its tags."""
        return [str(tag) for tag in self.node.metadata.get("tags", [])]

    @property
    def raised(self) -> str:
        """Return the name of the exception among its outputs."""
        outputs = self.node.get("outputs", [])
        errors = (each for each in outputs if each.get("output_type") == "error")
        return next((str(error.get("ename", "")) for error in errors), "")


def _cell(blocks: Blocks, cell: _Cell) -> Iterator[Piece]:
    context, node = blocks.context, cell.node
    if node.metadata.get("slideshow"):
        what = "the cell's place on slides is left out"
        context.losses.left_out(cell.line, what)
    if node.cell_type == "markdown":
        context.attachments = _attachments(node)
        yield from blocks.convert(node.source, cell.origin)
        context.attachments = {}
        for tag in cell.tags:
            what = f"the tag {tag!r} of a text is left out"
            context.losses.left_out(cell.line, what)
    elif node.cell_type == "code":
        yield from _code(blocks, cell)
    elif MARKUP.get(_format(node)) == "md":
        yield from blocks.convert(node.source, cell.origin)
    elif MARKUP.get(_format(node)) == "html":
        yield Piece(node.source.strip(), cell.line)
    elif node.source.strip():
        first = node.source.strip().split("\n")[0][:60]
        kind = _format(node) or "no format"
        what = f"a raw cell ({kind}) that begins with {first!r} is left out"
        context.losses.left_out(cell.line, what)


def _format(node: NotebookNode) -> str:
    metadata = node.metadata
    return str(metadata.get("raw_mimetype") or metadata.get("format") or "").lower()


def _code(blocks: Blocks, cell: _Cell) -> Iterator[Piece]:
    """Yield a cell of code with marks for its tags."""
    losses, metadata = blocks.context.losses, cell.node.metadata
    code = cell.node.source.strip("\n")
    if not code.strip():
        return
    if blocks.context.language != "python":
        language = blocks.context.language
        losses.changed(cell.line, f"a cell of {language} is shown and does not run")
        yield shown_code(code, language, cell.line)
        return
    options, rest = cell_options(code)
    if options:
        code = rest
    marks = [mark for path, mark in HIDDEN.items() if _at(metadata, path) is True]
    marks += tag_marks(cell.tags, code, losses, cell.line, cell.raised)
    marks += option_marks(options, code, losses, cell.line)
    if options.get("eval") is False:
        yield shown_code(code, "python", cell.line)
    elif code.strip():
        yield Piece(marked(code, marks, losses, cell.line), cell.line, runs=True)
    yield from output_caption(blocks, options, cell.line)


def _at(metadata: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = metadata
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _attachments(node: NotebookNode) -> dict[str, bytes]:
    """Return the pictures within a cell by their names."""
    pictures = {}
    for name, forms in node.get("attachments", {}).items():
        for data in forms.values():
            text = "".join(data)
            try:
                pictures[name] = base64.b64decode(text)
            except (binascii.Error, ValueError):  # SVG is stored as text
                pictures[name] = text.encode()
            break
    return pictures


def _outputs(context: Context, notebook: NotebookNode) -> None:
    """Record outputs that no run brings back."""
    widgets = notebook.metadata.get("widgets")
    if widgets:
        what = "the state of widgets is left out"
        context.losses.left_out(0, what)

"""A book whose cells show outputs that real libraries displayed.

``tests/sphinxext/mime/captured.json`` was run once with pandas, plotly, altair,
ipywidgets, sympy, matplotlib and Pillow; a cell's id says what it displays.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tabbook.base.config import Config, Framework
from tabbook.source.section import Section
from tests.support.books import MakeBook, store_outputs

CAPTURED = Path(__file__).parents[1] / "sphinxext" / "mime" / "captured.json"

CONFIG = """[project]
title = Outputs
author = An author
copyright = 2026
lang = en
[build]
notebooks = *.md
tabs = python
"""


@functools.cache
def captured() -> Mapping[str, NotebookNode]:
    """Return the captured cells by id."""
    notebook = nbformat.read(CAPTURED, as_version=4)
    return {cell.id: cell for cell in notebook.cells}


def book_of_outputs(
    make_book: MakeBook, *names: str, config: str = CONFIG
) -> tuple[Config, Mapping[str, int]]:
    """Write a book with one section that shows captured outputs.

    :param names: ids of captured cells; all of them if none is named.
    :returns: the book's configuration, and the line of each cell in ``outputs.md``.
    """
    chosen = names or tuple(captured())
    text, lines = "# Outputs\n", {}
    for name in chosen:
        text += f"\n## {name}\n\n```{{.python .input}}\n"
        lines[name] = text.count("\n")
        text += f"{captured()[name].source}\n```\n"
    index = "# Book\n\n```toc\n\noutputs\n```\n"
    book = make_book({"index.md": index, "outputs.md": text}, config)

    def fill(
        notebook: NotebookNode, section: Section, framework: Framework
    ) -> dict[str, str]:
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        for cell, name in zip(cells[-len(chosen) :], chosen, strict=True):
            cell.outputs = captured()[name].outputs
            cell.execution_count = 1
        return {"ipykernel": "7.4.0"}

    list(store_outputs(book.root, fill))
    return book, lines

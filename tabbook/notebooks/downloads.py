"""The notebooks that readers get: as committed, or as an edition has them."""

from __future__ import annotations

from pathlib import Path

from tabbook.base.config import Framework
from tabbook.base.files import read_bytes, write_bytes
from tabbook.notebooks import store
from tabbook.notebooks.blanks import blank_notebook
from tabbook.notebooks.compile import compile_section
from tabbook.source.book import Book
from tabbook.source.section import Section


def content(book: Book, section: Section, framework: Framework) -> bytes:
    """Return the file of a section's notebook.

    In an edition it has the edition's text with the committed outputs, or with blanks
    and without outputs.

    :raises BookError: there is no fresh notebook.
    """
    config = book.config
    file = store.path(config, section, framework)
    if not config.edition.name:
        return read_bytes(file)
    compiled = compile_section(book, section, framework)
    committed = store.load(config, section, framework)
    notebook = compiled and store.reuse(config, framework, compiled, committed)
    if compiled is None or notebook is None:
        cells = store.code_cells(compiled) if compiled else []
        notebook = store.load_fresh(config, section, framework, cells)
    if config.edition.blanks:
        notebook = blank_notebook(notebook)
    return store.text(notebook).encode()


def write(book: Book, section: Section, framework: Framework, file: Path) -> None:
    """Write the notebook as readers get it, unless the file is the same already."""
    write_bytes(file, content(book, section, framework))

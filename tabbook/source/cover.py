"""The cells that the index page shows: config.ini names a section and its code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nbformat import NotebookNode

from tabbook.base.errors import suggestion
from tabbook.source.book import Book
from tabbook.source.section import Section


@dataclass(frozen=True)
class CoverCode:
    """The cells of one section, in each framework that has one."""

    section: Section
    cells: Mapping[str, NotebookNode]
    """By the name of the framework."""


def find(book: Book) -> CoverCode | None:
    """Return the cells that config.ini names; None if there are none."""
    name, code = book.config.cover
    section = book.section(name) if name else None
    if section is None or not section.has_code:
        return None
    cells = {}
    for framework in book.frameworks_of(section):
        notebook = book.notebook_of(section, framework)
        for cell in notebook.cells if notebook else ():
            if cell.cell_type == "code" and code in cell.source:
                cells[framework.name] = cell
                break
    return CoverCode(section, cells) if cells else None


def problem(book: Book) -> str:
    """Return why config.ini names no cell; empty if it does, or names none."""
    name, code = book.config.cover
    if not name or book.config.edition.name or find(book):
        return ""  # an edition may leave the section out
    section = book.section(name)
    with_code = [section.name for section in book.pages if section.has_code]
    if section is None or not section.has_code:
        example = f"; write one such as {with_code[0]!r}" if with_code else ""
        hint = suggestion(name, with_code) or example
        return f"cover names {name!r}, which is no section with code{hint}"
    return (
        f"cover: no cell of {section.path} has the code {code!r}; write a piece of "
        "one, letter by letter"
    )

"""Check the marks of solutions within cells, from which editions make blanks."""

from __future__ import annotations

from collections.abc import Iterator

from tabbook.base.errors import BookError
from tabbook.lint.finding import Finding
from tabbook.notebooks.blanks import UnbalancedMarksError, blank
from tabbook.source.book import Book
from tabbook.source.section import Section


def marks(book: Book, section: Section) -> Iterator[Finding]:
    """Find marks without their counterpart."""
    try:
        cells = section.cells.cells
    except BookError:  # reported as unreadable
        return
    for cell in cells:
        if cell.cell_type == "code":
            try:
                blank(cell.source)
            except UnbalancedMarksError as error:
                line = cell.metadata.line + 1 + error.line
                yield Finding(line, "unbalanced-blank", str(error))

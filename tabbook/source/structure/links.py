"""Links from a section to other pages, files and labels."""

from __future__ import annotations

from urllib.parse import unquote

from tabbook.base.errors import suggestion
from tabbook.source.book import Book
from tabbook.source.cells.expressions import ELSEWHERE
from tabbook.source.section import Section, resolve

CORRECT = "; correct or delete it"
"""The advice where no name is like the one that a link names."""


def problem_of_link(book: Book, section: Section, address: str) -> str:
    """Return the error of a link's address; empty if there is none.

    A page is linked by the name of its source, such as ``other.md``; any other file
    of the book is offered for download.
    """
    if ELSEWHERE.match(address) and not address.startswith("#"):
        return ""
    path, _, label = unquote(address).partition("#")
    target = resolve(section.folder, path) if path else section.path
    if target.endswith(".md") and book.section(target.removesuffix(".md")):
        if not label or label in book.labels:
            return ""
        message = f"there is no label {label!r}"
        return message + suggestion(label, book.labels, otherwise=CORRECT)
    if (book.config.root / target).is_file():
        return ""
    message = f"the link leads to {address!r}, which is neither a page nor a file"
    names = (other.path for other in book.sections)
    return message + suggestion(target, names, otherwise=CORRECT)

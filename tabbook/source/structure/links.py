"""Links from a section to other pages, files and labels."""

from __future__ import annotations

import difflib
from urllib.parse import unquote

from tabbook.source.book import Book
from tabbook.source.cells.expressions import ELSEWHERE
from tabbook.source.section import Section, resolve


def problem_of_link(book: Book, section: Section, address: str) -> str:
    """Return what is wrong with the address of a link; empty if nothing is.

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
        return f"there is no label {label!r}" + _suggestion(label, list(book.labels))
    if (book.config.root / target).is_file():
        return ""
    message = f"the link leads to {address!r}, which is neither a page nor a file"
    return message + _suggestion(target, [other.path for other in book.sections])


def _suggestion(name: str, names: list[str]) -> str:
    """Return an addition to a message: the name most like ``name``."""
    matches = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {matches[0]!r}?" if matches else "; correct or delete it"

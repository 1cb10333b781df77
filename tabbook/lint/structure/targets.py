"""Check that the pictures and pages that a source names exist."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from tabbook.lint.finding import Finding
from tabbook.source import images
from tabbook.source.book import Book
from tabbook.source.markdown.tokens import walk
from tabbook.source.section import Section
from tabbook.source.structure.links import problem_of_link


def pictures(book: Book, section: Section) -> Iterator[Finding]:
    """Find images whose file does not exist, those in raw HTML too."""
    for address, line in images.pictures(section):
        path = images.locate(book.config, section.folder, address)
        if problem := images.problem_of_file(book.config, path):
            message = f"{problem}; create it, or correct"
            yield Finding(line, "missing-figure", f"{message} {unquote(address)!r}")


def links(book: Book, section: Section) -> Iterator[Finding]:
    """Find links to pages and labels that do not exist."""
    for prose in section.prose:
        for token in walk(prose.tokens):
            if token.type == "link_open":
                message = problem_of_link(book, section, str(token.attrs["href"]))
                if message:
                    yield Finding(prose.line_of(token), "broken-link", message)

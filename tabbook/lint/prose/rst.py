"""Check reStructuredText in fences."""

from __future__ import annotations

from collections.abc import Iterator

from tabbook.lint.finding import Finding
from tabbook.source.book import Book
from tabbook.source.rst import RST, problems_of_rst, unrendered
from tabbook.source.section import Section


def fences(book: Book, section: Section) -> Iterator[Finding]:
    """Find reStructuredText that pages show as text."""
    for prose in section.prose:
        for token in prose.tokens:
            if token.type == "fence" and token.info.strip() == RST:
                for line, message in problems_of_rst(token.content):
                    where = prose.line_of(token) + line
                    yield Finding(where, "unrendered-rst", unrendered(message))

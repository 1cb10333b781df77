"""Check that the pictures and pages that a source names exist."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from tabbook.lint.finding import Finding
from tabbook.source.book import Book
from tabbook.source.expressions import ELSEWHERE
from tabbook.source.links import problem_of_link
from tabbook.source.markdown.tokens import walk
from tabbook.source.section import Section, resolve


def pictures(book: Book, section: Section) -> Iterator[Finding]:
    """Find images whose file does not exist."""
    for prose in section.prose:
        for token in walk(prose.tokens):
            if token.type in ("image", "figure"):
                path = unquote(str(token.attrs["src"]))
                yield from _picture(book, section, path, prose.line_of(token))


def links(book: Book, section: Section) -> Iterator[Finding]:
    """Find links to pages and labels that do not exist."""
    for prose in section.prose:
        for token in walk(prose.tokens):
            if token.type == "link_open":
                message = problem_of_link(book, section, str(token.attrs["href"]))
                if message:
                    yield Finding(prose.line_of(token), "broken-link", message)


def _picture(book: Book, section: Section, path: str, line: int) -> Iterator[Finding]:
    if ELSEWHERE.match(path):
        return
    target = resolve(section.folder, path)
    if not (book.config.root / target).is_file():
        message = f"the file {target!r} does not exist; create it, or correct {path!r}"
        yield Finding(line, "missing-figure", message)

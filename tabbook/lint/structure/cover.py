"""Check the settings of the index page."""

from __future__ import annotations

from collections.abc import Iterator

from tabbook.base.config import FILE_NAME
from tabbook.base.files import read_text
from tabbook.lint.finding import Finding
from tabbook.source import cover
from tabbook.source.book import Book


def cells(book: Book) -> Iterator[tuple[str, Finding]]:
    """Find a cover or a map that does not exist."""
    path = book.config.cover_map
    if path and not (book.config.root / path).is_file():
        message = f"the file {path!r} does not exist; create it, or correct the name"
        yield FILE_NAME, Finding(_line(book, "cover_map"), "missing-figure", message)
    if message := cover.problem(book):
        yield FILE_NAME, Finding(_line(book, "cover"), "missing-cover", message)


def _line(book: Book, key: str) -> int:
    """Return the line of config.ini that gives a key; 0 where none does."""
    lines = enumerate(read_text(book.config.root / FILE_NAME).splitlines(), 1)
    return next((at for at, line in lines if line.split("=")[0].strip() == key), 0)

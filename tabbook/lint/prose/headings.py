"""Check the headings of a section: where they begin, and how they are nested."""

from __future__ import annotations

from collections.abc import Iterator

from tabbook.lint.finding import Finding
from tabbook.source.book import Book
from tabbook.source.section import Section


def headings(book: Book, section: Section) -> Iterator[Finding]:
    """Find pages without a title, and headings whose level does not fit."""
    if not section.is_readable:  # its text may be no text of the dialect
        return
    levels = section.headings
    if not levels:
        if section.rst_title:
            return
        if section.text.strip() or section.name in book.tree.names:
            yield Finding(0, "no-title", _no_title(section))
        return
    above = 0
    for at, (line, level) in enumerate(levels):
        wanted = min(level, above + 1) if at else 1
        if level != wanted:
            message = (
                f"a heading of level {level} stands "
                + (f"below one of level {above}" if at else "first on its page")
                + f"; begin it with {'#' * wanted!r}"
            )
            yield Finding(line, "heading-level", message)
        elif at and level == 1:
            message = "a page has one title; begin its other headings with '##'"
            yield Finding(line, "second-title", message)
        above = level


def _no_title(section: Section) -> str:
    return (
        "the page has no heading outside of tabs and readers see the title "
        f"{section.title!r}; begin it with '# ' and a title"
    )

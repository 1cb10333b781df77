"""The glossary: the book's terms, their meaning and the section of first use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tabbook.source.book import Book
from tabbook.source.prose.passages import passages
from tabbook.source.prose.terms import Finder, Term
from tabbook.source.section import Section

GLOSSARY = "glossary"
"""Info string of the fence that the glossary replaces.

d2lbook fails on an empty fence, so it holds ``:sorted:``, as Sphinx's glossary does.
"""


@dataclass(frozen=True)
class GlossaryEntry:
    """One term of the glossary."""

    term: Term
    first: Section | None
    """The first section with code that uses the term, if any does."""


def page(book: Book) -> Section | None:
    """Return the page with the glossary, if the book has one."""
    for section in book.sections:
        if any(line.opens and line.fence == GLOSSARY for line in section.lines):
            return section
    return None


def anchors(book: Book) -> dict[str, str]:
    """Return each term that can be linked, with the id of its entry."""
    if page(book) is None:
        return {}
    return {term.japanese: term.anchor for term in book.words.explained}


def entries(book: Book) -> tuple[GlossaryEntry, ...]:
    """Return the entries of the glossary in order."""
    finder = Finder({term.japanese: term.anchor for term in book.words.explained})
    first: dict[str, Section] = {}
    for section in book.pages:
        for word in _words(section, finder) if section.has_code else ():
            first.setdefault(word, section)
    return tuple(
        GlossaryEntry(term, first.get(term.japanese)) for term in book.words.explained
    )


def _words(section: Section, finder: Finder) -> Iterator[str]:
    for passage in passages(section):
        if passage.kind in ("paragraph", "item"):
            for match in finder.find(passage.text):
                yield match[0]

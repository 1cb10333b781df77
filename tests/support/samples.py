"""The notebooks that stand for all where running all of them proves little more."""

from __future__ import annotations

from tabbook.base.config import Framework
from tabbook.source.book import Book
from tabbook.source.section import Section

STRIDE = 3
"""Sections between two samples: odd, since sections and their solutions alternate."""


def one_notebook_per_framework(
    book: Book, *, first: int = 0
) -> list[tuple[Section, Framework]]:
    """Return each framework and one of the sections with its code.

    What the notebooks of a framework share, the import of its package above all, takes
    most of their time and is the same in each.

    :param first: place of the section that begins.
    """
    sample = []
    for place, framework in enumerate(book.config.frameworks):
        sections = [
            section
            for section in book.sections
            if framework in book.frameworks_of(section)
        ]
        sample.append((sections[(first + STRIDE * place) % len(sections)], framework))
    return sample

"""The notebooks that stand for all where running all of them proves little more."""

from __future__ import annotations

from tabbook.base.config import Framework
from tabbook.source.book import Book
from tabbook.source.section import Section


def one_notebook_per_section(
    book: Book, *, first: int = 0
) -> list[tuple[Section, Framework]]:
    """Return each section with code and one of its frameworks, in turn.

    :param first: place of the framework that begins.
    """
    choices = [(section, book.frameworks_of(section)) for section in book.sections]
    with_code = [(section, frameworks) for section, frameworks in choices if frameworks]
    sample = []
    for place, (section, frameworks) in enumerate(with_code, first):
        # One further each round: sections and their solutions alternate.
        turn = place + place // len(frameworks)
        sample.append((section, frameworks[turn % len(frameworks)]))
    return sample

"""Count the sentences that facts and cells touch, section by section.

A sentence counts that contains a number or a piece of code, in a section with cells;
headings, tables, questions and requests claim nothing. It is touched

- by a fact whose claim quotes it or a part of it, or
- by the cells around it (the run of cells right before its text and the one right
  after), if each of its numbers, and each name and number in its code, stands in their
  code or output.

A sentence for several frameworks is touched if it is in all of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from tabbook.base.errors import Problem
from tabbook.source.book import Book
from tabbook.source.prose.passages import Passage, passages_of
from tabbook.source.prose.sentences import Sentence, sentences
from tabbook.source.section import Section
from tabbook.verification.claims import cells_nearby, fact_claims, numbers
from tabbook.verification.claims.cells_nearby import CellsNearby
from tabbook.verification.claims.fact_claims import Claims

LOW = "low-coverage"
"""Name of the problem: config.ini asks for more touched sentences in a section."""

NO_CLAIMS = frozenset({"heading", "cell"})
"""Kinds of passages that are no sentences."""


_Place = tuple[int, int, str]
"""Line of a sentence, its begin in the passage, and its text."""


@dataclass(frozen=True)
class Untouched:
    """A sentence that neither a fact nor a cell touches."""

    path: str
    line: int
    text: str
    missing: tuple[str, ...]
    """Its numbers and code that the cells around do not contain."""

    def __str__(self) -> str:
        """Return ``file:line: sentence [what no cell contains]``."""
        text = " ".join(self.text.split())
        return f"{self.path}:{self.line}: {text} [{', '.join(self.missing)}]"


@dataclass(frozen=True)
class Coverage:
    """The sentences of one section that claim something."""

    path: str
    by_facts: int
    """Touched by facts."""
    by_cells: int
    """Touched by cells alone."""
    untouched: tuple[Untouched, ...]

    @property
    def total(self) -> int:
        """Return how many sentences claim something."""
        return self.touched + len(self.untouched)

    @property
    def touched(self) -> int:
        """Return how many sentences facts or cells touch."""
        return self.by_facts + self.by_cells

    @property
    def percent(self) -> int:
        """Return the touched part, rounded down; 100 if no sentence claims anything."""
        return 100 * self.touched // self.total if self.total else 100


def measure(book: Book) -> list[Coverage]:
    """Return the coverage of each section with cells.

    :raises BookError: d2lbook fails on a source, or a notebook cannot be read.
    """
    claims = fact_claims.load(book)
    return [
        _of_section(book, section, claims.get(section.name, ()))
        for section in book.sections
        if section.has_code
    ]


def problems(book: Book, sections: list[Coverage]) -> Iterator[Problem]:
    """Yield an error for each section below ``[tabbook] least_coverage``."""
    least = book.config.least_coverage
    for each in sections:
        if each.percent < least:
            message = (
                f"facts or cells touch {each.touched} of {each.total} sentences with a "
                f"number or code ({each.percent}%), and least_coverage is {least}; "
                "write facts, or print what the text says; --untouched lists the others"
            )
            yield Problem(each.path, 0, LOW, message)


def _of_section(book: Book, section: Section, claims: Claims) -> Coverage:
    by_facts: set[_Place] = set()
    missing: dict[_Place, dict[str, None]] = {}
    for framework in book.frameworks_of(section):
        for paragraphs in cells_nearby.paragraphs(book, section, framework):
            for passage in itertools.chain(*map(passages_of, paragraphs.prose)):
                for sentence, claimed in _claiming(passage, claims):
                    place = (sentence.line, sentence.begin, sentence.text)
                    absent = _absent(sentence, paragraphs.cells)
                    missing.setdefault(place, {}).update(dict.fromkeys(absent))
                    if claimed:
                        by_facts.add(place)
    untouched = tuple(
        Untouched(section.path, line, text, tuple(missing[line, begin, text]))
        for line, begin, text in sorted(missing.keys() - by_facts)
        if missing[line, begin, text]
    )
    by_cells = len(missing) - len(by_facts) - len(untouched)
    return Coverage(section.path, len(by_facts), by_cells, untouched)


def _claiming(passage: Passage, claims: Claims) -> Iterator[tuple[Sentence, bool]]:
    """Yield the sentences that claim something, and whether a fact claims it."""
    if passage.kind in NO_CLAIMS:
        return
    claimed = list(fact_claims.places(passage, claims))
    for sentence in sentences(passage):
        claims_something = sentence.code or any(numbers.claimed(sentence.words))
        if claims_something and not sentence.is_request:
            yield (
                sentence,
                any(
                    begin < sentence.end and sentence.begin < end
                    for begin, end in claimed
                ),
            )


def _absent(sentence: Sentence, cells: CellsNearby) -> Iterator[str]:
    """Yield the numbers and the code of a sentence that cells do not contain."""
    for number in numbers.claimed(sentence.words):
        if not number.stands_in(cells.numbers):
            yield number.text
    for code in sentence.code:
        if not cells.contain(code):
            yield f"`{code}`"

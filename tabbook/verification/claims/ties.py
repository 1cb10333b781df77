"""Find numbers in the text that the cells around it do not print.

A paragraph that directly follows a cell speaks of it, or of the one that comes. A
number in it that stands in the code and output of neither, nor in a claim that a fact
proves, is tied to nothing: an edit of either would not be seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tabbook.base.config import Framework
from tabbook.base.errors import Problem
from tabbook.source.book import Book
from tabbook.source.prose import Prose
from tabbook.source.prose.passages import Passage, passages_of
from tabbook.source.section import Section
from tabbook.verification.claims import cells_nearby, fact_claims, numbers
from tabbook.verification.claims.fact_claims import Claims

UNTIED = "untied-number"
"""Name of the warning."""

COMMENT = re.compile(r"<!--\s*untied:(?P<numbers>[^>]*?)-->")
"""The comment with which a paragraph keeps numbers that no cell prints."""


def check(book: Book) -> list[Problem]:
    """Return a warning for each number that is tied to nothing."""
    claims = fact_claims.load(book)
    return [
        problem
        for section in book.sections
        if section.has_code
        for problem in _check_section(book, section, claims.get(section.name, ()))
    ]


def _check_section(book: Book, section: Section, claims: Claims) -> Iterator[Problem]:
    labels_of: dict[tuple[int, str, str], list[str]] = {}
    for framework in book.frameworks_of(section):
        for key in _untied(book, section, framework, claims):
            labels = labels_of.setdefault(key, [])
            if framework.label not in labels:
                labels.append(framework.label)
    for (line, number, around), labels in sorted(labels_of.items()):
        message = (
            f"[{', '.join(labels)}] {number} in {around!r} stands neither in the cells "
            "around it nor in a fact; correct it, print it, write a fact, or add "
            f"<!-- untied: {number} --> to the paragraph"
        )
        yield Problem(section.path, line, UNTIED, message, "warning")


def _untied(
    book: Book, section: Section, framework: Framework, claims: Claims
) -> Iterator[tuple[int, str, str]]:
    """Yield line, number and the words around, in a framework's texts."""
    for paragraphs in cells_nearby.paragraphs(book, section, framework):
        passage = _first_paragraph(paragraphs.prose[0])
        if paragraphs.follow_cells and passage:
            yield from _of_paragraph(passage, paragraphs.cells.numbers, claims)


def _first_paragraph(prose: Prose) -> Passage | None:
    """Return the paragraph that a text begins with."""
    if not prose.tokens or prose.tokens[0].type != "paragraph_open":
        return None
    return next(passages_of(prose), None)


def _of_paragraph(
    passage: Passage, printed: frozenset[float], claims: Claims
) -> Iterator[tuple[int, str, str]]:
    claimed = list(fact_claims.places(passage, claims))
    comments = COMMENT.finditer(passage.shown)
    kept = {
        value
        for match in comments
        for number in numbers.every(match["numbers"])
        for value in number.values
    }
    for number in numbers.claimed(passage.text):
        in_claim = any(begin <= number.begin < end for begin, end in claimed)
        if not (in_claim or number.values & kept or number.stands_in(printed)):
            yield passage.line, number.text, _around(passage.shown, number)


def _around(text: str, number: numbers.Number) -> str:
    """Return a number with some of the text on both sides."""
    end = number.begin + len(number.text)
    return text[max(number.begin - 8, 0) : end + 8].replace("\n", " ").strip()

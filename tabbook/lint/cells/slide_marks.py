"""Check that slide marks match."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tabbook.lint.finding import Finding
from tabbook.source.book import Book
from tabbook.source.cells.dialect import Line
from tabbook.source.cells.expressions import TAB_MARK
from tabbook.source.cells.slide_marks import SLIDE_PAIRS, without_slide_marks
from tabbook.source.section import Section


def slide_marks(book: Book, section: Section) -> Iterator[Finding]:
    """Find slide marks that do not match within one cell, as d2lbook requires."""
    for text in _texts(section):
        try:
            without_slide_marks("\n".join(line.text for line in text))
        except ValueError:
            for opening, closing in SLIDE_PAIRS:
                yield from _unbalanced(text, opening, closing)


def _unbalanced(text: list[Line], opening: str, closing: str) -> Iterator[Finding]:
    name = "unbalanced-slide-mark"
    either = re.compile(f"{re.escape(opening)}|{re.escape(closing)}")
    waiting = 0
    for line in text:
        for mark in either.findall(line.text):
            if mark == opening and waiting:
                message = f"{opening!r} has no {closing!r} before the next one"
                yield Finding(waiting, name, message)
            if mark == closing and not waiting:
                message = f"{closing!r} has no {opening!r} before it"
                yield Finding(line.number, name, message)
            waiting = line.number if mark == opening else 0
    if waiting:
        message = f"{opening!r} has no {closing!r} before the end of the cell or tab"
        yield Finding(waiting, name, message)


def _texts(section: Section) -> Iterator[list[Line]]:
    """Yield the lines of each text that d2lbook makes one cell of."""
    text: list[Line] = []
    for line in section.source_lines:
        if line.code or (not line.inside and TAB_MARK.match(line.text)):
            yield text
            text = []
        else:
            text.append(line)
    yield text

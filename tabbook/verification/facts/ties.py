"""Find numbers in the text that the cell before does not print.

A paragraph that directly follows a cell speaks of it. A number in it that stands in
none of the cell's code and output, nor in a claim that a fact proves, is tied to
nothing: an edit of either would not be seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from markdown_it.token import Token

from tabbook.base.config import Framework
from tabbook.base.errors import Problem
from tabbook.notebooks import store
from tabbook.notebooks.outputs import instability
from tabbook.source.book import Book
from tabbook.source.prose import Prose
from tabbook.source.section import Section
from tabbook.verification.facts import facts_file

UNTIED = "untied-number"
"""Name of the warning."""

NUMBER = re.compile(r"(?<![A-Za-z0-9_.])\d+(?:,\d{3})*(?:\.\d+)?(?![A-Za-z0-9_])")
"""A number as texts write it: ``20,000``, ``0.01``."""

DIGITS = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
"""A number anywhere, in code and outputs."""

OTHER = "\ufffc"
"""Stands for what is not text in a paragraph."""

COMMENT = re.compile(r"<!--\s*untied:(?P<numbers>[^>]*?)-->")
"""The comment with which a paragraph keeps numbers that no cell prints."""


@dataclass
class _Cell:
    """What the last cells before a text contain."""

    numbers: set[float] = field(default_factory=set)
    seen: bool = False


def check(book: Book) -> list[Problem]:
    """Return a warning for each number that is tied to nothing."""
    claims = _claims(book)
    return [
        problem
        for section in book.sections
        if section.has_code
        for problem in _check_section(book, section, claims.get(section.name, ""))
    ]


def _check_section(book: Book, section: Section, claims: str) -> Iterator[Problem]:
    found: dict[tuple[int, str], list[str]] = {}
    for framework in book.frameworks_of(section):
        for line, number in _untied(book, section, framework, claims):
            labels = found.setdefault((line, number), [])
            if framework.label not in labels:
                labels.append(framework.label)
    for (line, number), labels in sorted(found.items()):
        message = (
            f"[{', '.join(labels)}] {number} stands in no output of the cell before; "
            f"correct it, or add <!-- untied: {number} --> to the paragraph"
        )
        yield Problem(section.path, line, UNTIED, message, "warning")


def _untied(
    book: Book, section: Section, framework: Framework, claims: str
) -> Iterator[tuple[int, str]]:
    """Yield line and number of what the readers of a framework read."""
    compiled = book.notebook_of(section, framework)
    committed = store.load(book.config, section, framework)
    outputs = iter(store.code_cells(committed) if committed else ())
    texts = {prose.cell: prose for prose in section.prose}
    last = _Cell()
    for cell in compiled.cells if compiled else ():
        if cell.cell_type == "code" and cell.source:
            if not last.seen:
                last = _Cell(seen=True)
            shown = next(outputs, None)
            printed = instability.texts(shown.outputs) if shown else ()
            last.numbers |= _numbers([cell.source, *printed])
        elif cell.cell_type == "markdown":
            prose = texts[cell.metadata.origin_pos]
            if last.seen:
                yield from _of_paragraph(prose, last.numbers, claims)
            last.seen = False


def _of_paragraph(
    prose: Prose, numbers: set[float], claims: str
) -> Iterator[tuple[int, str]]:
    """Yield line and number of the first paragraph of a text."""
    tokens = prose.tokens
    if len(tokens) < 2 or tokens[0].type != "paragraph_open":
        return
    text = _text(tokens[1])
    kept = _numbers(match["numbers"] for match in COMMENT.finditer(tokens[1].content))
    for match in NUMBER.finditer(text):
        tied = _value(match[0]) in numbers | kept or _around(text, match) in claims
        if not tied:
            yield prose.line_of(tokens[0]), match[0]


def _text(inline: Token) -> str:
    """Return the words of a paragraph, without code, formulas and references."""
    children = inline.children or []
    return "".join(
        child.content if child.type == "text" else OTHER for child in children
    )


def _around(text: str, match: re.Match[str]) -> str:
    """Return a number with the letters beside it, as a claim would quote it."""
    return text[max(match.start() - 2, 0) : match.end() + 2].strip(OTHER)


def _numbers(texts: Iterable[str]) -> set[float]:
    return {_value(number) for text in texts for number in DIGITS.findall(text)}


def _value(number: str) -> float:
    return float(number.replace(",", ""))


def _claims(book: Book) -> dict[str, str]:
    """Return the claims of each section's facts; broken files have a problem."""
    claims: dict[str, str] = {}
    for file in facts_file.find(book.config):
        try:
            table = facts_file.read(file, str(file))
        except facts_file.FactsFileError:
            continue
        text = "\n".join(fact.claim for fact in table.facts)
        claims[table.section] = claims.get(table.section, "") + text
    return claims

"""The prose of a source, divided into passages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tabbook.source import dialect
from tabbook.source.expressions import CODE_SPAN, HEADING, LABEL, MARK, REFERENCE
from tabbook.source.section import Section
from tabbook.source.slide_marks import plain

ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+")
LINK = re.compile(r"!?\[(?P<text>[^\]]*)\]\([^)]*\)")
FORMULA = re.compile(r"\$[^$\s](?:[^$]*[^$\s])?\$")
LEFT_OUT = "\ue001"
"""Replaces each character of code, formulas and references in readable text."""


@dataclass(frozen=True)
class Passage:
    """A heading, a paragraph, an item of a list, a row of a table or a figure."""

    line: int
    """Line of the source it begins on."""
    kind: str
    """``heading``, ``paragraph``, ``item``, ``row`` or ``figure``."""
    lines: tuple[str, ...]
    """The lines of the source without slide marks and without an item's bullet."""

    @property
    def text(self) -> str:
        """Return the lines as one text."""
        return "\n".join(self.lines)


def passages(section: Section) -> Iterator[Passage]:
    """Yield the passages of a source in order."""
    block: list[dialect.Line] = []
    formula = False
    for line in section.lines:
        text = line.text.strip()
        delimits = not line.inside and text.count("$$") == 1
        marked = MARK.fullmatch(text) or not LABEL.sub("", text)
        between = line.inside or marked or formula or text.startswith("$$")
        formula ^= delimits
        if between or _kind(text) != "paragraph":
            yield from _passage(block)
            block = []
        if not between:
            block.append(line)
    yield from _passage(block)


def readable(text: str) -> str:
    """Return a passage's text without marks, and without the targets of links.

    Code and formulas are replaced by as many characters, to keep sentences' length.
    """
    text = CODE_SPAN.sub(lambda match: LEFT_OUT * (len(match[0]) - 2), text)
    text = FORMULA.sub(lambda match: LEFT_OUT * (len(match[0]) - 2), text)
    text = REFERENCE.sub(LEFT_OUT, text)
    text = MARK.sub("", text)
    return LINK.sub(lambda match: match["text"], text).replace("**", "")


def _kind(text: str) -> str:
    if HEADING.match(text):
        return "heading"
    if ITEM.match(text):
        return "item"
    if text.startswith("|"):
        return "row"
    return "figure" if text.startswith("![") else "paragraph"


def _passage(block: list[dialect.Line]) -> Iterator[Passage]:
    if not block:
        return
    kind = _kind(block[0].text.strip())
    lines = plain("\n".join(line.text for line in block)).split("\n")
    if kind == "heading" and (match := HEADING.match(lines[0])):
        lines = [match["text"]]
    lines[0] = ITEM.sub("", lines[0], count=1) if kind == "item" else lines[0]
    yield Passage(block[0].number, kind, tuple(line.strip() for line in lines))

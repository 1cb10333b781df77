"""Split the text of a passage into sentences, Japanese and English alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tabbook.source.prose.passages import Passage

CLOSERS = {"「": "」", "（": "）", "(": ")"}
"""Brackets within which no sentence ends."""

MARK = re.compile(
    r"[「（(]|[。！？]|(?<![.!?])[.!?]++[\"'”’)]*+(?=\s++(?![a-z])|\s*+$)"
)
"""A bracket that opens, or a possible end of a sentence."""

ABBREVIATION = re.compile(
    r"\b(?:e\.g|i\.e|cf|vs|al|Figs?|Eqs?|Sec|Ch|No|pp?|Dr|Mrs?|Ms|Prof|[A-Z])\.$"
)
"""Abbreviations, which end with a full stop in the middle of a sentence."""

REQUEST = re.compile(r"(?:か|ください|ましょう)。?$|[?？]$")
"""The end of a sentence that asks its reader for something."""


@dataclass(frozen=True)
class Sentence:
    """One sentence of a passage."""

    line: int
    """Line of the source it begins on."""
    begin: int
    """Its place in the passage's text."""
    end: int
    text: str
    """The visible text, with code and formulas."""
    words: str
    """The same without code, formulas and references, see ``passages.LEFT_OUT``."""
    code: tuple[str, ...]
    """Its pieces of code."""

    @property
    def is_request(self) -> bool:
        """Return whether it asks or invites its reader, and claims nothing."""
        return bool(REQUEST.search(self.words))


def sentences(passage: Passage) -> Iterator[Sentence]:
    """Yield the sentences of a passage in order."""
    for begin, end in spans(passage.text):
        yield Sentence(
            passage.line + passage.text.count("\n", 0, begin),
            begin,
            end,
            passage.shown[begin:end],
            passage.text[begin:end],
            tuple(code for place, code in passage.code if begin <= place < end),
        )


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each sentence, without the spaces around it."""
    begin = at = 0
    last = {closer: text.rfind(closer) for closer in CLOSERS.values()}
    while match := MARK.search(text, at):
        at = match.end()
        closer = CLOSERS.get(match[0])
        if closer:
            at = text.find(closer, at) + 1 if at <= last[closer] else at
        elif not ABBREVIATION.search(text, max(begin, match.start() - 8), at):
            yield from _span(text, begin, at)
            begin = at
    yield from _span(text, begin, len(text))


def _span(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[begin:end]
    if sentence := piece.strip():
        start = begin + piece.index(sentence[0])
        yield start, start + len(sentence)

"""Find the places of a text that facts claim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tabbook.source import fact_files
from tabbook.source.book import Book
from tabbook.source.markdown import parse
from tabbook.source.prose.passages import Passage, shown_text
from tabbook.verification.facts import facts_file

Claims = Sequence[str]
"""The claims of a section's facts, as readers read them."""


def load(book: Book) -> Mapping[str, Claims]:
    """Return the claims by section; files that cannot be read have a problem."""
    claims: dict[str, list[str]] = {}
    for file in fact_files.find(book.config):
        try:
            table = facts_file.read(file, str(file))
        except facts_file.FactsFileError:
            continue
        texts = (shown_text(tokens) for tokens in parse(f.claim for f in table.facts))
        claims.setdefault(table.section, []).extend(texts)
    return claims


def places(passage: Passage, claims: Claims) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each claim in a passage, or of the passage in a claim."""
    text = passage.shown
    for claim in filter(None, claims):
        begin = text.find(claim)
        while begin >= 0:
            yield begin, begin + len(claim)
            begin = text.find(claim, begin + len(claim))
        if text and text in claim:
            yield 0, len(text)

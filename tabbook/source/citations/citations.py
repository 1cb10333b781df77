"""The citations and the lists of references that a source asks for."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it.token import Token

from tabbook.source.markdown.tokens import walk
from tabbook.source.section import Section

KINDS = {"cite": "p", "citep": "p", "citet": "t"}
"""Form of each of d2lbook's marks: ``p`` for ``(A, 2020)``, ``t`` for ``A (2020)``."""


@dataclass(frozen=True)
class Citation:
    """A mark that cites one or more entries, such as ``:citet:`A.2020,B.2021```."""

    kind: str
    """``cite``, ``citep`` or ``citet``."""
    keys: tuple[str, ...]
    line: int
    """Line of the source, counted from 1."""
    tabs: tuple[str, ...] = ()
    """Tabs whose readers see it; empty for all."""


@dataclass(frozen=True)
class BibliographyMark:
    """A mark that a list of references replaces: ``:bibliography:`../refs.bib```."""

    files: tuple[str, ...]
    """Names of the .bib files."""
    line: int


@functools.lru_cache(maxsize=4096)
def citations(section: Section) -> tuple[Citation, ...]:
    """Return the citations of a source in order; one without a key is left out."""
    if ":cite" not in section.text:  # most sources need no parsing for it
        return ()
    return tuple(
        Citation(token.meta["kind"], tuple(token.meta["keys"]), line, tabs)
        for token, line, tabs in _tokens(section, "citation")
        if token.meta["keys"]
    )


@functools.lru_cache(maxsize=4096)
def bibliographies(section: Section) -> tuple[BibliographyMark, ...]:
    """Return the marks for lists of references of a source in order."""
    if ":bibliography:" not in section.text:
        return ()
    return tuple(
        BibliographyMark(tuple(token.meta["files"]), line)
        for token, line, _ in _tokens(section, "bibliography")
    )


def _tokens(
    section: Section, kind: str
) -> Iterator[tuple[Token, int, tuple[str, ...]]]:
    """Yield the tokens of a type with their lines and their tabs."""
    for prose in section.prose:
        for block in prose.tokens:
            for token in walk([block]):
                if token.type == kind:
                    placed = token if "place" in token.meta else block
                    yield token, prose.line_of(placed), prose.tabs

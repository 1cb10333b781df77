"""Check that every formula can be set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tabbook.base.tex.macros import Macro
from tabbook.lint.finding import Finding
from tabbook.source.book import Book
from tabbook.source.formulas import UnsetFormula, convert
from tabbook.source.markdown.tokens import FORMULAS, walk
from tabbook.source.section import Section


def formulas(book: Book, section: Section) -> Iterator[Finding]:
    """Find formulas that pages show as TeX."""
    for text in section.prose:
        for token in walk(text.tokens):
            if token.type in FORMULAS:
                yield from formula_findings(
                    token.content,
                    text.line_of(token),
                    display=FORMULAS[token.type],
                    macros=book.config.macros,
                )


def formula_findings(
    tex: str, line: int, *, display: bool, macros: Sequence[Macro] = ()
) -> Iterator[Finding]:
    """Find out whether a formula can be set.

    :param line: the line of the source that it begins on.
    :param display: whether it stands on a line of its own.
    """
    result = convert(tex, display=display, macros=macros)
    if isinstance(result, UnsetFormula):
        yield Finding(line, "formula", result.message(tex))

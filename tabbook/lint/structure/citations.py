"""Check citations, lists of references and .bib files."""

from __future__ import annotations

import os
from collections.abc import Iterator

from tabbook.base.config import FILE_NAME
from tabbook.base.errors import suggestion
from tabbook.lint.finding import Finding
from tabbook.source.book import Book
from tabbook.source.citations.citations import bibliographies, citations
from tabbook.source.section import Section


def keys(book: Book, section: Section) -> Iterator[Finding]:
    """Find citations of entries that no .bib file has."""
    cited = citations(section)
    if not cited or not book.bibliography.files:
        return
    known = book.bibliography.written
    for citation in cited:
        for key in citation.keys:
            if key not in known:
                advice = f"; write an entry @misc{{{key}, ...}} in a .bib file"
                message = f"no .bib file has the entry {key!r}, which is cited here"
                message += suggestion(key, known, otherwise=advice)
                yield Finding(citation.line, "unknown-citation", message)


def files(book: Book, section: Section) -> Iterator[Finding]:
    """Find .bib files that do not exist, and citations without a list to link to."""
    bibliography = book.bibliography
    for mark in bibliographies(section):
        for file in bibliography.named(section, mark.files):
            if not file.is_file():
                name = _shown(book, str(file))
                message = f"the file {name!r} does not exist; create it, or correct "
                message += repr(", ".join(mark.files))
                yield Finding(mark.line, "missing-bibliography", message)
    yield from _without_list(book, section)


def entries(book: Book) -> Iterator[tuple[str, Finding]]:
    """Find .bib files and entries that cannot be read, each with its file's path."""
    if not book.bibliography.cited():
        return
    for name in book.config.bibfiles:
        if not book.config.file(name).is_file():
            message = f"the file {name!r} does not exist; create it, or correct bibfile"
            line = _line_of(book, name)
            yield FILE_NAME, Finding(line, "missing-bibliography", message)
    for file, content in book.bibliography.content.items():
        for problem in content.problems:
            finding = Finding(problem.line, "unreadable-entry", problem.message)
            yield _shown(book, str(file)), finding


def _without_list(book: Book, section: Section) -> Iterator[Finding]:
    cited = citations(section)
    if cited and not any(bibliographies(other) for other in book.sections):
        mark = ":bibliography:`refs.bib`"
        yield Finding(
            cited[0].line,
            "citation-without-list",
            f"{cited[0].keys[0]!r} is cited here, but no page lists references, so "
            f"that citations lead nowhere; write a page with a line {mark!r}",
        )


def _line_of(book: Book, name: str) -> int:
    """Return the line of config.ini that names a .bib file."""
    text = (book.config.root / FILE_NAME).read_text(encoding="utf-8-sig")
    lines = enumerate(text.splitlines(), 1)
    return next((number for number, line in lines if name in line), 0)


def _shown(book: Book, file: str) -> str:
    return os.path.relpath(file, book.config.root)

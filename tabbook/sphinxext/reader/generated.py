"""Generate the Markdown of fences: the glossary, and the verified notebooks."""

from __future__ import annotations

from collections.abc import Iterator

from tabbook.base.config import Framework
from tabbook.base.translations import texts
from tabbook.notebooks import verified
from tabbook.notebooks.verified import VerificationRecord
from tabbook.source.book import Book
from tabbook.source.prose.glossary import GLOSSARY, entries
from tabbook.source.section import Section

VERIFICATION = "verification"
"""Info string of the fence that is replaced; its content is the line ``:all:``."""

Records = dict[tuple[str, str], VerificationRecord]
"""Verification records by section and framework."""


def _glossary(book: Book, frameworks: tuple[Framework, ...]) -> str:
    """Return the glossary as a definition list in Markdown.

    :param frameworks: not used; every generator is called with them.
    """
    words = texts(book.config.language, "glossary")
    definitions = []
    for entry in entries(book):
        term, first_use = entry.term, ""
        if entry.first:
            link = f"[{entry.first.title}](/{entry.first.path})"
            first_use = words["first_use"].format(section=link)
        target = f"[{term.japanese}]{{#{term.anchor}}}"
        name = words["name"].format(term=target, english=term.english)
        definitions.append(f"{name}\n: {term.meaning}{first_use}\n")
    return "\n".join(definitions)


def _verification(book: Book, frameworks: tuple[Framework, ...]) -> str:
    """Return the versions as a list and the notebooks as a table, in Markdown."""
    records = verified.load(book)
    versions = _versions(book, frameworks, records)
    return "\n".join([*versions, "", *_table(book, frameworks, records)])


def _versions(
    book: Book, frameworks: tuple[Framework, ...], records: Records
) -> Iterator[str]:
    """Yield an item per framework and combination of versions."""
    marks = texts(book.config.language, "punctuation")
    for framework in frameworks:
        combinations = {
            marks["comma"].join(_packages(record))
            for (_, name), record in records.items()
            if name == framework.name
        }
        for versions in sorted(combinations):
            yield f"- {framework.label}{marks['colon']}{versions}"


def _packages(record: VerificationRecord) -> list[str]:
    """Return the names of the packages with their versions."""
    return [
        f"{'Python' if name == 'python' else name} {version}"
        for name, version in sorted(record.versions.items())
    ]


def _table(
    book: Book, frameworks: tuple[Framework, ...], records: Records
) -> Iterator[str]:
    """Yield the lines of the table: a row per section, a column per framework."""
    titles = [
        texts(book.config.language, "verification")["section"],
        *(framework.label for framework in frameworks),
    ]
    yield f"| {' | '.join(titles)} |"
    yield f"|{'---|' * len(titles)}"
    for section in book.sections:
        if section.has_code:
            cells = [
                _entry(book, section, framework, records) for framework in frameworks
            ]
            # Solutions have no page; they are shown on that of their section.
            page = section if section in book.pages else book.section(section.solves)
            link = f"[{section.title}](/{page.path})" if page else section.title
            yield f"| {link} | {' | '.join(cells)} |"


def _entry(book: Book, section: Section, framework: Framework, records: Records) -> str:
    """Return the table's cell for a section and a framework."""
    if framework not in book.frameworks_of(section):
        return "-"
    words = texts(book.config.language, "verification")
    record = records.get((section.name, framework.name))
    if record is None:
        return words["unverified"]
    key = "verified_in_part" if record.unchecked else "verified"
    return words[key].format(
        cells=record.cells, seconds=record.seconds, unchecked=record.unchecked
    )


GENERATORS = {GLOSSARY: _glossary, VERIFICATION: _verification}
"""Functions that generate the Markdown in place of a fence, by its info string."""

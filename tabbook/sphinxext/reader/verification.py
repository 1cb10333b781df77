"""The table of what was verified: sections, frameworks, versions, cells, seconds."""

from __future__ import annotations

from collections.abc import Iterator

from tabbook.base.config import Framework
from tabbook.base.translations import texts
from tabbook.notebooks import verified
from tabbook.notebooks.verified import VerificationRecord
from tabbook.source.book import Book
from tabbook.source.section import Section

VERIFICATION = "verification"
"""Info string of the fence in whose place the table stands; a line ``:all:`` in it."""


def markdown(book: Book, frameworks: tuple[Framework, ...]) -> str:
    """Return the versions as a list and the notebooks as a table, in Markdown."""
    found = verified.load(book)
    versions = _versions(book, frameworks, found)
    return "\n".join([*versions, "", *_table(book, frameworks, found)])


def _versions(
    book: Book,
    frameworks: tuple[Framework, ...],
    found: dict[tuple[str, str], VerificationRecord],
) -> Iterator[str]:
    marks = texts(book.config.language, "punctuation")
    for framework in frameworks:
        ran = [stamp for key, stamp in found.items() if key[1] == framework.name]
        sets = {marks["comma"].join(_named(stamp)) for stamp in ran}
        for versions in sorted(sets):
            yield f"- {framework.label}{marks['colon']}{versions}"


def _named(stamp: VerificationRecord) -> list[str]:
    return [
        f"{'Python' if name == 'python' else name} {version}"
        for name, version in sorted(stamp.versions.items())
    ]


def _table(
    book: Book,
    frameworks: tuple[Framework, ...],
    found: dict[tuple[str, str], VerificationRecord],
) -> Iterator[str]:
    heads = [
        texts(book.config.language, "verification")["section"],
        *(one.label for one in frameworks),
    ]
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for section in book.sections:
        if section.has_code:
            cells = [_entry(book, section, one, found) for one in frameworks]
            page = section if section in book.pages else book.section(section.solves)
            link = f"[{section.title}](/{page.path})" if page else section.title
            yield f"| {link} | {' | '.join(cells)} |"


def _entry(
    book: Book,
    section: Section,
    framework: Framework,
    found: dict[tuple[str, str], VerificationRecord],
) -> str:
    if framework not in book.frameworks_of(section):
        return "-"
    words = texts(book.config.language, "verification")
    stamp = found.get((section.name, framework.name))
    if stamp is None:
        return words["unverified"]
    return words["verified"].format(cells=stamp.cells, seconds=stamp.seconds)

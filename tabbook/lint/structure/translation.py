"""Check a translation against the book that it translates."""

from __future__ import annotations

from collections.abc import Iterator

from tabbook.base.console import plural
from tabbook.base.program import command_line
from tabbook.lint.finding import Finding
from tabbook.source import translation
from tabbook.source.book import Book
from tabbook.source.section import Section


def code(book: Book, section: Section) -> Iterator[Finding]:
    """Find cells that are not those of the origin, whose outputs pages show."""
    if book.config.origin is None:
        return
    origin = translation.original(book, section)
    if origin is None and not section.has_code:
        return
    if origin is None:
        message = (
            f"the origin has no {section.path}, and a translation runs no code of its "
            "own; write it there first, or delete the cells here"
        )
        yield Finding(translation.cells(section)[0].first, "code-of-origin", message)
        return
    command = command_line(f"translate {section.name}")
    for difference in translation.code_differences(section, origin):
        if not difference.original:
            problem = "the origin has no such cell"
        else:
            line = difference.original[0].first
            problem = f"the origin has another cell, at line {line} of its file"
            if not difference.own:
                problem = f"a cell of the origin is missing, that at line {line}"
        message = f"{problem}; run `{command}`, which takes over its cells"
        yield Finding(difference.line, "code-of-origin", message)


def prose(book: Book, section: Section) -> Iterator[Finding]:
    """Find paragraphs that are not translated."""
    origin = translation.original(book, section)
    if origin is None:
        return
    if untranslated := list(translation.untranslated(section, origin)):
        count = plural(len(untranslated), "paragraph")
        message = f"{count} of the origin, from this line on; translate them"
        yield Finding(untranslated[0].line, "untranslated", message)
    for line, own, at, others in translation.counts(section, origin):
        message = (
            f"{plural(own, 'paragraph')} between two cells, {others} in the origin "
            f"from its line {at}; write one for each"
        )
        yield Finding(line, "paragraphs-of-origin", message)


def outdated(book: Book) -> Iterator[tuple[Section, Finding]]:
    """Find paragraphs whose origin has changed since they were translated."""
    if book.config.origin is None:
        return
    record = translation.load_record(book.config)
    for section in book.sections:
        recorded = record.get(section.name)
        origin = translation.original(book, section)
        if recorded is None or origin is None:
            continue
        command = command_line(f"translate --reviewed {section.name}")
        for change in translation.changes(section, origin, recorded):
            problem = "a paragraph of the origin is gone"
            if change.original:
                problem = f"the origin has changed at its line {change.original.line}"
            message = f"{problem}; adapt the translation, then run `{command}`"
            yield section, Finding(change.line, "outdated-translation", message)

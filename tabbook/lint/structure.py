"""Check the parts of a book against each other: configuration, toc, labels."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from tabbook.base.config import FILE_NAME, Config
from tabbook.base.errors import BookError
from tabbook.base.files import read_text
from tabbook.lint.finding import Finding, suggestion
from tabbook.lint.problems import PROBLEMS
from tabbook.source.book import Book
from tabbook.source.d2lbook_reader import UnreadableError
from tabbook.source.labels import Label, labels_of
from tabbook.source.section import Section


def config(config: Config) -> Iterator[Finding]:
    """Find files and silenced names in config.ini that do not exist."""
    lines = read_text(config.root / FILE_NAME).splitlines()

    def line_of(word: str) -> int:
        numbered = enumerate(lines, 1)
        return next((number for number, line in numbered if word in line), 0)

    for path in filter(None, (config.logo, config.favicon, *config.styles)):
        if not (config.root / path).is_file():
            message = (
                f"the file {path!r} does not exist; create it, or correct the name"
            )
            yield Finding(line_of(path), "missing-figure", message)
    for name in sorted(config.silenced - PROBLEMS.keys()):
        message = f"silence lists {name!r}, which is not the name of a problem"
        message += suggestion(name, PROBLEMS)
        yield Finding(line_of(name), "unknown-key", message)


def readable(book: Book, section: Section) -> Iterator[Finding]:
    """Find what d2lbook's reader fails on, and what only other programs execute."""
    try:
        _ = section.cells
    except BookError as error:
        cause = error.__cause__
        if isinstance(cause, UnreadableError):
            yield Finding(cause.line, cause.name, cause.reason)


def toc(book: Book, section: Section) -> Iterator[Finding]:
    """Find toc entries without a section."""
    for line, name in section.toc:
        if book.section(name):
            continue
        if (book.config.root / f"{name}.md").is_file():
            reason = "a file that config.ini's [build] notebooks leaves out; add it"
        elif book.section(name.removesuffix(".md")):
            reason = "write it without '.md'"
        else:
            reason = f"which does not exist; write {name}.md, or delete the line"
            reason += suggestion(name, (section.name for section in book.sections))
        message = f"the toc lists {name!r}, {reason}"
        yield Finding(line, "missing-toc-entry", message)


def duplicate_labels(book: Book) -> Iterator[tuple[Section, Finding]]:
    """Find labels that another place in the book already has."""
    first: dict[str, Label] = {}
    for section in book.sections:
        for label in labels_of(section, book.config.language):
            other = first.setdefault(label.name, label)
            if other is not label:
                message = (
                    f"the label {label.name!r} is already used at {other.section}.md:"
                    f"{other.line}; choose another"
                )
                yield section, Finding(label.line, "duplicate-label", message)


def unlisted(book: Book) -> Iterator[tuple[Section, Finding]]:
    """Find sections that no toc leads to; of a chapter, only its first page."""
    missing = [section for section in book.sections if section.name not in book.listed]
    children = {name for section in missing for _, name in section.toc}
    reached: set[str] = set()
    # A page that an unlisted page lists is reached once that one is listed.
    for section in sorted(missing, key=lambda section: section.name in children):
        if section.name not in reached:
            reached |= book.reachable(section.name)
            yield section, Finding(0, "not-in-toc", _not_in_toc(book, section))


def _not_in_toc(book: Book, section: Section) -> str:
    neighbours = [
        other
        for other in book.sections
        if other.folder == section.folder and other.toc and other.name in book.listed
    ]
    parent = neighbours[0].name if neighbours else book.config.index
    entry = posixpath.relpath(section.name, posixpath.dirname(parent) or ".")
    return (
        f"no toc leads from the root page to {section.name!r}; write {entry!r} in the "
        f"toc of {parent}.md"
    )

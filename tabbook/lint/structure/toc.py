"""Check tables of contents, and that they lead to every page."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from tabbook.base.errors import suggestion
from tabbook.lint.finding import Finding
from tabbook.source.book import Book
from tabbook.source.section import Section
from tabbook.source.structure.toc import OPTIONS, Toc, TocEntry, wrong_options

SUFFIX = ".md"


def entries(book: Book, section: Section) -> Iterator[Finding]:
    """Find entries without a page, repeated ones, and those that close a loop."""
    pages = book.tree.names
    for toc in section.tocs:
        listed: set[str] = set()
        for entry in () if section.name not in pages else toc.entries:
            names = toc.names(entry, pages)
            if not (names or entry.elsewhere or _is_untranslated(book, entry)):
                yield _missing(book, toc, entry)
            elif entry.target in listed and not entry.pattern:
                message = f"the toc lists {entry.text!r} twice; delete one of the lines"
                yield Finding(entry.line, "repeated-toc-entry", message)
            elif entry.text.rstrip("> ").endswith(SUFFIX) and not entry.elsewhere:
                message = f"d2lbook does not find {entry.text!r}; write it without .md"
                yield Finding(entry.line, "toc-entry-suffix", message)
            listed.update(names)


def options(book: Book, section: Section) -> Iterator[Finding]:
    """Find options that no table of contents has, and values that are none."""
    for toc in section.tocs:
        for line, key, value, reason in wrong_options(toc):
            message = f"the toc's option ':{key}:' does not exist"
            message += suggestion(key, sorted(OPTIONS))
            if reason:
                message = f"the toc's option ':{key}: {value}' cannot be read: {reason}"
                message += "; correct or delete it"
            yield Finding(line, "wrong-toc-option", message)


def loops(book: Book) -> Iterator[tuple[Section, Finding]]:
    """Find entries that lead back to the page itself or to one above it."""
    for name, link in sorted(book.tree.loops, key=lambda each: each[1].entry.line):
        message = (
            f"the toc lists {link.entry.text!r}, which leads back to this page; delete "
            "the line"
        )
        finding = Finding(link.entry.line, "toc-loop", message)
        yield book.tree.sections[name], finding


def unlisted(book: Book) -> Iterator[tuple[Section, Finding]]:
    """Find sections that no toc leads to; of a chapter, only its first page."""
    missing = [section for section in book.sections if section.name not in book.listed]
    children = {
        link.name
        for section in missing
        for link in book.tree.links.get(section.name, ())
    }
    reached: set[str] = set()
    # A page that an unlisted page lists is reached once that one is listed.
    for section in sorted(missing, key=lambda section: section.name in children):
        if section.name not in reached:
            reached |= book.reachable(section.name)
            yield section, Finding(0, "not-in-toc", _not_in_toc(book, section))


def _missing(book: Book, toc: Toc, entry: TocEntry) -> Finding:
    name, config = entry.target, book.config
    if entry.pattern and not toc.has("glob"):
        reason = "a pattern; add a line ':glob:' below the fence's first line"
    elif entry.pattern:
        reason = "which matches no page; correct or delete the line"
    elif section := book.section(name):
        message = f"the toc lists {name!r}, which is part of the page {section.solves}"
        return Finding(entry.line, "solutions-in-toc", f"{message}; delete the line")
    elif (config.root / f"{name}{SUFFIX}").is_file():
        reason = "a file that config.ini's [build] notebooks leaves out; add it"
    else:
        reason = f"which does not exist; write {name}{SUFFIX}, or delete the line"
        reason += suggestion(name, sorted(book.tree.names))
    return Finding(entry.line, "missing-toc-entry", f"the toc lists {name!r}, {reason}")


def _is_untranslated(book: Book, entry: TocEntry) -> bool:
    """Return whether only the book that this one translates has the page."""
    origin = book.config.origin
    return bool(origin and (origin.root / f"{entry.target}{SUFFIX}").is_file())


def _not_in_toc(book: Book, section: Section) -> str:
    neighbours = [
        other
        for other in book.sections
        if other.folder == section.folder and other.tocs and other.name in book.listed
    ]
    parent = neighbours[0].name if neighbours else book.config.index
    entry = posixpath.relpath(section.name, posixpath.dirname(parent) or ".")
    return (
        f"no toc leads from the root page to {section.name!r}; write {entry!r} in the "
        f"toc of {parent}.md"
    )

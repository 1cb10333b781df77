"""Check the parts of a book against each other: configuration, toc, labels."""

from __future__ import annotations

from collections.abc import Iterator

from tabbook.base.config import FILE_NAME, Config
from tabbook.base.errors import BookError, suggestion
from tabbook.base.files import read_text
from tabbook.lint.finding import Finding
from tabbook.lint.problems import PROBLEMS
from tabbook.source.book import Book
from tabbook.source.cells import foreign, lenient
from tabbook.source.cells.d2lbook_reader import UnreadableError
from tabbook.source.section import Section
from tabbook.source.structure.labels import Label


def config(config: Config) -> Iterator[Finding]:
    """Find files and silenced names in config.ini that do not exist."""
    lines = read_text(config.root / FILE_NAME).splitlines()

    def line_of(word: str) -> int:
        """Return the first line that holds a word; 0 for none."""
        numbered = enumerate(lines, 1)
        return next((number for number, line in numbered if word in line), 0)

    own = (config.logo, config.favicon, *config.styles, *config.scripts)
    for path in filter(None, own):
        if not config.file(path).is_file():
            message = (
                f"the file {path!r} does not exist; create it, or correct the name"
            )
            yield Finding(line_of(path), "missing-figure", message)
    for name in sorted(config.silenced - PROBLEMS.keys()):
        message = f"silence lists {name!r}, which is not the name of a problem"
        message += suggestion(name, PROBLEMS)
        yield Finding(line_of(name), "unknown-key", message)


def front_matter(book: Book, section: Section) -> Iterator[Finding]:
    """Find lines for other programs at the top of a page."""
    line, _ = foreign.front_matter(section.saved or "")
    if line:
        shown = (section.saved or "").splitlines()[line - 1]
        message = f"{shown!r} is for other programs, and pages leave it out; delete "
        message += "the lines from '---' to '---'"
        yield Finding(line, "front-matter", message)


def unlisted_tabs(book: Book) -> Iterator[tuple[Section, Finding]]:
    """Find the first tab of a book whose config.ini lists none."""
    if book.config.tabbed:
        return
    for section in book.sections:
        for line, shown in lenient.tabs_of(section.saved or ""):
            message = (
                f"config.ini lists no tabs, so that readers see {shown!r} and every "
                "other tab as common to all; write their names in [build] tabs"
            )
            yield section, Finding(line, "tabs-not-listed", message)
            return


def readable(book: Book, section: Section) -> Iterator[Finding]:
    """Find cells on which d2lbook's reader fails, and cells for other programs."""
    try:
        _ = section.cells
    except BookError as error:
        cause = error.__cause__
        if isinstance(cause, UnreadableError):
            yield Finding(cause.line, cause.name, cause.reason)


def duplicate_labels(book: Book) -> Iterator[tuple[Section, Finding]]:
    """Find labels that another place in the book already has."""
    first: dict[str, Label] = {}
    for label in book.every_label:
        other = first.setdefault(label.name, label)
        if other is not label:
            message = (
                f"the label {label.name!r} is already used at {other.section}.md:"
                f"{other.line}; choose another"
            )
            section = book.tree.sections[label.section]
            yield section, Finding(label.line, "duplicate-label", message)

"""Check all sources at once: every problem with its file, its line and a name.

Nothing here runs code or changes a file. Most checks look at the lines of a source,
so that they work on a file that d2lbook's reader cannot read.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Sequence

from tabbook.base.config import FILE_NAME, Config
from tabbook.base.errors import BookError, Problem
from tabbook.lint import japanese, syntax, tabs, text
from tabbook.lint.finding import Found, near
from tabbook.source import dialect
from tabbook.source.book import Book
from tabbook.source.labels import Label, labels_of
from tabbook.source.section import Section

__all__ = ["PROBLEMS", "lint"]

PROBLEMS = {
    # What config.ini says.
    "unknown-key": "warning",  # a section, key or silenced name that nothing reads
    # How a source is built.
    "unreadable-source": "error",  # d2lbook's reader fails on the file
    "unclosed-fence": "error",  # a fence has no end, or none that d2lbook sees
    "fence-not-run": "warning",  # looks like a cell, and d2lbook shows it as text
    "output-in-source": "error",  # results stand in notebooks/, not in a source
    # Which framework a cell or a text belongs to.
    "unknown-tab": "error",  # a name that config.ini's tabs do not have
    "empty-tab": "error",  # a list of tabs that names none, or a tab without text
    "full-width-comma": "error",  # 、 or ， parts no names: d2lbook drops some
    "unmatched-tab-mark": "error",  # :begin_tab: and :end_tab: that are no pair
    "tab-line-not-first": "error",  # d2lbook deletes every line with %%tab in it
    "code-without-tab": "error",  # the cell would be the default framework's alone
    "empty-cell": "error",  # a cell without code
    "missing-framework": "error",  # a section names a framework and has no cell for it
    # What the code is.
    "invalid-python": "error",  # a framework's code does not parse
    # What points at what.
    "duplicate-label": "error",  # two places have one label
    "unresolved-reference": "error",  # a reference to a label that is nowhere
    "missing-figure": "error",  # an image, logo or style sheet that is not on disk
    "missing-toc-entry": "error",  # a toc names a section that is not there
    "not-in-toc": "warning",  # a section that no reader gets to
    # What marks there are.
    "unknown-mark": "warning",  # d2lbook drops a mark that it does not know
    "unbalanced-slide-mark": "error",  # d2lbook fails on slide marks that are no pair
    # How Japanese is written, where [project] lang says ja.
    "avoided-form": "warning",  # the file of terms names the form to avoid
    "space-in-japanese": "warning",  # between Japanese and Latin, or in Japanese
    "half-width-mark": "warning",  # a half-width comma, bracket or kana in Japanese
    "full-width-letter": "warning",  # a full-width letter or digit
    "line-break-in-japanese": "warning",  # within a paragraph: notebooks show a space
    "unrendered-bold": "warning",  # asterisks that readers would see
    "long-sentence": "warning",  # over 100 characters
    "many-commas": "warning",  # over three 、 in a sentence
    "tone": "warning",  # a paragraph's sentence without です or ます, a heading with
}
"""Every name with its severity; ``silence`` in config.ini takes these names."""


def lint(book: Book, sections: Sequence[Section] | None = None) -> list[Problem]:
    """Return every problem of a book, sorted by file and line.

    Names that config.ini silences are left out.

    :param sections: the only ones to look at, if not the whole book.
    """
    config = book.config
    found = {*config.problems, *_named(FILE_NAME, _config(config))}
    chosen = book.sections if sections is None else sections
    for section in chosen:
        for check in SECTION_CHECKS:
            found |= set(_named(section.path, check(book, section)))
    found |= set(_duplicate_labels(book))
    if sections is not None:
        paths = {section.path for section in chosen}
        found = {one for one in found if one.path in paths}
    return sorted(one for one in found if one.name not in config.silenced)


def _named(path: str, found: Iterator[Found]) -> Iterator[Problem]:
    for line, name, message in found:
        yield Problem(path, line, name, message, PROBLEMS[name])


def _config(config: Config) -> Iterator[Found]:
    """Find what config.ini names and is not there."""
    lines = (config.root / FILE_NAME).read_text(encoding="utf-8").splitlines()

    def line(word: str) -> int:
        return next((at for at, one in enumerate(lines, 1) if word in one), 0)

    for path in filter(None, (config.logo, config.favicon, *config.styles)):
        if not (config.root / path).is_file():
            message = f"there is no file {path!r}; draw it, or mend the name"
            yield line(path), "missing-figure", message
    for name in sorted(config.silenced - PROBLEMS.keys()):
        message = f"silence has {name!r}, and no problem is called so"
        yield line(name), "unknown-key", message + near(name, PROBLEMS)


def _readable(book: Book, section: Section) -> Iterator[Found]:
    """Find what d2lbook's reader fails on."""
    try:
        _ = section.cells
    except BookError as error:
        cause = error.__cause__
        if isinstance(cause, dialect.UnreadableError):
            yield cause.line, "unreadable-source", cause.reason


def _duplicate_labels(book: Book) -> Iterator[Problem]:
    first: dict[str, Label] = {}
    for section in book.sections:
        for label in labels_of(section, book.config.language):
            other = first.setdefault(label.name, label)
            if other is not label:
                name = "duplicate-label"
                message = (
                    f"the label {label.name!r} is taken: {other.section}.md:"
                    f"{other.line} has it; choose another"
                )
                yield Problem(section.path, label.line, name, message, PROBLEMS[name])


def _toc(book: Book, section: Section) -> Iterator[Found]:
    for line, name in section.toc:
        if book.section(name):
            continue
        if (book.config.root / f"{name}.md").is_file():
            todo = "which config.ini's [build] notebooks leaves out"
        elif book.section(name.removesuffix(".md")):
            todo = "write it without '.md'"
        else:
            todo = f"write {name}.md, or take the line out"
            todo += near(name, (one.name for one in book.sections))
        yield line, "missing-toc-entry", f"the toc has {name!r}, {todo}"
    if section.name not in book.listed:
        root = posixpath.dirname(book.config.index) or "."
        place = posixpath.relpath(section.name, root)
        yield (
            *(0, "not-in-toc"),
            f"no toc that the root page leads to has {section.name!r}; write "
            f"{place!r} in the toc of {book.config.index}.md or of a page below it",
        )


SECTION_CHECKS: tuple[Callable[[Book, Section], Iterator[Found]], ...] = (
    _readable,
    _toc,
    text.fences,
    text.marks,
    text.figures,
    text.slide_marks,
    tabs.cells,
    tabs.texts,
    tabs.promises,
    syntax.python,
    japanese.text,
)

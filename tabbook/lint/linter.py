"""Run all checks on a book."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from tabbook.base.config import FILE_NAME
from tabbook.base.errors import Problem
from tabbook.lint.cells import blanks, fences, slide_marks, syntax, tabs
from tabbook.lint.finding import Finding
from tabbook.lint.problems import PROBLEMS
from tabbook.lint.prose import formulas, headings, japanese, marks, rst
from tabbook.lint.structure import (
    citations,
    consistency,
    cover,
    policy,
    targets,
    toc,
    translation,
)
from tabbook.source.book import Book
from tabbook.source.cells import foreign
from tabbook.source.section import Section

SECTION_CHECKS: tuple[Callable[[Book, Section], Iterator[Finding]], ...] = (
    consistency.readable,
    consistency.front_matter,
    headings.headings,
    toc.entries,
    toc.options,
    fences.fences,
    marks.marks,
    rst.fences,
    targets.pictures,
    targets.links,
    policy.raw_html,
    citations.keys,
    citations.files,
    slide_marks.slide_marks,
    formulas.formulas,
    tabs.cells,
    tabs.texts,
    tabs.frameworks,
    syntax.python,
    blanks.marks,
    japanese.text,
    translation.code,
    translation.prose,
)

BOOK_CHECKS: tuple[Callable[[Book], Iterator[tuple[Section, Finding]]], ...] = (
    consistency.duplicate_labels,
    consistency.unlisted_tabs,
    toc.loops,
    toc.unlisted,
    translation.outdated,
)


FILE_CHECKS: tuple[Callable[[Book], Iterator[tuple[str, Finding]]], ...] = (
    citations.entries,
    policy.styles,
    cover.cells,
)
"""Checks of files that are no sections; each finding has the path of its file."""


def lint(book: Book, sections: Sequence[Section] | None = None) -> list[Problem]:
    """Return every problem of a book, sorted by file and line.

    Problems that config.ini silences are left out.

    :param sections: report problems of these sections only.
    """
    config = book.config
    problems = {*config.problems, *foreign.problems(config)}
    problems |= set(_problems(FILE_NAME, consistency.config(config)))
    selected = book.sections if sections is None else sections
    for section in selected:
        for check in SECTION_CHECKS:
            problems |= set(_problems(section.path, check(book, section)))
    for check_book in BOOK_CHECKS:
        for section, finding in check_book(book):
            problems |= set(_problems(section.path, [finding]))
    for check_files in FILE_CHECKS:
        for path, finding in check_files(book):
            problems |= set(_problems(path, [finding]))
    if sections is not None:
        paths = {section.path for section in selected}
        problems = {problem for problem in problems if problem.path in paths}
    return sorted(
        problem for problem in problems if problem.name not in config.silenced
    )


def _problems(path: str, findings: Iterable[Finding]) -> Iterator[Problem]:
    for line, name, message in findings:
        yield Problem(path, line, name, message, PROBLEMS[name].severity)

"""Check everything that can be said of any book, one step after the other.

A step that fails does not stop the others: all problems are reported at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tabbook import lint, sphinxext
from tabbook.base.console import plural
from tabbook.base.errors import BookError, Problem
from tabbook.environments.kernelspec import KernelStart
from tabbook.notebooks import verified
from tabbook.source.book import Book
from tabbook.verification import accessibility, links, verify
from tabbook.verification import report as verification_report
from tabbook.verification.claims import coverage, ties
from tabbook.verification.facts import facts
from tabbook.verification.verdict import OLD_TEXT

STEPS = ("lint", "verify", "facts", "coverage", "links", "accessibility")
"""In the order in which they run; ``--without`` takes these names."""

COVERAGE = ("section", "sentences", "by facts", "by cells", "untouched", "touched")
"""Headings of the table of coverage."""

PAGES = "pages"
"""The step that builds the pages which the last two check."""


@dataclass(frozen=True)
class StepReport:
    """The problems and the summary of one step."""

    name: str
    summary: str = ""
    """The checked items with counts, such as ``24 pages``."""
    problems: Sequence[Problem] = ()
    rows: Sequence[Sequence[str]] = ()
    """A table for readers; the first row has the headings."""
    notes: Sequence[str] = ()
    """Lines printed where the user asks for more."""
    failure: str = ""
    """Why the step could not be run to its end; empty if it was."""
    skipped: bool = False
    """Whether the command line left the step out."""

    @property
    def passed(self) -> bool:
        """Return whether the step ran and found no error."""
        return not self.failure and not self._count("error")

    def __str__(self) -> str:
        """Return the step as one line: name, what was checked, result."""
        if self.failure:
            return f"{self.name}: failed: {self.failure}"
        if self.skipped:
            return f"{self.name}: skipped (--without {self.name})"
        counts = [
            plural(count, severity)
            for severity in ("error", "warning")
            if (count := self._count(severity))
        ]
        return f"{self.name}: {self.summary}: {', '.join(counts) or 'no problems'}"

    def _count(self, severity: str) -> int:
        return sum(problem.severity == severity for problem in self.problems)


def run(
    book: Book,
    *,
    start: KernelStart = KernelStart.FORKED,
    without: Collection[str] = (),
    progress: verify.VerificationProgress | None = None,
) -> Iterator[StepReport]:
    """Run each step and yield its report as soon as it is complete.

    :param start: how kernels are started.
    :param without: names of steps to skip.
    """
    steps: dict[str, Callable[[], StepReport]] = {
        "lint": lambda: _lint(book),
        "verify": lambda: _verify(book, start, progress),
        "facts": lambda: _facts(book),
        "coverage": lambda: _coverage(book),
    }
    for name, step in steps.items():
        yield (
            StepReport(name, skipped=True) if name in without else _attempt(name, step)
        )
    on_pages = {"links": _links, "accessibility": _accessibility}
    folder: Path | None = None
    if not on_pages.keys() <= set(without):
        folder, report = _pages(book)
        yield report
    for name, page_step in on_pages.items():
        if name in without:
            yield StepReport(name, skipped=True)
        elif folder is None:
            yield StepReport(name, failure="not checked: there are no pages")
        else:
            pages, check = folder, page_step
            yield _attempt(name, lambda: check(book, pages))  # noqa: B023 - called now


def _attempt(name: str, step: Callable[[], StepReport]) -> StepReport:
    """Run a step; an error that stops it becomes part of its report."""
    try:
        return step()
    except BookError as error:
        return StepReport(name, failure=str(error))


def _lint(book: Book) -> StepReport:
    problems = [_judged(problem) for problem in sorted(lint.lint(book))]
    return StepReport("lint", plural(len(book.sections), "file"), problems)


def _judged(problem: Problem) -> Problem:
    """Return a problem of the sources with the severity that it has in a check."""
    fails = lint.PROBLEMS[problem.name].fails_check
    return replace(problem, severity="error") if fails else problem


def _verify(
    book: Book,
    start: KernelStart,
    progress: verify.VerificationProgress | None,
) -> StepReport:
    verdict = verify.verify(
        book,
        book.sections,
        book.config.frameworks,
        start=start,
        progress=progress or verify.VerificationProgress(),
    )
    verified.update(book.config, verdict.executed, verdict.failed)
    verification_report.write(book.config, verdict, "verify")
    count = len(verdict.notebooks)
    problems = [
        replace(problem, severity="error") if problem.name == OLD_TEXT else problem
        for problem in verdict.problems
    ]
    return StepReport("verify", plural(count, "notebook"), problems)


def _facts(book: Book) -> StepReport:
    report = facts.check(book)
    facts_checked = plural(report.checked, "fact")
    summary = f"{facts_checked} in {plural(report.files, 'file')}"
    if report.weak:
        summary += f", {report.weak} weak"
    if report.skipped:
        summary += f", {report.skipped} skipped (excluded sections, dropped frameworks)"
    untied = ties.check(book) if book.config.tie_numbers else []
    if ties.UNTIED in book.config.silenced:
        untied = []
    if untied:
        summary += f", {plural(len(untied), 'untied number')}"
    return StepReport("facts", summary, [*report.problems, *untied])


def _coverage(book: Book) -> StepReport:
    sections = coverage.measure(book)
    low = list(coverage.problems(book, sections))
    if coverage.LOW in book.config.silenced:
        low = []
    touched = sum(each.touched for each in sections)
    total = plural(sum(each.total for each in sections), "sentence")
    summary = f"facts or cells touch {touched} of {total} with a number or code"
    rows = [
        (
            each.path,
            str(each.total),
            str(each.by_facts),
            str(each.by_cells),
            str(len(each.untouched)),
            f"{each.percent}%",
        )
        for each in sections
    ]
    notes = [str(sentence) for each in sections for sentence in each.untouched]
    return StepReport("coverage", summary, low, [COVERAGE, *rows], notes)


def _pages(book: Book) -> tuple[Path | None, StepReport]:
    """Build the pages if they are stale."""
    try:
        folder = sphinxext.build(book).folder
    except BookError as error:
        return None, StepReport(PAGES, failure=str(error))
    count = sum(1 for _ in folder.rglob("*.html"))
    return folder, StepReport(PAGES, plural(count, "page"))


def _links(book: Book, folder: Path) -> StepReport:
    report = links.check(folder, book.config.root)
    summary = f"{plural(report.links, 'link')} on {plural(report.pages, 'page')}"
    return StepReport(
        "links", f"{summary} (external ones not fetched)", report.problems
    )


def _accessibility(book: Book, folder: Path) -> StepReport:
    report = accessibility.check(folder, book.config.root)
    summary = f"{plural(report.pages, 'page')} in {len(accessibility.VIEWS)} views"
    return StepReport("accessibility", summary, report.problems)

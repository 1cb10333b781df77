"""Check the claims of the prose against the committed notebooks.

A facts file is a TOML table per section. Each fact quotes a claim from the text, names
the cell that is its evidence, and says what the output of that cell has to be. A claim
is checked in every framework whose readers read it: a claim outside tabs in all of
them, a claim inside a tab only in that tab's frameworks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from nbformat import NotebookNode

from tabbook.base.config import Framework
from tabbook.base.errors import Problem
from tabbook.base.program import command_line
from tabbook.notebooks import store
from tabbook.notebooks.compile import compile_section
from tabbook.source import fact_files
from tabbook.source.book import Book
from tabbook.source.section import Section
from tabbook.verification.facts import facts_file
from tabbook.verification.facts.expectations import violations
from tabbook.verification.facts.facts_file import Fact, FactsFile
from tabbook.verification.facts.falsification import weaknesses

WEAK = "weak-fact"
"""The one complaint that is a warning: the fact holds, and would without its truth."""


@dataclass(frozen=True)
class Evidence:
    """One framework's notebook of a section."""

    prose: str
    """The text that its readers read, compiled from the current source."""
    cells: tuple[tuple[str, str], ...]
    """Code and printed text of each cell, from the committed notebook."""


@dataclass(frozen=True)
class Complaint:
    """One reason why a fact does not hold."""

    name: str
    """Name of the problem, such as ``false-fact``."""
    message: str


@dataclass(frozen=True)
class FactsReport:
    """Result of checking all facts of a book."""

    files: int
    checked: int
    """Facts that were compared with the notebooks, without the weak ones."""
    skipped: int
    """Facts of excluded sections and of dropped frameworks."""
    problems: tuple[Problem, ...]
    weak: int = 0
    """Facts that hold whatever is printed, or nearly so."""


@dataclass
class _Tally:
    """Counts and problems collected while the files are checked."""

    checked: int = 0
    weak: int = 0
    skipped: int = 0
    problems: list[Problem] = field(default_factory=list)


def check(book: Book) -> FactsReport:
    """Check every facts file that config.ini's ``[tabbook] facts`` matches."""
    files = fact_files.find(book.config)
    tally = _Tally()
    for file in files:
        path = str(file.relative_to(book.config.root))
        try:
            table = facts_file.read(file, path)
        except facts_file.FactsFileError as error:
            tally.problems += error.problems
            continue
        _check_table(book, table, tally)
    return FactsReport(
        len(files),
        tally.checked,
        tally.skipped,
        tuple(sorted(tally.problems)),
        tally.weak,
    )


def evidence(book: Book, section: Section) -> dict[str, Evidence]:
    """Return the evidence for a section's facts, by name of the framework.

    :raises BookError: a committed notebook cannot be read.
    """
    return {
        framework.name: Evidence(
            _prose(compile_section(book, section, framework)),
            _cells(store.load(book.config, section, framework)),
        )
        for framework in book.frameworks_of(section)
    }


def complaints(
    fact: Fact, notebooks: Mapping[str, Evidence], *, dropped: bool = False
) -> list[Complaint]:
    """Return why a fact does not hold, or why it proves nothing; empty if neither.

    :param notebooks: the section's notebooks by name of the framework.
    :param dropped: the book has dropped frameworks.
    """
    readers = {
        name: notebook
        for name, notebook in notebooks.items()
        if fact.claim in notebook.prose
    }
    if not readers:
        message = (
            f"the text no longer contains {fact.claim!r}; quote the sentence as it "
            "stands today, or delete the fact"
        )
        return [Complaint("claim-not-in-text", message)]
    try:
        printed = {
            name: _printed(fact, name, notebook) for name, notebook in readers.items()
        }
    except LookupError as error:
        return [Complaint("no-evidence", str(error))]
    if messages := list(violations(fact, printed)):
        return [Complaint("false-fact", message) for message in messages]
    weak = weaknesses(fact, printed, dropped=dropped)
    return [Complaint(WEAK, message) for message in weak]


def _check_table(book: Book, table: FactsFile, tally: _Tally) -> None:
    """Check the facts of one section."""
    section = book.section(table.section)
    if section is None:
        if (book.config.root / f"{table.section}.md").is_file():  # excluded on purpose
            tally.skipped += len(table.facts)
            return
        message = (
            f"there is no section {table.section!r}; name one as the table of "
            "contents does, or delete the file"
        )
        problem = Problem(table.path, table.line, "unknown-section", message)
        tally.problems.append(problem)
        return
    notebooks = evidence(book, section)
    retired = _retired_prose(book, section)
    for fact in table.facts:
        reasons = complaints(fact, notebooks, dropped=bool(book.config.dropped))
        names = {complaint.name for complaint in reasons}
        if "claim-not-in-text" in names and fact.claim in retired:
            tally.skipped += 1
            continue
        tally.checked += WEAK not in names
        tally.weak += WEAK in names
        tally.problems += [
            Problem(
                table.path,
                fact.line,
                complaint.name,
                complaint.message,
                "warning" if complaint.name == WEAK else "error",
            )
            for complaint in reasons
            if complaint.name not in book.config.silenced & {WEAK}
        ]


def _retired_prose(book: Book, section: Section) -> str:
    """Return the text for readers of dropped frameworks."""
    whole = replace(section, dropped=frozenset(), dropped_columns=frozenset())
    frameworks = [Framework(name, name, Path()) for name in sorted(book.config.dropped)]
    return "\n".join(
        _prose(compile_section(book, whole, framework)) for framework in frameworks
    )


def _prose(notebook: NotebookNode | None) -> str:
    cells = notebook.cells if notebook else ()
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def _cells(notebook: NotebookNode | None) -> tuple[tuple[str, str], ...]:
    return tuple(
        (cell.source, "".join(output.get("text", "") for output in cell.outputs))
        for cell in (notebook.cells if notebook else ())
        if cell.cell_type == "code"
    )


def _printed(fact: Fact, framework: str, notebook: Evidence) -> str:
    """Return the output of the cell that is the evidence.

    :raises LookupError: no cell or several cells match.
    """
    code = fact.cell if isinstance(fact.cell, str) else fact.cell.get(framework)
    if code is None:
        raise LookupError(
            f"{framework}: its readers read {fact.claim!r}, but the fact names no "
            f"cell of {framework}; add one to `cell`"
        )
    outputs = [text for source, text in notebook.cells if code in source]
    if not notebook.cells:
        command = command_line("run")
        raise LookupError(f"{framework}: no committed notebook; run {command}")
    if len(outputs) != 1:
        raise LookupError(
            f"{framework}: {len(outputs)} cells of the committed notebook contain "
            f"{code!r}; name a piece of code that exactly one cell contains"
        )
    return outputs[0]

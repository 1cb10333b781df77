"""Check that the committed notebooks print what the prose claims.

A facts file is a TOML table per section. Each fact quotes a claim from the text, names
the cell that is its evidence, and says what the output of that cell has to be. A claim
is checked in every framework whose readers read it: a claim outside tabs in all of
them, a claim inside a tab only in that tab's frameworks.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from nbformat import NotebookNode

from tabbook.base.config import Framework
from tabbook.base.errors import Problem
from tabbook.base.program import command_line
from tabbook.notebooks import store
from tabbook.notebooks.compile import compile_section
from tabbook.source.book import Book
from tabbook.source.section import Section
from tabbook.verification import facts_file
from tabbook.verification.facts_file import Fact, FactsFile

NOT_PRINTED = "(not printed)"
"""The value of a label that no line of the output begins with."""


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
    """Facts that were compared with the notebooks."""
    skipped: int
    """Facts of excluded sections and of dropped frameworks."""
    problems: tuple[Problem, ...]


@dataclass
class _Tally:
    """Counts and problems collected while the files are checked."""

    checked: int = 0
    skipped: int = 0
    problems: list[Problem] = field(default_factory=list)


def check(book: Book) -> FactsReport:
    """Check every facts file that config.ini's ``[tabbook] facts`` matches."""
    files = facts_file.find(book.config)
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
        len(files), tally.checked, tally.skipped, tuple(sorted(tally.problems))
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


def complaints(fact: Fact, notebooks: Mapping[str, Evidence]) -> list[Complaint]:
    """Return why a fact does not hold; empty if it does.

    :param notebooks: the section's notebooks by name of the framework.
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
    messages = [
        *_unexpected_values(fact, printed),
        *_wrong_sums(fact, printed),
        *_wrong_counts(fact, printed),
        *_unequal_values(fact, printed),
    ]
    return [Complaint("false-fact", message) for message in messages]


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
        violations = complaints(fact, notebooks)
        names = {complaint.name for complaint in violations}
        if "claim-not-in-text" in names and fact.claim in retired:
            tally.skipped += 1
            continue
        tally.checked += 1
        tally.problems += [
            Problem(table.path, fact.line, complaint.name, complaint.message)
            for complaint in violations
        ]


def _retired_prose(book: Book, section: Section) -> str:
    """Return what readers of dropped frameworks would read."""
    whole = replace(section, dropped=frozenset())
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
    """Return what the cell printed that is the evidence.

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


def _value(label: str, text: str) -> str:
    for line in text.splitlines():
        if line.startswith(label + ":"):
            return line.removeprefix(label + ":").strip()
    return NOT_PRINTED


def _unexpected_values(fact: Fact, printed: Mapping[str, str]) -> Iterator[str]:
    for label, wanted in fact.says.items():
        for name, text in printed.items():
            expected = wanted if isinstance(wanted, str) else wanted.get(name)
            value = _value(label, text)
            if value != expected:
                yield f"{name}: {label}: expected {expected}, printed {value}"


def _wrong_sums(fact: Fact, printed: Mapping[str, str]) -> Iterator[str]:
    for name, text in printed.items():
        try:
            parts = [_numbers(label, text) for label in fact.sum_of]
            total = _numbers(fact.gives, text) if fact.gives else []
            sums = [sum(column) for column in zip(*parts, strict=True)]
        except (ValueError, SyntaxError, TypeError) as error:
            yield f"{name}: not numbers to add up: {error}"
            continue
        if sums != total:
            yield f"{name}: {parts} do not add up to {total}"


def _numbers(label: str, text: str) -> list[float]:
    value = ast.literal_eval(_value(label, text))
    return list(value) if isinstance(value, tuple) else [value]


def _wrong_counts(fact: Fact, printed: Mapping[str, str]) -> Iterator[str]:
    for pattern, expected in fact.count.items():
        for name, text in printed.items():
            lines = text.splitlines()
            count = sum(bool(re.search(pattern, line)) for line in lines)
            if count != expected:
                yield f"{name}: {count} lines match {pattern!r}, expected {expected}"


def _unequal_values(fact: Fact, printed: Mapping[str, str]) -> Iterator[str]:
    for label in fact.same:
        values = {name: _value(label, text) for name, text in printed.items()}
        if len(set(values.values())) != 1 or NOT_PRINTED in values.values():
            yield f"{label} differs between frameworks: {values}"

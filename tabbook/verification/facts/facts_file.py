"""Read facts files: TOML in, validated facts with their lines out."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tabbook.base.errors import Problem
from tabbook.base.files import NotUtf8Error, read_text
from tabbook.base.toml import TomlError, header_lines, parse

SECTION = re.compile(r"\s*section\s*=")


@dataclass(frozen=True)
class Fact:
    """One claim and the output that proves it.

    Printed lines read ``label: value``; the expectations go by label.
    """

    claim: str
    """A piece of the text, word for word."""
    cell: str | Mapping[str, str]
    """A piece of code that only the evidence contains; per framework if it differs."""
    says: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    """Label and value; per framework if it differs."""
    same: tuple[str, ...] = ()
    """Labels whose values are equal in all frameworks."""
    sum_of: tuple[str, ...] = ()
    """Labels of numbers, or of tuples of numbers, that add up to ``gives``."""
    gives: str = ""
    """Label of the sum."""
    count: Mapping[str, int] = field(default_factory=dict)
    """Regular expression and the number of printed lines that match it."""
    order: tuple[str, ...] = ()
    """Regular expressions: the printed lines that match any of them, in this order."""
    line: int = 0
    """Line of the facts file, counted from 1; 0 if unknown."""


@dataclass(frozen=True)
class FactsFile:
    """The facts of one section."""

    path: str
    """The file, relative to the book's folder."""
    section: str
    """Name of the section, such as ``chapter/section``."""
    line: int
    """Line that names the section."""
    facts: tuple[Fact, ...]


class FactsFileError(Exception):
    """A facts file that cannot be used, with its problems."""

    def __init__(self, problems: list[Problem]) -> None:
        """Keep the problems, each with its line."""
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def read(file: Path, path: str) -> FactsFile:
    """Read and validate one facts file.

    :param path: how problems name the file.
    :raises FactsFileError: it is not TOML, or an entry is missing, unknown or of
        another type.
    """
    text, table = _parse(file, path)
    numbered_lines = enumerate(text.splitlines(), 1)
    section_line = next((n for n, line in numbered_lines if SECTION.match(line)), 0)
    _refuse(
        Problem(path, section_line, "invalid-facts", message)
        for message in _table_mistakes(table)
    )
    entries = table["fact"]
    numbers = header_lines(text, "fact", len(entries))
    numbered = list(zip(numbers, entries, strict=True))
    _refuse(
        Problem(path, line, "invalid-facts", message)
        for line, entry in numbered
        for message in _mistakes(entry)
    )
    facts = tuple(Fact(**_hashable(entry), line=line) for line, entry in numbered)
    return FactsFile(path, table["section"], section_line, facts)


def _parse(file: Path, path: str) -> tuple[str, dict[str, Any]]:
    """Return the text of a file and the TOML in it.

    :raises FactsFileError: it is not TOML.
    """
    line = 0
    try:
        text = read_text(file)
        return text, parse(text)
    except OSError as error:
        cause: Exception = error
        message = f"cannot be read: {error}"
    except (NotUtf8Error, TomlError) as error:
        cause, line, message = error, error.line, error.reason
    problem = Problem(path, line, "unreadable-facts", message)
    raise FactsFileError([problem]) from cause


def _refuse(problems: Iterable[Problem]) -> None:
    """Raise FactsFileError if there is any problem."""
    if mistakes := list(problems):
        raise FactsFileError(mistakes)


def _table_mistakes(table: dict[str, Any]) -> Iterator[str]:
    """Yield the errors outside of the facts."""
    if not isinstance(table.get("section"), str):
        yield 'the section is missing; write section = "chapter/section" at the top'
    entries = table.get("fact")
    if not _is_list_of(entries, dict) or not entries:
        yield "there are no facts; write each below a line [[fact]]"
    for key in table.keys() - {"section", "fact"}:
        yield f"unknown key {key!r}; there are section and [[fact]]"


def _mistakes(entry: dict[str, Any]) -> Iterator[str]:
    """Yield the errors of one fact."""
    for key in ("claim", "cell"):
        if not entry.get(key):
            yield f"{key!r} is missing or empty"
    for key, value in entry.items():
        if key not in TYPES:
            yield f"unknown key {key!r}; there are {', '.join(TYPES)}"
            continue
        expected, is_valid = TYPES[key]
        if not is_valid(value):
            yield f"{key} = {value!r}: write {expected}"
    if not entry.keys() - {"claim", "cell"}:
        yield f"no expectation; add one of {', '.join(list(TYPES)[2:])}"
    if bool(entry.get("sum_of")) != bool(entry.get("gives")):
        yield "'sum_of' and 'gives' go together; one of them is missing"
    for key in ("count", "order"):
        yield from _unreadable_patterns(key, entry.get(key))


def _unreadable_patterns(key: str, patterns: object) -> Iterator[str]:
    """Yield a mistake for each text that is no regular expression.

    :param patterns: the value of the key, a table or a list if it is valid.
    """
    for pattern in patterns if isinstance(patterns, (dict, list)) else ():
        if not isinstance(pattern, str):
            continue
        try:
            with warnings.catch_warnings(action="ignore"):  # of what Python may change
                re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            yield f"{key}: {pattern!r} is not a regular expression: {error}"


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_table_of(value: object, *types: type) -> bool:
    return isinstance(value, dict) and all(
        isinstance(inner, types) for inner in value.values()
    )


def _is_list_of(value: object, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(inner, kind) for inner in value)


def _is_cell(value: object) -> bool:
    return _is_text(value) or _is_table_of(value, str)


def _is_says(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_cell, value.values()))


def _is_labels(value: object) -> bool:
    return _is_list_of(value, str)


TYPES: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "claim": ("a piece of the text", _is_text),
    "cell": ("a piece of code, or a table of one per framework", _is_cell),
    "says": ("a table of labels and values in quotes", _is_says),
    "same": ("a list of labels", _is_labels),
    "sum_of": ("a list of labels", _is_labels),
    "gives": ("a label", _is_text),
    "count": (
        "a table of regular expressions and whole numbers",
        lambda value: _is_table_of(value, int),
    ),
    "order": ("a list of regular expressions", _is_labels),
}
"""Keys of a fact: the kind of their value, and whether a value is of it."""


def _hashable(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in entry.items()
    }

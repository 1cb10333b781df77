"""What the prose claims is what the committed notebooks show.

``facts/*.toml`` is a table per section; each fact quotes a claim from the text, names
the cell that is its evidence, and says what that cell's output has to be. A claim is
checked in every framework whose readers read it: what stands in one tab, in one.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tabbook.base.config import load
from tabbook.notebooks import store
from tabbook.notebooks.compile import compile_section
from tabbook.source import book
from tests.support.paths import ROOT

TABLES = sorted((Path(__file__).parent / "facts").glob("*.toml"))


@dataclass(frozen=True)
class Fact:
    """One claim and what has to be printed for it to hold.

    Printed lines read ``label: value``; the expectations go by label.
    """

    claim: str
    """A piece of the text, word for word."""
    cell: str | Mapping[str, str]
    """A piece of code that only the evidence holds; per framework where it differs."""
    says: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    """Label and value; per framework where it differs."""
    same: tuple[str, ...] = ()
    """Labels whose values are equal in all frameworks."""
    sum_of: tuple[str, ...] = ()
    """Labels of numbers, or tuples of numbers, that add up to ``gives``."""
    gives: str = ""
    """Label of the sum."""
    count: Mapping[str, int] = field(default_factory=dict)
    """Pattern and the number of printed lines in which it is found."""


@dataclass(frozen=True)
class Evidence:
    """One framework's notebook of a section."""

    prose: str
    """The text that its readers read, from the source as it is today."""
    cells: tuple[tuple[str, str], ...]
    """Code and printed text of each cell, from the committed notebook."""


def complaints(fact: Fact, notebooks: Mapping[str, Evidence]) -> list[str]:
    """Return why a fact does not hold; nothing where it does."""
    readers = {name: one for name, one in notebooks.items() if fact.claim in one.prose}
    if not readers:
        return [f"the text says no longer {fact.claim!r}"]
    try:
        printed = {name: _printed(fact, name, one) for name, one in readers.items()}
    except LookupError as error:
        return [str(error)]
    return [
        *_said(fact, printed),
        *_sums(fact, printed),
        *_counts(fact, printed),
        *_different(fact, printed),
    ]


def _printed(fact: Fact, framework: str, notebook: Evidence) -> str:
    """Return what the evidence printed.

    :raises LookupError: no cell, or several, can be the evidence.
    """
    code = fact.cell if isinstance(fact.cell, str) else fact.cell.get(framework)
    if code is None:
        raise LookupError(f"{framework}: its readers read the claim; name the cell")
    found = [text for source, text in notebook.cells if code in source]
    if len(found) != 1:
        raise LookupError(f"{framework}: {len(found)} cells hold {code!r}")
    return found[0]


def _value(label: str, text: str) -> str:
    for line in text.splitlines():
        if line.startswith(label + ":"):
            return line.removeprefix(label + ":").strip()
    return "(not printed)"


def _said(fact: Fact, printed: Mapping[str, str]) -> Iterator[str]:
    for label, wanted in fact.says.items():
        for name, text in printed.items():
            expected = wanted if isinstance(wanted, str) else wanted.get(name)
            value = _value(label, text)
            if value != expected:
                yield f"{name}: {label}: expected {expected}, printed {value}"


def _sums(fact: Fact, printed: Mapping[str, str]) -> Iterator[str]:
    for name, text in printed.items():
        try:
            parts = [_numbers(label, text) for label in fact.sum_of]
            total = _numbers(fact.gives, text) if fact.gives else []
        except (ValueError, SyntaxError) as error:
            yield f"{name}: no number: {error}"
            continue
        if [sum(column) for column in zip(*parts, strict=True)] != total:
            yield f"{name}: {parts} do not add up to {total}"


def _numbers(label: str, text: str) -> list[float]:
    value = ast.literal_eval(_value(label, text))
    return list(value) if isinstance(value, tuple) else [value]


def _counts(fact: Fact, printed: Mapping[str, str]) -> Iterator[str]:
    for pattern, wanted in fact.count.items():
        for name, text in printed.items():
            count = sum(bool(re.search(pattern, x)) for x in text.splitlines())
            if count != wanted:
                yield f"{name}: {count} lines, not {wanted}, with {pattern!r}"


def _different(fact: Fact, printed: Mapping[str, str]) -> Iterator[str]:
    for label in fact.same:
        values = {name: _value(label, text) for name, text in printed.items()}
        if len(set(values.values())) != 1 or "(not printed)" in values.values():
            yield f"{label} differs: {values}"


def read(file: Path) -> tuple[str, list[Fact]]:
    """Return the section's name and its facts."""
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    known = {one.name for one in fields(Fact)}
    for fact in table["fact"]:
        unknown = set(fact) - known
        if unknown or not set(fact) - {"claim", "cell"}:
            raise ValueError(f"{file}: {fact['claim']}: {unknown or 'no expectation'}")
    return table["section"], [Fact(**_frozen(one)) for one in table["fact"]]


def _frozen(fact: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in fact.items()}


@cache
def evidence(section: str) -> dict[str, Evidence]:
    """Read a section in every framework."""
    config = load(ROOT)
    loaded = book.load(config)
    found = loaded.section(section)
    assert found, f"no section {section}"
    return {
        framework.name: Evidence(
            _prose(compile_section(loaded, found, framework)),
            _cells(store.load(config, found, framework)),
        )
        for framework in loaded.frameworks_of(found)
    }


def _prose(notebook: Any) -> str:
    return "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")


def _cells(notebook: Any) -> tuple[tuple[str, str], ...]:
    assert notebook, "no committed notebook: ./build.sh run"
    return tuple(
        (cell.source, "".join(out.get("text", "") for out in cell.outputs))
        for cell in notebook.cells
        if cell.cell_type == "code"
    )


FACTS = [
    pytest.param(section, fact, id=f"{file.stem}-{number}")
    for file in TABLES
    for section, facts in [read(file)]
    for number, fact in enumerate(facts, 1)
]


@pytest.mark.parametrize(("section", "fact"), FACTS)
def test_the_notebooks_show_what_the_text_claims(section: str, fact: Fact) -> None:
    assert complaints(fact, evidence(section)) == [], fact.claim


@pytest.mark.parametrize(("section", "fact"), FACTS)
def test_no_fact_holds_whatever_is_printed(section: str, fact: Fact) -> None:
    notebooks = evidence(section)
    for name, one in notebooks.items():
        if fact.claim in one.prose:
            wrong = tuple((source, _falsify(text)) for source, text in one.cells)
            planted = {**notebooks, name: replace(one, cells=wrong)}
            assert complaints(fact, planted), name


def _falsify(text: str) -> str:
    other = {"True": "False", "False": "True"}
    text = re.sub("True|False", lambda match: other[match[0]], text)
    return "".join(
        line.translate(str.maketrans("0123456789(", "1234567890<")) + "!\n"
        for line in text.splitlines()
    )


def test_every_section_with_code_has_facts() -> None:
    loaded = book.load(load(ROOT))
    told = dict(map(read, TABLES))
    for section in loaded.sections:
        if section.has_code:
            assert len(told.get(section.name, [])) >= 6, section.name


LEFT = Evidence("左の文です。共通の文です。", (("a = 1", "sum: 3\nx: 1\ny: 2"),))
RIGHT = Evidence("共通の文です。", (("a = 1", "sum: 3\nx: 1\ny: 2"),))
HOLDS = Fact("共通の文です。", "a = 1", {"x": "1"}, ("y",), ("x", "y"), "sum", {":": 3})


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({}, ""),
        ({"claim": "左の文です。", "cell": {"left": "a = 1"}}, ""),
        ({"claim": "誰も書いていない文です。"}, "the text says no longer"),
        ({"cell": "b = 1"}, "left: 0 cells hold 'b = 1'"),
        ({"cell": {"left": "a = 1"}}, "right: its readers read the claim"),
        ({"says": {"x": "2"}}, "left: x: expected 2, printed 1"),
        ({"says": {"x": {"left": "1", "right": "2"}}}, "right: x: expected 2"),
        ({"says": {"z": "2"}}, r"z: expected 2, printed \(not printed\)"),
        ({"sum_of": ("x", "x")}, r"\[\[1\], \[1\]\] do not add up to \[3\]"),
        ({"gives": "z"}, "left: no number"),
        ({"count": {":": 2}}, "3 lines, not 2, with ':'"),
    ],
)
def test_a_false_fact_is_named(change: dict[str, Any], complaint: str) -> None:
    found = complaints(replace(HOLDS, **change), {"left": LEFT, "right": RIGHT})
    assert re.search(complaint, " ".join(found)) if complaint else not found


def test_frameworks_that_differ_are_named() -> None:
    other = replace(RIGHT, cells=(("a = 1", "sum: 3\nx: 1\ny: 9"),))
    fact = replace(HOLDS, sum_of=(), gives="")
    (found,) = complaints(fact, {"left": LEFT, "right": other})
    assert found == "y differs: {'left': '2', 'right': '9'}"


def test_a_fact_without_expectation_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text('section = "s"\n[[fact]]\nclaim = "c"\ncell = "x"\n', "utf-8")
    with pytest.raises(ValueError, match="no expectation"):
        read(file)

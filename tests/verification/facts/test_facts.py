"""Facts files: what they accept, and which facts do not hold."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tabbook.base.config import load
from tabbook.source import book, fact_files
from tabbook.verification.facts import facts, facts_file
from tabbook.verification.facts.facts import Evidence, FactsReport, complaints
from tabbook.verification.facts.facts_file import Fact, FactsFileError
from tests.support.book_with_three_frameworks import MadeUpBook, make

LEFT = Evidence("左の文です。共通の文です。", (("a = 1", "sum: 3\nx: 1\ny: 2"),))
RIGHT = Evidence("共通の文です。", (("a = 1", "sum: 3\nx: 1\ny: 2"),))
HOLDS = Fact("共通の文です。", "a = 1", {"x": "1"}, ("y",), ("x", "y"), "sum", {":": 3})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, ""),
        ({"claim": "左の文です。", "cell": {"left": "a = 1"}}, ""),
        ({"claim": "誰も書いていない文です。"}, "the text no longer contains"),
        ({"cell": "b = 1"}, "left: 0 cells of the committed notebook contain 'b = 1'"),
        ({"cell": {"left": "a = 1"}}, "right: its readers read .* names no cell"),
        ({"says": {"x": "2"}}, "left: x: expected 2, printed 1"),
        ({"says": {"x": {"left": "1", "right": "2"}}}, "right: x: expected 2"),
        ({"says": {"z": "2"}}, r"z: expected 2, printed \(not printed\)"),
        ({"sum_of": ("x", "x")}, r"\[\[1\], \[1\]\] do not add up to \[3\]"),
        ({"gives": "z"}, "left: not numbers to add up"),
        ({"count": {":": 2}}, "3 lines match ':', expected 2"),
    ],
)
def test_false_fact_is_explained(change: dict[str, Any], expected: str) -> None:
    explained = complaints(replace(HOLDS, **change), {"left": LEFT, "right": RIGHT})
    messages = " ".join(complaint.message for complaint in explained)
    assert re.search(expected, messages) if expected else not explained


def test_values_that_differ_between_frameworks_are_listed() -> None:
    other = replace(RIGHT, cells=(("a = 1", "sum: 3\nx: 1\ny: 9"),))
    fact = replace(HOLDS, sum_of=(), gives="")
    (complaint,) = complaints(fact, {"left": LEFT, "right": other})
    assert complaint.name == "false-fact"
    assert complaint.message == (
        "y differs between frameworks: {'left': '2', 'right': '9'}"
    )


FACT = '[[fact]]\nclaim = "c"\ncell = "x"\n'


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (f'section = "s"\n{FACT}', 2, "no expectation"),
        (f'section = "s"\n\n{FACT}says = {{ a = 1 }}\n', 3, "values in quotes"),
        (f'section = "s"\n{FACT}same = "a"\n', 2, "same = 'a': write a list of labels"),
        (f'section = "s"\n{FACT}sais = {{ a = "1" }}\n', 2, "unknown key 'sais'"),
        (f'section = "s"\n{FACT}sum_of = ["a"]\n', 2, "'sum_of' and 'gives'"),
        (f'section = "s"\n{FACT}count = {{ "(" = 1 }}\n', 2, "no.* regular expression"),
        (f'section = "s"\n{FACT}count = 1\n', 2, "a table of regular expressions"),
        (
            'section = "s"\n[[fact]]\ncell = "x"\nsame = ["a"]\n',
            2,
            "'claim' is missing",
        ),
        ('section = "s"\n', 1, "there are no facts"),
        (f'{FACT}same = ["a"]\n', 0, "the section is missing"),
        ('section = "s"\nfact = \n', 2, "is not TOML"),
    ],
)
def test_invalid_facts_file_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(FactsFileError, match=message) as caught:
        facts_file.read(file, "facts/bad.toml")
    problem = caught.value.problems[0]
    assert (problem.path, problem.line) == ("facts/bad.toml", line)


def test_lines_are_those_of_the_headers(tmp_path: Path) -> None:
    file = tmp_path / "good.toml"
    fact = f'{FACT}same = ["a"]\n'
    file.write_text(f'# comment\nsection = "s"\n\n{fact}\n{fact}', "utf-8")
    table = facts_file.read(file, "good.toml")
    assert (table.line, [fact.line for fact in table.facts]) == (2, [4, 9])


@pytest.fixture
def tiny(tmp_path: Path) -> MadeUpBook:
    return make(tmp_path)


def check(tiny: MadeUpBook) -> FactsReport:
    return facts.check(book.load(tiny.config))


def fact(claim: str, label: str) -> str:
    return f'[[fact]]\nclaim = "{claim}"\ncell = "shared"\nsays = {{ a = "{label}" }}\n'


def test_book_without_facts_passes(tiny: MadeUpBook) -> None:
    assert check(tiny) == FactsReport(0, 0, 0, ())


def test_problem_names_facts_file_and_line(tiny: MadeUpBook) -> None:
    tiny.write(
        "facts/one.toml",
        'section = "part/one"\n\n' + fact("共有の文。", "1") + fact("別の文。", "1"),
    )
    report = check(tiny)
    assert (report.files, report.checked) == (1, 2)
    places = [(problem.path, problem.line, problem.name) for problem in report.problems]
    assert places[-1] == ("facts/one.toml", 7, "claim-not-in-text")
    assert set(places[:-1]) == {("facts/one.toml", 3, "false-fact")}


def test_configuration_names_another_folder_or_glob(tiny: MadeUpBook) -> None:
    tiny.write("claims/one.toml", "broken")
    for value in ("claims", "claims/", "claims/*.toml"):
        tiny.write(
            "config.ini", f"[build]\nnotebooks = *.md\n[tabbook]\nfacts = {value}\n"
        )
        assert fact_files.find(load(tiny.root)) == [tiny.root / "claims/one.toml"]


def test_facts_of_unknown_section_are_a_problem(tiny: MadeUpBook) -> None:
    tiny.write("facts/none.toml", '\nsection = "part/none"\n' + fact("文。", "1"))
    (problem,) = check(tiny).problems
    assert (problem.line, problem.name) == (1, "unknown-section")


def test_facts_of_excluded_section_are_skipped(tiny: MadeUpBook) -> None:
    tiny.write("facts/one.toml", 'section = "part/one"\n' + fact("文。", "1"))
    tiny.edit("config.ini", "[build]", "[build]\nexclusions = part/one.md")
    assert check(tiny) == FactsReport(1, 0, 1, ())


def test_facts_of_dropped_framework_are_skipped(tiny: MadeUpBook) -> None:
    claim = "二つの枠組みの文。"
    tiny.write("facts/one.toml", 'section = "part/one"\n' + fact(claim, "1"))
    assert check(tiny).checked == 1
    tiny.edit("config.ini", "tabs = alpha, beta, gamma", "tabs = gamma")
    assert check(tiny) == FactsReport(1, 0, 1, ())

"""Facts that would hold whatever is printed are found."""

from __future__ import annotations

import re

import pytest

from tabbook.source import book
from tabbook.verification.facts import facts
from tabbook.verification.facts.expectations import violations
from tabbook.verification.facts.facts_file import Fact
from tabbook.verification.facts.falsification import weaknesses
from tests.support.book_with_three_frameworks import make

CHECKS = "right\na: True\nb: True\nwrong\na: False\nb: True"
ATTEMPTS = "default: Error\nmessage: it ran\npickle: done"
SUMS = "first: (6, 3)\nsecond: (7, 1)\nsum: (13, 4)"
SIZES = "small: 0.12\nlarge: 0.75\nother: 0.76"


@pytest.mark.parametrize(
    ("expectation", "text", "expected"),
    [
        ({"says": {"a": "True"}}, CHECKS, ""),
        ({"says": {"message": "it ran"}}, ATTEMPTS, ""),
        (
            {"count": {": True$": 3, ": False$": 1}},
            CHECKS,
            "values of 'a: True' and 'a: False' exchanged",
        ),
        (
            {"count": {"^a: True$": 1}},
            CHECKS,
            "values of 'a: True' and 'a: False' exchanged",
        ),
        (
            {"order": ("^right", "^a: T", "^b: T", "^wrong", "^a: F", "^b: T")},
            CHECKS,
            "",
        ),
        ({"count": {"^message:": 1}}, ATTEMPTS, "with another value in 'message: it"),
        ({"order": ("^message: it ran$", "^pickle: done$")}, ATTEMPTS, ""),
        ({"count": {"^Traceback": 0}}, ATTEMPTS, "nothing that the cell prints"),
        ({"count": {"^Traceback": 0}, "says": {"pickle": "done"}}, ATTEMPTS, ""),
        ({"sum_of": ("first", "second"), "gives": "sum"}, SUMS, ""),
        # 0.76 is in the range, too: the fact says no more than the range.
        ({"count": {r"^large: 0\.7\d$": 1}}, SIZES, ""),
        ({"count": {r"^\w+: 0\.7": 2}}, SIZES, "'small: 0.12' and 'large: 0.75'"),
        ({"same": ("large",)}, SIZES, "with another value in 'large: 0.75'"),
    ],
)
def test_fact_that_notices_too_little_is_explained(
    expectation: dict[str, object], text: str, expected: str
) -> None:
    fact = Fact("文。", "cell", **expectation)  # type: ignore[arg-type]
    assert list(violations(fact, {"left": text})) == []
    weak = " ".join(weaknesses(fact, {"left": text}))
    assert re.search(re.escape(expected), weak) if expected else not weak


def test_equal_values_are_compared_between_frameworks() -> None:
    fact = Fact("文。", "cell", same=("large",))
    assert not list(weaknesses(fact, {"left": SIZES, "right": SIZES}))


def test_order_is_one_of_lines() -> None:
    fact = Fact("文。", "cell", order=("^message", "^default"))
    (message,) = violations(fact, {"left": ATTEMPTS})
    assert "left: expected lines in the order '^message', '^default'" in message
    assert list(violations(fact, {"left": "message\ndefault\nmessage"}))
    assert not list(violations(fact, {"left": "message\nelse\ndefault"}))


def test_weak_fact_is_a_warning_and_does_not_count(tmp_path) -> None:
    sample = make(tmp_path)
    sample.write(
        "facts/one.toml",
        'section = "part/one"\n[[fact]]\nclaim = "共有の文。"\ncell = "shared"\n'
        "count = { '^Traceback' = 0 }\n",
    )
    report = facts.check(book.load(sample.config))
    assert (report.checked, report.weak) == (0, 1)
    assert {
        (problem.path, problem.line, problem.name, problem.severity)
        for problem in report.problems
    } == {("facts/one.toml", 2, "weak-fact", "warning")}
    sample.edit("config.ini", "[build]", "[tabbook]\nsilence = weak-fact\n[build]")
    assert facts.check(book.load(sample.config)).problems == ()


def test_values_of_dropped_frameworks_are_no_weakness() -> None:
    compared = Fact("文。", "cell", same=("large",))
    assert not list(weaknesses(compared, {"left": SIZES}, dropped=True))
    weak = Fact("文。", "cell", same=("large",), count={"^small:": 1})
    (message,) = weaknesses(weak, {"left": SIZES}, dropped=True)
    assert "with another value in 'small: 0.12'" in message

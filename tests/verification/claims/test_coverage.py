"""Sentences with a number or code are counted by what touches them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabbook.base.config import load
from tabbook.cli import main as cli
from tabbook.source import book
from tabbook.verification import check
from tabbook.verification.claims import coverage
from tests.support.book_with_three_frameworks import MadeUpBook, make

TEXT = "共有の文。"
"""The paragraph below alpha's cell ``alpha_second = 2``, which prints ``<alpha>``."""

WITHOUT = [f"--without={step}" for step in check.STEPS if step != "coverage"]


@pytest.fixture
def tiny(tmp_path: Path) -> MadeUpBook:
    return make(tmp_path)


def measure(tiny: MadeUpBook, text: str) -> coverage.Coverage:
    """Return the coverage of a section, without what it has when ``text`` is empty."""
    in_alpha = f":begin_tab:`alpha`\n{text}\n:end_tab:\n\n{TEXT}"
    tiny.edit("part/one.md", TEXT, in_alpha)
    measured = coverage.measure(book.load(load(tiny.root)))
    (section,) = [each for each in measured if each.path == "part/one.md"]
    return section


@pytest.mark.parametrize(
    ("text", "by_facts", "by_cells", "untouched"),
    [
        ("値は2です。`alpha_second`が持ちます。", 0, 2, []),
        ("値は9です。値は2です。", 0, 1, ["値は9です。 [9]"]),
        (
            "`alpha_third = 7`です。",
            0,
            0,
            ["alpha_third = 7です。 [`alpha_third = 7`]"],
        ),
        ("値は9ですか。値を`y`から9にしてください。文だけです。", 0, 0, []),
        ("## 9番目の`y`", 0, 0, []),
        ("文です。事実の値は9です。", 1, 0, []),
    ],
)
def test_sentence_is_touched_by_a_fact_or_by_the_cells_around(
    tiny: MadeUpBook, text: str, by_facts: int, by_cells: int, untouched: list[str]
) -> None:
    before = coverage.measure(book.load(tiny.config))
    tiny.write(
        "facts/one.toml",
        'section = "part/one"\n[[fact]]\nclaim = "事実の値は9です。"\ncell = "x"\n'
        'same = ["a"]\n',
    )
    after = measure(tiny, text)
    (old,) = [each for each in before if each.path == "part/one.md"]
    assert after.by_facts - old.by_facts == by_facts
    assert after.by_cells - old.by_cells == by_cells
    added = set(map(str, after.untouched)) - set(map(str, old.untouched))
    assert {line.partition(": ")[2] for line in added} == set(untouched)


def test_check_prints_a_table_and_on_demand_the_sentences(
    tiny: MadeUpBook, capfd: pytest.CaptureFixture[str]
) -> None:
    tiny.edit("part/one.md", TEXT, "値は9です。")
    arguments = ["-C", str(tiny.root), "check", *WITHOUT]
    assert cli.main(arguments) == 0
    out = capfd.readouterr().out
    assert "section      sentences  by facts  by cells  untouched  touched" in out
    assert "値は9です。" not in out
    assert cli.main([*arguments, "--untouched"]) == 0
    lines = (tiny.root / "part/one.md").read_text("utf-8").splitlines()
    place = f"part/one.md:{lines.index('値は9です。') + 1}: 値は9です。 [9]"
    assert place in capfd.readouterr().out


def test_book_says_how_many_sentences_have_to_be_touched(
    tiny: MadeUpBook, capfd: pytest.CaptureFixture[str]
) -> None:
    tiny.edit("part/one.md", TEXT, "値は9です。")
    tiny.edit("config.ini", "[build]", "[tabbook]\nleast_coverage = 99%\n[build]")
    (report,) = [
        each
        for each in check.run(
            book.load(load(tiny.root)), without={*check.STEPS} - {"coverage"}
        )
        if each.name == "coverage"
    ]
    problem = report.problems[0]
    assert (problem.path, problem.name) == ("part/one.md", "low-coverage")
    assert "least_coverage is 99; write facts" in problem.message
    assert not report.passed
    tiny.edit("config.ini", "99%", "0")
    assert coverage.measure(book.load(load(tiny.root)))[0].percent < 99

"""Numbers in the text are tied to the cell they speak of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabbook.base.config import load
from tabbook.source import book
from tabbook.verification import check
from tabbook.verification.claims import ties
from tests.support.book_with_three_frameworks import MadeUpBook, make

TEXT = "共有の文。"
"""The paragraph below alpha's cell ``alpha_second = 2``, which prints ``<alpha>``."""


@pytest.fixture
def tiny(tmp_path: Path) -> MadeUpBook:
    return make(tmp_path)


def untied(tiny: MadeUpBook) -> list[str]:
    return [str(problem) for problem in ties.check(book.load(tiny.config))]


@pytest.mark.parametrize(
    "text",
    [
        "値は2です。",
        "値は2.0です。",
        "`x9`と$9$と:numref:`fig_x`です。",
        "値は9です。<!-- untied: 9 -->",
        "値は2です。\n\n次の段落の値は9です。",
        "## 9番目の節",
        "次のセルの値は3です。",
    ],
)
def test_number_that_the_cell_contains_is_tied(tiny: MadeUpBook, text: str) -> None:
    tiny.edit("part/one.md", TEXT, text)
    assert untied(tiny) == []


def test_number_of_nothing_is_a_warning_with_its_line(tiny: MadeUpBook) -> None:
    tiny.edit("part/one.md", TEXT, "値は2と1,024です。")
    (problem,) = ties.check(book.load(tiny.config))
    lines = (tiny.root / "part/one.md").read_text("utf-8").splitlines()
    assert (problem.path, problem.line, problem.name, problem.severity) == (
        "part/one.md",
        lines.index("値は2と1,024です。") + 1,
        "untied-number",
        "warning",
    )
    assert problem.message.startswith("[Alpha] 1,024 in '値は2と1,024です。'")
    # The advice is followed.
    comment = problem.message.partition("add ")[2].partition(" to the")[0]
    tiny.edit("part/one.md", "1,024です。", f"1,024です。{comment}")
    assert untied(tiny) == []


def test_number_in_a_claim_is_tied_by_its_fact(tiny: MadeUpBook) -> None:
    tiny.edit("part/one.md", TEXT, "値は9です。")
    assert len(untied(tiny)) == 1
    fact = '[[fact]]\nclaim = "値は9です。"\ncell = "x"\nsame = ["a"]\n'
    fact = f'section = "part/one"\n{fact}'
    tiny.write("facts/one.toml", fact)
    assert untied(tiny) == []


def test_check_asks_only_where_the_book_says_so(tiny: MadeUpBook) -> None:
    tiny.edit("part/one.md", TEXT, "値は9です。")

    def names() -> list[str]:
        loaded = book.load(load(tiny.root))
        without = {*check.STEPS} - {"facts"}
        (report,) = [
            each for each in check.run(loaded, without=without) if each.name == "facts"
        ]
        return [problem.name for problem in report.problems]

    assert names() == []
    tiny.edit("config.ini", "[build]", "[tabbook]\ntie_numbers = yes\n[build]")
    assert names() == ["untied-number"]
    tiny.edit("config.ini", "tie_numbers", "silence = untied-number\ntie_numbers")
    assert names() == []

"""Lint reports every problem with its file, line and name, and nothing else."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tabbook.base.config import Config
from tabbook.base.errors import Problem
from tabbook.lint import PROBLEMS, lint
from tabbook.source import book
from tests.support.tables import examples

HERE = Path(__file__).parent / "tables"
CONFIG = """[project]
title = 本
lang = en
[build]
notebooks = index.md chapter_*/*.md
tabs = mxnet, pytorch, tensorflow
[framework-mxnet]
label = MXNet
[framework-pytorch]
label = PyTorch
[framework-tensorflow]
label = TensorFlow
"""
DROPPED = CONFIG + "[framework-jax]\nlabel = JAX\n"
SECTION = "chapter_a/one.md"
FILES = {
    "index.md": "# 本\n\n```toc\nchapter_a/one\n```\n",
    "static/figure.svg": "<svg/>",
}

MakeBook = Callable[..., Config]


def split(text: str) -> dict[str, str]:
    """Split an example at its ``@@ PATH`` lines; without them it is one section."""
    parts = re.split(r"^@@ (.*)\n", text, flags=re.MULTILINE)
    if len(parts) == 1:
        return {SECTION: text + "\n"}
    return dict(zip(parts[1::2], parts[2::2], strict=True))


JAPANESE = CONFIG.replace("lang = en", "lang = ja") + "[tabbook]\nterms = terms.toml\n"
TERMS = """
[[term]]
japanese = "コンストラクター"
english = "constructor"
avoid = ["コンストラクタ"]
[[phrase]]
write = "できる"
avoid = ["することができ"]
"""


def problems(
    make_book: MakeBook, text: str, *, config: str = CONFIG, **more: str
) -> list[Problem]:
    files = {**FILES, **split(text), **more}
    return lint(book.load(make_book(files, files.pop("config.ini", config))))


TABLES = [
    HERE / f"{name}.txt"
    for name in ("book", "citations", "structure", "syntax", "tabs", "text")
]


def test_every_table_is_tested() -> None:
    others = {HERE / "dropped.txt", HERE / "japanese.txt"}
    assert {*HERE.glob("*.txt")} == {*TABLES, *others}


@pytest.mark.parametrize(("text", "expected"), examples(*TABLES))
def test_lint(make_book: MakeBook, text: str, expected: str) -> None:
    check(problems(make_book, text), expected)


@pytest.mark.parametrize(("text", "expected"), examples(HERE / "dropped.txt"))
def test_dropped_framework(make_book: MakeBook, text: str, expected: str) -> None:
    check(problems(make_book, text, config=DROPPED), expected)


@pytest.mark.parametrize(("text", "expected"), examples(HERE / "japanese.txt"))
def test_japanese(make_book: MakeBook, text: str, expected: str) -> None:
    more = {"terms.toml": TERMS}
    check(problems(make_book, text, config=JAPANESE, **more), expected)


def test_rules_for_japanese_do_not_apply_to_english(make_book: MakeBook) -> None:
    assert problems(make_book, "# Words (two), three\n\na，b c です") == []


def check(reported: list[Problem], expected: str) -> None:
    assert reported == sorted(reported)
    rows = [line.split(" ", 2) for line in expected.splitlines() if line]
    names = sorted(
        (f"{problem.path}:{problem.line}", problem.name) for problem in reported
    )
    assert names == sorted((place, name) for place, name, *_ in rows)
    for place, name, *part in rows:
        messages = [
            problem.message
            for problem in reported
            if f"{problem.path}:{problem.line}" == place
        ]
        assert not part or any(part[0] in text for text in messages), (name, messages)


def test_every_problem_has_an_example() -> None:
    tables = "".join(file.read_text("utf-8") for file in HERE.glob("*.txt"))
    elsewhere = {"replaced-output"}  # known when pages are built
    elsewhere |= {"code-of-origin", "outdated-translation", "paragraphs-of-origin"}
    elsewhere |= {"untranslated"}  # of two books: tests/cli/test_translation.py
    assert {name for name in PROBLEMS if f" {name}" not in tables} == elsewhere


def test_silenced_problem_is_not_reported(make_book: MakeBook) -> None:
    silent = "[tabbook]\nsilence = unknown-mark, missing-figure\n" + CONFIG
    text = f"@@ config.ini\n{silent}@@ {SECTION}\n# 題\n:foo:`x` ![](no.svg) :ref:`y`\n"
    assert [problem.name for problem in problems(make_book, text)] == [
        "unresolved-reference"
    ]


def test_severity_is_the_declared_one(make_book: MakeBook) -> None:
    text = "# 題 :foo:`x` :ref:`y`\n\n```{.python .input}\n%%tab pytroch\nx\n```"
    reported = problems(make_book, text)
    assert {problem.name: problem.severity for problem in reported} == {
        "unknown-mark": "warning",
        "unresolved-reference": "warning",
        "unknown-tab": "error",
    }
    assert str(reported[0]).startswith(f"{SECTION}:1: ")


PIECES = (
    *("```\n", "```{.python .input}\n", "```{.json .output}\n", "````\n", "~~~\n"),
    *(
        "%%tab mxnet\n",
        "%%tab\n",
        "# @tab all\n",
        "%%tab a、b\n",
        "tab.selected('x')\n",
    ),
    *(":begin_tab:`mxnet`\n", ":end_tab:\n", ":begin_tab:\n", ":label:`x`\n"),
    *("    indented\n", "\n", "\n", "x = 1\n", "(**", "**)", "[~~", "~~]", "`", "``"),
    *(":numref:`x`", "![a](b.svg)\n", "文", "\t", "\x0c", "\u2028", "\x00", "$$\n"),
    *("%load_ext d2lbook.tab\n", "if tab.selected('mxnet'):\n", "'''", "|a|\n", "# "),
    *("import a\n", "```toc\n", "../one\n", "\ue000", "%time x\n", "!ls\n", "a?\n"),
)


@pytest.mark.parametrize("seed", range(40))
def test_lint_accepts_any_input(make_book: MakeBook, seed: int) -> None:
    draw = random.Random(seed)
    sections = {
        f"chapter_a/{at}.md": "".join(draw.choices(PIECES, k=draw.randint(0, 40)))
        for at in range(10)
    }
    loaded = book.load(make_book({**FILES, **sections}, CONFIG))
    heights = {
        section.path: max(section.text.count("\n") + 1, 1)
        for section in loaded.sections
    }
    for problem in lint(loaded):
        assert 0 <= problem.line <= heights[problem.path], problem

"""Lint costs little, and no more than the size of its input says.

Bounds are ratios of CPU seconds, which a slower or a busy machine keeps.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tabbook import lint
from tabbook.base import config
from tabbook.source import book
from tabbook.source.cells import dialect
from tabbook.source.markdown.tokens import walk
from tabbook.source.section import shared_section
from tests.support import book_of_formulas
from tests.support.books import MakeBook

CONFIG = """[project]
title = 本
lang = ja
[build]
notebooks = index.md
tabs = left, right
"""

GROWING: dict[str, Callable[[int], str]] = {
    "images without an end": lambda n: "![](a" * n,
    "brackets": lambda n: "[" * n,
    "links without an end": lambda n: "[a](" * n,
    "spaces in a heading": lambda n: f"# a{' ' * (8 * n)}b",
    "spaces before a label": lambda n: f"# a{' ' * (8 * n)}:label:",
    "dollars": lambda n: "$" * n,
    "dollars with a word": lambda n: "$a " * n,
    "double dollars": lambda n: "$$ a " * n,
    "environments without an end": lambda n: "\\begin{align}\n" * (n // 2),
    "a long table": lambda n: "| a | b |\n|---|---|\n" + "| x | $y$ |\n" * n,
    "a wide table": lambda n: f"{'|a' * n}|\n{'|-' * n}|\n{'|x' * n}|",
    "captions without a table": lambda n: ": a\n" * n,
    "paragraphs like captions": lambda n: ": a\n\n" * (n // 2),
    "a long list": lambda n: "- a\n" * n,
    "deep lists": lambda n: "".join(f"{'  ' * (at % 40)}- a\n" for at in range(n // 8)),
    "quotations": lambda n: "> > > a\n" * n,
    "marks without an end": lambda n: ":numref:`a " * n,
    "unknown labels": lambda n: ":numref:`a` " * n,
    "emphasis without an end": lambda n: "*a **b " * n,
    "slide marks without an end": lambda n: "[**a " * n,
    "a long paragraph": lambda n: "文\n" * n,
    "tags": lambda n: "<b>" * n,
    "tags without an end": lambda n: "<div " * n,
    "footnotes": lambda n: "[^1] " * n,
    "a long cell": lambda n: (
        "```{.python .input}\n%%tab left\n" + "x = 1\n" * n + "```\n"
    ),
    "a long formula": lambda n: f"${'{' * n}{'}' * n}$",
}
"""Texts whose patterns may be tried at each of n places, by what they are."""

SMALL, LARGE = 1000, 8000

BOUND = 4
"""How often eight times the input may take eight times as long; squares are eight."""

FLOOR = 0.02
"""CPU seconds below which a measurement says nothing, as fixed costs prevail."""


def cost(make_book: MakeBook, text: str) -> float:
    """Return the CPU seconds that lint takes for a book of one text."""
    sample = make_book({"index.md": f"# 本\n\n{text}\n\n文です。\n"}, CONFIG)
    return seconds(lambda: lint.lint(book.load(sample)))


@pytest.mark.parametrize("name", GROWING)
def test_seconds_are_linear_in_the_size(make_book: MakeBook, name: str) -> None:
    text = GROWING[name]
    small = min(cost(make_book, f"{text(SMALL)} {number}") for number in range(2))
    bound = BOUND * LARGE / SMALL * max(small, FLOOR)
    # Once more if the first measurement is over the bound: something disturbed it.
    large = (cost(make_book, f"{text(LARGE)} {number}") for number in range(2))
    assert any(seconds < bound for seconds in large)


@pytest.fixture(scope="module")
def formulas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return book_of_formulas.write(tmp_path_factory.mktemp("formulas") / "book", 25)


def test_book_of_formulas_has_them(formulas: Path) -> None:
    loaded = book.load(config.load(formulas))
    for section in loaded.sections:
        if "section" in section.name:
            kinds = [
                token.type
                for prose in section.prose
                for token in walk(prose.tokens)
                if token.type.startswith("math")
            ]
            assert len(kinds) == book_of_formulas.FORMULAS
    assert lint.lint(loaded) == []


def test_book_of_formulas_is_deterministic(formulas: Path, tmp_path: Path) -> None:
    again = book_of_formulas.write(tmp_path / "book", 25)
    files = sorted(path for path in formulas.rglob("*") if path.is_file())
    for file in files:
        other = again / file.relative_to(formulas)
        assert other.read_bytes() == file.read_bytes()


def test_lint_costs_little_more_than_reading_markdown(formulas: Path) -> None:
    texts = [path.read_text("utf-8") for path in formulas.rglob("*.md")]
    plain = MarkdownIt("commonmark").enable("table")
    lint_book(formulas)  # imports what lint needs
    gc.freeze()  # what other tests have left is not lint's
    read = min(seconds(lambda: [plain.parse(text) for text in texts]) for _ in range(3))
    linted = min(seconds(lambda: lint_book(formulas)) for _ in range(3))
    gc.unfreeze()
    assert linted < 8 * read, f"{linted / read:.1f} times"


def lint_book(folder: Path) -> None:
    """Lint a book whose sections nothing has read before."""
    shared_section.cache_clear()
    lint.lint(book.load(config.load(folder)))


def seconds(action: Callable[[], object]) -> float:
    """Return the CPU seconds of an action, without those of collecting garbage.

    That takes as long as the tests before have left objects in the process.
    """
    gc.disable()
    started = time.process_time()
    try:
        action()
        return time.process_time() - started
    finally:
        gc.enable()


def test_code_without_branches_is_read_as_d2lbook_reads_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = ("%%tab left", "# @tab all", "x = 1", "", "  y", "#@tab", ":width:`3`")
    sources = [
        "\n".join((first, second, third))
        for first in lines
        for second in lines
        for third in lines
    ]
    fast = [_code(source) for source in sources]
    monkeypatch.setattr(dialect, "BRANCHES", ("",))
    assert fast == [_code(source) for source in sources]


def _code(source: str) -> list[tuple[int, str]]:
    cell = dialect.whole(source)
    cell.cell_type = "code"
    numbered = dialect.code_lines(cell, "left", "left")
    return [(number, line) for number, line in numbered if line.strip()]

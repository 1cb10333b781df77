"""A framework that config.ini describes and does not list is left out everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabbook import sphinxext
from tabbook.base import config as configuration
from tabbook.execution import planner
from tabbook.lint import lint
from tabbook.notebooks import store
from tabbook.source import book
from tests.support.book_with_three_frameworks import MadeUpBook, make

TABLE = "| 用途 | Alpha | gamma |\n|--|--|--|\n| 作る | `a()` | `gamma()` |"
LISTED = "tabs = alpha, beta, gamma"


@pytest.fixture
def made_up_book(tmp_path: Path) -> MadeUpBook:
    made_up_book = make(tmp_path)
    made_up_book.edit("config.ini", LISTED, f"{LISTED}\n[framework-gamma]")
    only_gamma = "# 第三の節\n\n```{.python .input}\n%%tab gamma\nx = 1\n```\n"
    made_up_book.write("part/three.md", only_gamma)
    made_up_book.edit("index.md", "part/two", "part/two\npart/three")
    made_up_book.edit(
        "part/one.md",
        "## 図と表",
        ":begin_tab:`gamma`\nガンマの文。\n:end_tab:\n\n## 図と表",
    )
    made_up_book.execute()
    return made_up_book


def drop(made_up_book: MadeUpBook, name: str) -> None:
    listed = [
        framework for framework in ("alpha", "beta", "gamma") if framework != name
    ]
    made_up_book.edit("config.ini", LISTED, f"tabs = {', '.join(listed)}")


def test_dropped_framework_leaves_no_trace_on_pages(made_up_book: MadeUpBook) -> None:
    made_up_book.edit("part/one.md", "## 図と表", f"{TABLE}\n\n## 図と表")
    drop(made_up_book, "gamma")
    loaded = book.load(made_up_book.config)
    assert not [problem for problem in lint(loaded) if "tab" in problem.name]
    assert sphinxext.build(loaded).warnings == ""
    for name in ("index", "part/one", "part/two", "part/three"):
        text = made_up_book.article(name).get_text()
        assert "gamma" not in text
        assert "ガンマ" not in text
    assert "alpha_first" in made_up_book.article("part/one").get_text()
    table = made_up_book.article("part/one").select("table")[0]
    assert table.get_text().split() == ["用途", "Alpha", "作る", "a()"]
    assert not list((made_up_book.root / "_build/html/notebooks/gamma").rglob("*"))


def test_nothing_is_stale_or_deleted_after_a_framework_is_dropped(
    made_up_book: MadeUpBook,
) -> None:
    before = made_up_book.states()
    drop(made_up_book, "gamma")
    loaded = book.load(made_up_book.config)
    steps = planner.plan(loaded, loaded.sections, loaded.config.frameworks)
    assert {step.framework.name for step in steps} == {"alpha", "beta"}
    assert all(step.reused for step in steps)
    planner.run(loaded, steps)
    assert list(store.orphans(loaded)) == []
    states = made_up_book.states()
    config = made_up_book.root / configuration.FILE_NAME
    assert {path for path in before if before[path] != states.get(path)} == {config}


def test_framework_comes_back_with_its_word(made_up_book: MadeUpBook) -> None:
    sphinxext.build(made_up_book.config)
    before = made_up_book.html()
    drop(made_up_book, "gamma")
    sphinxext.build(made_up_book.config)
    made_up_book.edit("config.ini", "tabs = alpha, beta", LISTED)
    sphinxext.build(made_up_book.config)
    assert made_up_book.html() == before


def test_only_misspelled_section_of_a_framework_is_unknown(
    made_up_book: MadeUpBook,
) -> None:
    drop(made_up_book, "gamma")
    made_up_book.edit("config.ini", "[framework-beta]", "[framework-betta]\nlabell = x")
    (problem,) = made_up_book.config.problems
    assert "did you mean 'framework-beta'?" in problem.message
    made_up_book.edit("config.ini", "[framework-betta]", "[framework-beta]")
    (problem,) = made_up_book.config.problems
    assert "unknown key 'labell' in [framework-beta]" in problem.message

"""Solutions stand folded on the page of their section, or nowhere at all."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from tabbook import sphinxext
from tabbook.base.errors import BookError
from tabbook.execution import planner
from tabbook.lint import lint
from tabbook.notebooks import store
from tabbook.notebooks.compile import compile_section
from tabbook.source import book
from tests.support.book_with_three_frameworks import (
    EXERCISES,
    SOLUTIONS,
    TWO,
    MadeUpBook,
    make,
)

WITHOUT = ("notebooks = *.md part/*.md", "notebooks = *.md part/*.md\nexclusions = {}")
LINE = "*/*-solutions.md"


@pytest.fixture
def solved(tmp_path: Path) -> MadeUpBook:
    sample = make(tmp_path)
    sample.write("part/two.md", TWO + EXERCISES)
    sample.write("part/two-solutions.md", SOLUTIONS)
    sample.execute()
    return sample


def test_solutions_are_folded_below_exercises(solved: MadeUpBook) -> None:
    result = sphinxext.build(solved.config)
    assert result.warnings == ""
    assert result.read == ("index", "part/one", "part/two")
    article = solved.article("part/two")
    folds = article.select("details")
    assert [fold.summary.text for fold in folds if fold.summary] == [
        "演習1の解答",
        "演習2の解答",
        "解答の準備",
    ]
    assert [fold["id"] for fold in folds] == ["solution-1", "solution-2", "solutions"]
    assert not any(fold.has_attr("open") for fold in folds)
    section = folds[-1].parent
    assert section and section.h2 and section.h2.text.startswith("演習")
    names = [child.name for child in section.find_all(recursive=False)]
    assert names == ["h2", "ol", "details", "div"]
    items = section.select("ol > li")
    own = [[element["id"] for element in item.select("details")] for item in items]
    assert own == [["solution-1"], ["solution-2"]]
    assert "アルファの議論" in section.find_all(recursive=False)[-1].text


def test_solutions_have_tabs_outputs_and_references(solved: MadeUpBook) -> None:
    sphinxext.build(solved.config)
    first = solved.article("part/two").select_one("#solution-1")
    assert first
    labels = [element["aria-label"] for element in first.select(".panel")]
    assert labels == ["Alpha", "Beta Two"]
    assert "<alpha> secret_alpha_" in first.text
    assert "<beta> secret_beta_" in first.text
    link = first.select_one("p a")
    assert link and link["href"] == "one.html#sec-one" and link.text == "第一節"


def test_solutions_have_no_page_and_no_toc_entry(solved: MadeUpBook) -> None:
    sphinxext.build(solved.config)
    pages = [name for name in solved.html() if name.endswith(".html")]
    assert pages
    assert not any("solutions" in name for name in pages)
    page = solved.page("part/two")
    assert "演習の解答" not in page.text
    sidebar = page.select_one(".toc-tree")
    assert sidebar and "演習" in sidebar.text and "演習1" not in sidebar.text


def test_warning_names_file_of_solutions(
    solved: MadeUpBook, capsys: pytest.CaptureFixture[str]
) -> None:
    solved.edit("part/two-solutions.md", "秘密の説明です。", ":numref:`sec_nowhere2`")
    for _ in range(2):
        sphinxext.build(solved.config)
        printed = capsys.readouterr().err
        assert printed.startswith("part/two-solutions.md:12: WARNING: ")


def test_stale_outputs_of_solutions_name_command(solved: MadeUpBook) -> None:
    solved.edit("part/two-solutions.md", "secret_last = 2", "secret_last = 3")
    command = "build.sh run part/two-solutions --framework beta"
    with pytest.raises(BookError, match=command):
        sphinxext.build(solved.config)


def test_edit_of_solutions_reads_page_of_section(solved: MadeUpBook) -> None:
    sphinxext.build(solved.config)
    solved.edit("part/two-solutions.md", "秘密の説明です。", "新しい説明。")
    assert sphinxext.build(solved.config).read == ("part/two",)
    assert "新しい説明" in solved.article("part/two").text


def test_added_and_deleted_solutions_update_page(solved: MadeUpBook) -> None:
    sphinxext.build(solved.config)
    (solved.root / "part/two-solutions.md").unlink()
    assert sphinxext.build(solved.config).read == ("part/two",)
    assert not solved.article("part/two").select("details")
    solved.write("part/two-solutions.md", SOLUTIONS)
    assert sphinxext.build(solved.config).read == ("part/two",)
    assert len(solved.article("part/two").select("details")) == 3


def test_notebooks_of_solutions_run_alone(solved: MadeUpBook) -> None:
    loaded = book.load(solved.config)
    names = [section.name for section in loaded.sections]
    assert names == ["index", "part/one", "part/two", "part/two-solutions"]
    assert "part/two-solutions" in loaded.listed
    solutions = loaded.section("part/two-solutions")
    assert solutions and solutions.solves == "part/two"
    notebook = compile_section(loaded, solutions, solved.config.framework("beta"))
    assert notebook
    sources = store.sources(notebook)
    assert sources == ["secret_setup = 1", "secret_beta = 1", "secret_last = 2"]
    assert [problem for problem in lint(loaded) if "solutions" in problem.path] == []


def test_one_setting_removes_solutions_everywhere(solved: MadeUpBook) -> None:
    sphinxext.build(solved.config)
    notebooks = sorted(solved.config.notebooks.rglob("*-solutions.ipynb"))
    assert len(notebooks) == 2
    kept = {
        path: path.read_bytes() for path in solved.config.notebooks.rglob("*.ipynb")
    }
    solved.edit("config.ini", WITHOUT[0], WITHOUT[1].format(LINE))
    loaded = book.load(solved.config)
    steps = planner.plan(loaded, loaded.sections, solved.config.frameworks)
    assert steps
    assert all(step.reused for step in steps), "nothing has to run for it"
    planner.run(loaded, steps)
    assert planner.remove_orphans(loaded) == [], "the setting may be taken back"
    sphinxext.build(solved.config)
    pages = {k: v for k, v in solved.html().items() if not k.startswith("_static/")}
    assert "search-index.js" in pages
    for name, content in pages.items():
        for secret in ("secret", "秘密", "解答", "solution"):
            assert secret.encode() not in content, name
    left = {
        path: path.read_bytes() for path in solved.config.notebooks.rglob("*.ipynb")
    }
    assert left.keys() == kept.keys()
    assert {path: left[path] for path in notebooks} == {
        path: kept[path] for path in notebooks
    }
    offered = {name: text for name, text in pages.items() if name.endswith(".ipynb")}
    assert len(offered) == len(left) - len(notebooks)
    for text in offered.values():
        assert nbformat.reads(text.decode(), as_version=4)


def test_solutions_suffix_without_exercises_is_plain_section(
    solved: MadeUpBook,
) -> None:
    (solved.root / "part/two.md").rename(solved.root / "part/other.md")
    solved.edit("index.md", "part/two", "part/other\npart/two-solutions")
    solved.execute()
    assert "part/two-solutions" in sphinxext.build(solved.config).read
    assert not solved.article("part/two-solutions").select("details")

"""Cells that are meant to raise: run, stored, verified, and shown on the page."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup

from tabbook import sphinxext
from tabbook.cli import main as cli
from tabbook.execution.forkserver.servers import close_servers
from tests.support.book_of_cells import BookOfCells, make
from tests.support.books import MakeBook

LESSON = "# raises: ValueError\nint('x')"
LINES = (
    "# raises: RuntimeError\nexec(open('../data/code.py').read())\n"
    "raise RuntimeError(message)"
)
SYNTAX = "# raises: SyntaxError\nx = = 1"


@pytest.fixture
def tiny(make_book: MakeBook, light_environments: None) -> Iterator[BookOfCells]:
    tiny = make(make_book)
    set_message(tiny, "first\\nat 1")
    yield tiny
    close_servers()


def set_message(tiny: BookOfCells, text: str) -> None:
    (tiny.root / "data/code.py").write_text(f"message = '{text}'", "utf-8")


def test_error_is_stored_and_the_next_cells_run(tiny: BookOfCells) -> None:
    tiny.write("print(1)", LESSON, SYNTAX, "print(2)")
    assert tiny.run().failure is None
    before = tiny.notebook_file.read_bytes()
    cells = [cell for cell in tiny.notebook.cells if cell.cell_type == "code"]
    assert [cell.metadata.get("tags") for cell in cells] == [
        None, ["raises-exception"], ["raises-exception"], None,
    ]  # fmt: skip
    assert [output.output_type for cell in cells for output in cell.outputs] == [
        "stream", "error", "error", "stream",
    ]  # fmt: skip
    assert cells[1].outputs[0].evalue == "invalid literal for int() with base 10: 'x'"
    assert tiny.problems() == []
    tiny.run(force=True)
    assert tiny.notebook_file.read_bytes() == before


def test_only_type_and_first_line_are_compared(tiny: BookOfCells) -> None:
    tiny.write(LINES)
    tiny.run()
    set_message(tiny, "first\\nat 2")
    assert tiny.problems() == []
    set_message(tiny, "second\\nat 1")
    (problem,) = tiny.verify().problems
    assert (problem.line, problem.name) == (tiny.line(0), "changed-output")
    assert "-RuntimeError: first" in problem.message
    assert "+RuntimeError: second" in problem.message


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("# raises: ValueError\nint('1')", "not-raised", "ValueError, and did not"),
        (
            "# raises: KeyError\nint('x')",
            "not-raised",
            "KeyError, and raised ValueError: invalid literal",
        ),
        ("int('x')", "raised", "ValueError: invalid literal"),
        ("int('x')\n# raises: ValueError", "raised", "ValueError: invalid literal"),
    ],
)
def test_run_fails_unless_the_cell_raises_what_it_says(
    tiny: BookOfCells, code: str, kind: str, message: str
) -> None:
    tiny.write("print(1)", code)
    failure = tiny.run().failure
    assert failure
    assert (failure.kind, failure.line) == (kind, tiny.line(1))
    assert message in failure.message
    assert not tiny.notebook_file.exists()


def test_cell_that_no_longer_raises_is_a_problem(tiny: BookOfCells) -> None:
    tiny.write("# raises: ValueError\nint(open('../data/number').read())", "print(2)")
    number = tiny.root / "data/number"
    number.write_text("x", "utf-8")
    tiny.run()
    number.write_text("1", "utf-8")
    (problem,) = tiny.verify().problems
    assert (problem.line, problem.name) == (tiny.line(0), "not-raised")
    assert "was to raise ValueError, and did not" in problem.message
    assert "--force" not in problem.message


def test_tag_that_no_source_has_is_a_problem(tiny: BookOfCells) -> None:
    tiny.write("exec(open('../data/code.py').read())")
    tiny.run()
    notebook = json.loads(tiny.notebook_file.read_text("utf-8"))
    notebook["cells"][-1]["metadata"]["tags"] = ["nbval-skip"]
    tiny.notebook_file.write_text(json.dumps(notebook), "utf-8")
    (problem,) = tiny.verify().problems
    assert (problem.line, problem.name) == (tiny.line(0), "foreign-tags")
    assert cli.main(["-C", str(tiny.root), "run"]) == 0
    assert tiny.problems() == []


def test_versions_that_did_not_run_are_a_problem(tiny: BookOfCells) -> None:
    tiny.write("print(1)")
    tiny.run()
    notebook = json.loads(tiny.notebook_file.read_text("utf-8"))
    notebook["metadata"]["tabbook"]["versions"]["torch"] = "9.9"
    tiny.notebook_file.write_text(json.dumps(notebook), "utf-8")
    (problem,) = tiny.verify().problems
    assert problem.name == "other-versions"
    assert "names versions that did not run: torch 9.9" in problem.message
    assert cli.main(["-C", str(tiny.root), "run", "--force"]) == 0
    assert tiny.problems() == []


def test_page_shows_the_error(tiny: BookOfCells) -> None:
    tiny.write(LESSON)
    tiny.run()
    page = sphinxext.build(tiny.book).folder / "chapter_a/one.html"
    soup = BeautifulSoup(page.read_text("utf-8"), "html.parser")
    article = soup.find("article")
    assert article
    assert "# raises: ValueError" in article.text
    assert "ValueError: invalid literal for int() with base 10: 'x'" in article.text
    assert "\x1b" not in article.text

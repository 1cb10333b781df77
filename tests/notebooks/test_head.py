"""The head of notebooks: title, links, folded set-up; solutions that open singly."""

from __future__ import annotations

import pytest
from nbformat import NotebookNode

from tabbook.notebooks import store
from tabbook.notebooks.compile import compile_section
from tabbook.notebooks.setup_cell import SETUP_CELL_ID
from tabbook.source import book
from tests.support.books import MakeBook

CONFIG = """[project]
title = Book
lang = en
[build]
notebooks = *.md
tabs = left, right
[framework-left]
label = Left
colab = setup.py
[framework-right]
label = Right
"""

CELL = "```{.python .input}\n%%tab left\nx = 1\n```\n"
BOTH = CELL.replace("left", "left, right")
SOLUTIONS = f"# Answers\n\nTogether.\n\n{CELL}\n## One\n\nWhy.\n\n{CELL}\n## Two\n"
FILES = {
    "index.md": "# Book\n\n```toc\none\nright-only\ntwo\n```\n",
    "one.md": f"# One\n:label:`sec_one`\n\nText.\n\n{CELL}",
    "one-solutions.md": SOLUTIONS,
    "right-only.md": "# Right\n\n" + CELL.replace("left", "right"),
    "two.md": f"# Two\n\n{BOTH}",
    "setup.py": "# @title Set up\nprepare()\n",
}

REPOSITORY = "[tabbook]\nrepository = me/book\nbranch = dev\n"
SITE = "[tabbook]\nsite = https://example.org/b/\n"
COLAB = "https://colab.research.google.com/github/me/book/blob/dev/notebooks/"


def compiled(make_book: MakeBook, name: str, settings: str = "") -> NotebookNode:
    loaded = book.load(make_book(FILES, CONFIG + settings))
    section = loaded.section(name)
    assert section
    notebook = compile_section(loaded, section, loaded.config.framework("left"))
    assert notebook
    return notebook


@pytest.mark.parametrize(
    ("settings", "links"),
    [
        ("", "Next: [Two](two.ipynb) | [Answers](one-solutions.ipynb)"),
        (
            SITE,
            "[Read the page](https://example.org/b/one.html?framework=left)"
            " | Next: [Two](https://example.org/b/two.html?framework=left)"
            " | [Answers](https://example.org/b/one.html?framework=left)",
        ),
        (
            REPOSITORY,
            "[Read the page](https://me.github.io/book/one.html?framework=left)"
            f" | Next: [Two]({COLAB}left/two.ipynb)"
            f" | [Answers]({COLAB}left/one-solutions.ipynb)",
        ),
    ],
)
def test_head_names_framework_and_leads_on(
    make_book: MakeBook, settings: str, links: str
) -> None:
    head, setup, text, *_ = compiled(make_book, "one", settings).cells
    assert head.source == f"# One (Left)\n\n{links}"
    assert setup.id == SETUP_CELL_ID
    assert setup.metadata == {"cellView": "form", "jupyter": {"source_hidden": True}}
    assert text.source == "Text."


def test_way_back_leaves_out_sections_without_the_framework(
    make_book: MakeBook,
) -> None:
    head = compiled(make_book, "two").cells[0]
    assert head.source == "# Two (Left)\n\nPrevious: [One](one.ipynb)"


def test_solutions_are_closed_until_a_reader_opens_them(make_book: MakeBook) -> None:
    notebook = compiled(make_book, "one-solutions")
    head, *cells = notebook.cells
    assert head.source == "# Answers (Left)\n\nExercises: [One](one.ipynb)"
    closed = [cell for cell in cells if "jp-MarkdownHeadingCollapsed" in cell.metadata]
    assert [cell.source for cell in closed] == ["## One", "## Two"]
    assert notebook.metadata.colab.collapsed_sections == [cell.id for cell in closed]
    assert "Why." in [cell.source for cell in cells], "in a cell below, which is hidden"


def test_head_is_no_part_of_a_key(make_book: MakeBook) -> None:
    config = make_book(FILES, CONFIG)
    left = config.framework("left")
    (config.root / "environments").mkdir(exist_ok=True)
    left.environment.write_text("left==1\n")
    bare = compiled(make_book, "one")
    known = compiled(make_book, "one", REPOSITORY)
    assert bare.cells[0] != known.cells[0]
    assert store.key(config, left, bare) == store.key(config, left, known)

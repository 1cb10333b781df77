"""Compiled notebooks run anywhere without tabbook."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from tabbook.base.config import Config
from tabbook.cli.main import main
from tabbook.notebooks.compile import compile_section, notebook_path, source_lines
from tabbook.source import book
from tabbook.source.book import Book
from tests.support.books import write_files
from tests.support.tables import examples

HERE = Path(__file__).parent / "tables"
CONFIG = """[project]
title = 本
lang = ja
[build]
notebooks = index.md chapter_*/*.md
tabs = left, right
"""
COLAB = "[framework-left]\ncolab = environments/left_colab.py\n"
CELL = "```{.python .input}\n%%tab left\nx = 1\n```\n"
FILES = {
    "index.md": "# 本\n\n```toc\nchapter_a/one\nchapter_a/two\nchapter_b/other\n```\n",
    "chapter_a/two.md": "# 二つ目\n:label:`sec_two`\n\n![図](../static/figure.svg)\n"
    f":label:`fig_two`\n\n$$x$$\n:eqlabel:`eq_two`\n\n{CELL}",
    "chapter_b/other.md": "# 他\n:label:`sec_other`\n\n"
    + CELL.replace("left", "left, right"),
    "static/figure.svg": "<svg/>",
    "static/dot.png": "dot",
    "environments/left_colab.py": "import sys\n",
}

MakeBook = Callable[..., Config]


def load(make_book: MakeBook, text: str, config: str = CONFIG) -> Book:
    return book.load(make_book({**FILES, "chapter_a/one.md": text + "\n"}, config))


def compiled(
    loaded: Book, framework: str = "left", section: str = "chapter_a/one"
) -> NotebookNode | None:
    chosen = loaded.section(section)
    assert chosen is not None
    return compile_section(loaded, chosen, loaded.config.framework(framework))


def shown(notebook: NotebookNode | None) -> str:
    if notebook is None:
        return "none"
    return "\n".join(f"-- {cell.cell_type}\n{cell.source}" for cell in notebook.cells)


@pytest.mark.parametrize(
    ("text", "framework", "expected"), examples(HERE / "prose.txt", parts=3)
)
def test_prose_compiles_to_the_expected_cells(
    make_book: MakeBook, text: str, framework: str, expected: str
) -> None:
    assert shown(compiled(load(make_book, text), framework)) == expected


def test_notebook_is_valid_and_names_the_kernel_python3(make_book: MakeBook) -> None:
    notebook = compiled(load(make_book, CELL + "\n文\n\n" + CELL))
    assert notebook is not None
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert all(not cell.outputs for cell in notebook.cells if cell.cell_type == "code")
    assert all(cell.metadata == {} for cell in notebook.cells)


def test_ids_are_unique_and_depend_on_the_cells_alone(make_book: MakeBook) -> None:
    text = f"文\n\n{CELL}\n文\n\n{CELL}\n{CELL}"
    first, second = (compiled(load(make_book, text)) for _ in range(2))
    assert first is not None
    assert first == second
    ids = [cell.id for cell in first.cells]
    assert len(set(ids)) == len(ids) == 5
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", id) for id in ids)


def test_edit_changes_the_id_of_the_edited_cell_alone(make_book: MakeBook) -> None:
    text = f"文\n\n{CELL}\n続き\n\n{CELL.replace('x = 1', 'y = 2')}"
    before = compiled(load(make_book, text))
    after = compiled(load(make_book, text.replace("x = 1", "x = 3")))
    assert before is not None
    assert after is not None
    pairs = list(zip(before.cells, after.cells, strict=True))
    assert [old.id == new.id for old, new in pairs] == [True, False, True, True]


def test_colab_setup_cell_comes_first(make_book: MakeBook) -> None:
    loaded = load(make_book, CELL.replace("left", "left, right"), CONFIG + COLAB)
    left, right = (compiled(loaded, name) for name in ("left", "right"))
    assert shown(left) == "-- code\nimport sys\n-- code\nx = 1"
    assert shown(right) == "-- code\nx = 1"


def test_source_lines_are_those_of_the_code_cells(make_book: MakeBook) -> None:
    loaded = load(make_book, f"# 題\n\n{CELL}\n文\n\n{CELL}", CONFIG + COLAB)
    section = loaded.section("chapter_a/one")
    assert section is not None
    framework = loaded.config.framework("left")
    assert source_lines(loaded, section, framework) == [0, 3, 10]


def test_relative_links_lead_to_existing_files(make_book: MakeBook) -> None:
    text = (
        f"![図](../static/figure.svg)\n\n:numref:`sec_two`と:ref:`sec_other`\n\n{CELL}"
    )
    loaded = load(make_book, text)
    compiled_paths = {
        loaded.config.notebooks / notebook_path(section.name, framework.name): notebook
        for section in loaded.sections
        for framework in loaded.config.frameworks
        if (notebook := compiled(loaded, framework.name, section.name))
    }
    targets = [
        (place.parent / "".join(target)).resolve()
        for place, notebook in compiled_paths.items()
        for cell in notebook.cells
        for target in re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", cell.source)
    ]
    assert len(targets) == 7
    assert all(target in compiled_paths or target.is_file() for target in targets)


def test_frameworks_of_a_section_are_those_with_a_notebook(make_book: MakeBook) -> None:
    texts = [CELL, CELL.replace("left", "all"), CELL.replace("left", "right"), "文"]
    both = CELL.replace("left", "all") + "\n" + CELL.replace("left", "right")
    for text in [*texts, both]:
        loaded = load(make_book, text)
        section = loaded.section("chapter_a/one")
        assert section is not None
        present = {framework.name for framework in loaded.frameworks_of(section)}
        assert present == {name for name in ("left", "right") if compiled(loaded, name)}


MACROS = CONFIG + (
    "[tabbook]\nmacros =\n  \\newcommand{\\R}{\\mathbb{R}}\n"
    "  \\newcommand{\\size}[1]{|#1|}\n"
)


def test_macros_are_expanded_since_notebooks_cannot_declare_them(
    make_book: MakeBook,
) -> None:
    text = (
        f"# 題\n\n式$x \\in \\R$と`$\\R$`。\n\n> $$\\R\n> = 1$$\n\n$$\\R^n$$\n"
        f":eqlabel:`eq_r`\n\n| a |\n|---|\n| $\\size{{x}}$ |\n\n{CELL}"
    )
    notebook = compiled(load(make_book, text, MACROS))
    assert notebook is not None
    prose = notebook.cells[-2].source
    assert r"式$x \in \mathbb{R}$と`$\R$`。" in prose
    assert "> $$\\mathbb{R}\n> = 1$$" in prose
    assert r"$$\mathbb{R}^n\tag{" in prose and "}$$" in prose
    assert r"| $\vert x\vert$ |" in prose


def test_notebooks_are_the_same_wherever_the_command_starts(
    make_book: MakeBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "%%tab left\nimport zlib, alib, zope\nfrom src_of_us import x"
    text = CELL.replace("%%tab left", code)
    folders = {"alib/__init__.py": "", "src/src_of_us/__init__.py": ""}
    config = load(make_book, text).config
    write_files(config.root, folders)
    write_files(tmp_path, {"setup.cfg": "[isort]\nforce_sort_within_sections = true\n"})
    compiled_files = []
    for place in (config.root, tmp_path, config.root / "chapter_a", Path("/")):
        monkeypatch.chdir(place)
        assert main(["-C", str(config.root), "compile"]) == 0
        files = sorted((config.output / "compiled").rglob("*.ipynb"))
        compiled_files.append([file.read_bytes() for file in files])
    assert compiled_files[0]
    assert all(files == compiled_files[0] for files in compiled_files)

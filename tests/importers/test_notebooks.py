"""Notebooks become sections whose notebooks have the same cells."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from tabbook import importers, lint
from tabbook.base import config
from tabbook.cli.main import main
from tabbook.importers import Source
from tabbook.importers.json_lines import cell_lines
from tabbook.source import book
from tabbook.source.cells import dialect
from tests.support.books import MakeBook

ONE = """[project]
title = Book
lang = en
[build]
notebooks = index.md chapter_*/*.md
tabs = python
"""
TWO = f"""{ONE.replace("tabs = python", "tabs = left, right, third")}
[framework-left]
preload = json
[framework-right]
preload = csv
"""
INDEX = {"index.md": "# Book\n\n```toc\n\n```\n"}
DOT = base64.b64encode(b"dot").decode()


def save(file: Path, *cells: NotebookNode, **metadata: Any) -> Path:
    """Write a notebook as Jupyter does, a line of source on a line of its own."""
    notebook = new_notebook(cells=list(cells), metadata=metadata)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(nbformat.writes(notebook), "utf-8")
    return file


def bring(
    make_book: MakeBook, *files: str, settings: str = ONE
) -> tuple[str, list[str]]:
    """Import notebooks as one section; return it, and its losses."""
    sample = make_book(INDEX, settings)
    sources = [Source(*reversed(file.split("="))) for file in files]
    imported = importers.import_files(book.load(sample), sources)
    assert not list(lint.lint(book.load(sample)))
    text = (sample.root / f"{imported.sections[0]}.md").read_text("utf-8")
    return text, [str(each) for each in imported.problems]


def codes(text: str, framework: str, default: str) -> list[str]:
    """Return the code of a framework's notebook, as it was written."""
    own = dialect.for_framework(dialect.read(text), framework, default, formatted=False)
    assert own
    return [cell.source for cell in own.cells if cell.cell_type == "code"]


def test_everything_that_cells_hold(make_book: MakeBook, tmp_path: Path) -> None:
    error = nbformat.v4.new_output("error", ename="ZeroDivisionError", evalue="")
    file = save(
        tmp_path / "deep dive.ipynb",
        new_markdown_cell("# Title\nText with ![dot](attachment:a%20dot.png)."),
        new_code_cell(
            "import b\nimport a\n\nprint(1)", metadata={"tags": ["hide-input"]}
        ),
        new_markdown_cell(
            f"![inline](data:image/png;base64,{DOT})\n\n<img src='p.svg'>"
        ),
        new_raw_cell("\\begin{x}", metadata={"raw_mimetype": "text/latex"}),
        new_raw_cell("<b>bold</b>", metadata={"raw_mimetype": "text/html"}),
        new_code_cell("1 / 0", outputs=[error]),
        new_code_cell("%%bash\nls", metadata={"tags": ["remove-cell"]}),
        new_code_cell("%%html\n<b>x</b>", metadata={"tags": ["remove-cell", "odd"]}),
        new_code_cell("  \n"),
        new_code_cell(
            "last = '''\n```\n'''", metadata={"slideshow": {"slide_type": "x"}}
        ),
    )
    content = json.loads(file.read_text("utf-8"))
    content["cells"][0]["attachments"] = {"a dot.png": {"image/png": DOT}}
    file.write_text(json.dumps(content, indent=1), "utf-8")
    (tmp_path / "p.svg").write_text(
        "<svg xmlns='http://www.w3.org/2000/svg'/>", "utf-8"
    )
    text, losses = bring(make_book, str(file))
    assert codes(text, "python", "python") == [
        "#@fold_code\nimport b\nimport a\n\nprint(1)",
        "# raises: ZeroDivisionError\n1 / 0",
        "%%bash\n#@hide\nls",
        "%%html\n<b>x</b>",
        "last = '''\n```\n'''",
    ]
    assert (
        "# Title\n\nText with ![dot](../static/deep-dive/a-dot.png)."
        in text.replace("Title\nText", "Title\n\nText")
    )
    assert '<img src="../static/deep-dive/p.svg" />' in text
    assert "<b>bold</b>" in text
    lines = file.read_text("utf-8").split("\n")
    named = {loss.split(": ", 2)[2]: int(loss.split(":")[1]) for loss in losses}
    assert len(named) == 4
    for message, line in named.items():
        part = "begin{x}" if "raw cell" in message else "%%html"
        part = "last" if "slides" in message else part
        assert part in lines[line - 1], message


@pytest.mark.parametrize("single", [True, False])
def test_lines_of_cells_in_the_file(single: bool) -> None:
    """Sources are one string or a list of lines, in any order of keys."""
    source: object = "a\nb" if single else ["a\n", "b"]
    cells = [
        {"metadata": {"cells": [{"source": "no"}]}, "source": source},
        {"source": [], "outputs": [{"text": ["x"]}]},
        {"source": ['say "\\n"']},
    ]
    text = json.dumps({"metadata": {}, "cells": cells}, indent=1)
    lines = text.split("\n")
    numbers = cell_lines(text)
    assert [len(each) for each in numbers] == [2, 0, 1]
    assert '"a' in lines[numbers[0][0] - 1]
    assert "say" in lines[numbers[2][0] - 1]


def test_frameworks_are_merged_where_their_text_agrees(
    make_book: MakeBook, tmp_path: Path
) -> None:
    def notebook(name: str, *own: NotebookNode) -> str:
        start = new_markdown_cell("# Same\n\nShared words.")
        end = [new_markdown_cell("## End\n\nThe end."), new_code_cell("print('all')")]
        return str(save(tmp_path / name / "same.ipynb", start, *own, *end))

    files = [
        notebook(
            "left",
            new_code_cell("import json"),
            new_markdown_cell("Only left."),
            new_code_cell("x = 1"),
            new_code_cell("pair = 2"),
        ),
        notebook("b", new_code_cell("import csv"), new_code_cell("pair = 2")),
        f"third={notebook('c', new_code_cell('import zlib'))}",
    ]
    text, losses = bring(make_book, *files, settings=TWO)
    assert losses == []
    assert text.count("Shared words.") == text.count("print('all')") == 1
    assert ":begin_tab:`left`\nOnly left.\n:end_tab:" in text
    assert "%%tab left, right\npair = 2" in text
    assert "%%tab all\nprint('all')" in text
    assert "tab.interact_select(['left', 'right', 'third'])" in text
    assert codes(text, "left", "left") == [
        "import json", "x = 1", "pair = 2", "print('all')"
    ]  # fmt: skip
    assert codes(text, "right", "left") == ["import csv", "pair = 2", "print('all')"]
    assert codes(text, "third", "left") == ["import zlib", "print('all')"]


def test_notebooks_of_d2lbook_keep_its_marks(
    make_book: MakeBook, tmp_path: Path
) -> None:
    file = save(
        tmp_path / "dive.ipynb",
        new_markdown_cell(
            "# Dive\n:label:`sec_dive`\n\n[**Slide**], :numref:`sec_dive`."
        ),
        new_markdown_cell("![x](https://example.org/x.svg)\n:label:`fig_x`"),
        new_code_cell("1"),
    )
    text, losses = bring(make_book, str(file))
    assert text.startswith(
        "# Dive\n:label:`sec_dive`\n\n[**Slide**], :numref:`sec_dive`."
    )
    assert "x.svg)\n:label:`fig_x`\n" in text
    assert losses == []


def test_other_languages_are_shown(make_book: MakeBook, tmp_path: Path) -> None:
    file = save(
        tmp_path / "r.ipynb", new_code_cell("mean(x)"), language_info={"name": "R"}
    )
    text, losses = bring(make_book, str(file))
    assert text == "# r\n\n```r\nmean(x)\n```\n"
    assert "a cell of r is shown and does not run" in losses[0]


def test_nothing_is_overwritten_unless_asked(
    make_book: MakeBook, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """What the messages advise is done, and works."""
    file = save(tmp_path / "one.ipynb", new_markdown_cell("# One"))
    root = make_book(INDEX, ONE).root

    def run(*arguments: str) -> tuple[int, str]:
        status = main(["-C", str(root), "import", *arguments])
        captured = capfd.readouterr()
        return status, captured.out + captured.err

    assert run(str(file))[0] == 0
    section = root / "chapter_imported/one.md"
    contents = (root / "index.md").read_text("utf-8")
    assert "chapter_imported/index\n```" in contents
    assert run(str(file))[0] == 0, "the same again changes nothing"
    section.write_text("# Mine\n", "utf-8")
    status, output = run(str(file))
    assert status == 1
    assert "chapter_imported/one.md: exists already; nothing was written" in output
    assert section.read_text("utf-8") == "# Mine\n"
    assert run(str(file), "--as", "other")[0] == 0
    assert run(str(file), "--to", "chapter_new/")[0] == 0
    assert (root / "chapter_new/index.md").read_text("utf-8").endswith("\none\n```\n")
    assert run(str(file), "--force")[0] == 0
    assert section.read_text("utf-8") == "# One\n"
    assert run(str(file), "--to", "notes")[0] == 2
    (root / "config.ini").write_text(ONE.replace("chapter_*", "*"), "utf-8")
    assert run(str(file), "--to", "notes")[0] == 0
    assert not list(lint.lint(book.load(config.load(root))))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.ipynb", "{\n oops", "x.ipynb:2: is no Jupyter notebook"),
        ("x.ipynb", "[]", "x.ipynb: is no Jupyter notebook: it has no cells"),
        ("x.rst", "Title", "is none of .ipynb, .md, .qmd; let jupytext or nbconvert"),
        ("missing.md", None, "missing.md: cannot be read: No such file"),
        ("latin.md", "\udce9", "latin.md:1: has the byte 0xe9, which is not UTF-8"),
    ],
)
def test_what_cannot_be_read_is_refused(
    make_book: MakeBook,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    *,
    name: str,
    content: str | None,
    message: str,
) -> None:
    root = make_book(INDEX, ONE).root
    if content is not None:
        (tmp_path / name).write_bytes(content.encode("utf-8", "surrogateescape"))
    assert main(["-C", str(root), "import", str(tmp_path / name)]) != 0
    assert message in capfd.readouterr().err
    assert not (root / "chapter_imported").exists()

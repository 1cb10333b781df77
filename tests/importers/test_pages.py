"""Pages of MyST and Quarto become sections in the dialect."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabbook import importers, lint
from tabbook.source import book
from tests.support.books import MakeBook
from tests.support.tables import examples

HERE = Path(__file__).parent / "tables"

BIB = """@book{doe, author = {Doe, A.}, title = {One}, year = 2020}
@book{roe, author = {Roe, B.}, title = {Two}, year = 2021}
"""

CONFIG = """[project]
title = Book
lang = en
[build]
notebooks = index.md chapter_*/*.md
tabs = left, right
[framework-left]
label = Left
[framework-right]
label = Right
"""


@pytest.mark.parametrize(("page", "expected"), examples(HERE / "myst.txt"))
def test_myst_becomes_the_dialect(
    make_book: MakeBook, tmp_path: Path, page: str, expected: str
) -> None:
    assert converted(make_book, tmp_path / "page.md", page) == expected


@pytest.mark.parametrize(("page", "expected"), examples(HERE / "quarto.txt"))
def test_quarto_becomes_the_dialect(
    make_book: MakeBook, tmp_path: Path, page: str, expected: str
) -> None:
    assert converted(make_book, tmp_path / "page.qmd", page) == expected


def converted(make_book: MakeBook, file: Path, text: str) -> str:
    """Import a page; return the section, and what was lost as ``!! LINE: MESSAGE``."""
    config = make_book({"index.md": "# Book\n\n```toc\n\n```\n"}, CONFIG)
    file.write_text(text, "utf-8")
    (file.parent / "map.png").write_bytes(b"map")
    (file.parent / "refs.bib").write_text(BIB, "utf-8")
    imported = importers.import_files(book.load(config), [importers.Source(str(file))])
    section = (config.root / f"{imported.sections[0]}.md").read_text("utf-8")
    loaded = sorted(lint.lint(book.load(config)))
    silent = ("code-without-tab", "missing-framework")
    problems = [str(each) for each in loaded if each.name not in silent]
    assert not problems
    losses = [f"!! {each.line}: {each.message}" for each in imported.problems]
    return "\n".join([section.rstrip(), *losses])

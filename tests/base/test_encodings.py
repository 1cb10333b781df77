"""Every file that users write may have a byte order mark, and has to be UTF-8."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from tabbook import environments
from tabbook.base import config as configuration
from tabbook.base.errors import BookError
from tabbook.lint import lint
from tabbook.notebooks import store
from tabbook.notebooks.compile import compile_section
from tabbook.source import book
from tabbook.verification.facts import facts
from tests.support.books import write_files

CONFIG = """[project]
title = 本
[build]
notebooks = index.md chapter_*/*.md
tabs = left
[tabbook]
terms = terms.toml
[framework-left]
colab = environments/left_colab.py
"""
CELL = "```{.python .input}\n%%tab left\nprint('a: 1')\n```\n"
FILES = {
    "config.ini": CONFIG,
    "index.md": "```toc\nchapter_a/one\n```\n",
    "chapter_a/one.md": f"# 一\n\n文です。\n\n{CELL}",
    "chapter_a/one-solutions.md": f"## 演習1\n\n{CELL}",
    "terms.toml": '[[term]]\njapanese = "層"\nenglish = "layer"\n',
    "facts/one.toml": 'section = "chapter_a/one"\n[[fact]]\nclaim = "文です"\n'
    'cell = "print"\nsays = { a = "1" }\n',
    "environments/left.txt": "six==1.16.0\n",
    "environments/left_colab.py": "import sys\n",
}


def read_everything(root: Path) -> str:
    """Return what the engine reads in a book, as text."""
    loaded = book.load(configuration.load(root))
    left = loaded.config.default
    notebooks = [
        nbformat.writes(notebook)
        for section in loaded.sections
        if (notebook := compile_section(loaded, section, left))
    ]
    values = (
        loaded.config.title,
        loaded.listed,
        loaded.words,
        lint(loaded),
        notebooks,
        environments.read_pins(left),
        facts.check(loaded).problems,
        store.environment(loaded.config, left),
    )
    return repr(values)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_files(tmp_path / "book", FILES)
    return tmp_path / "book"


def test_byte_order_marks_change_nothing(root: Path) -> None:
    expected = read_everything(root)
    for name, text in FILES.items():
        (root / name).write_text(text, "utf-8-sig")
        assert read_everything(root) == expected, name
        (root / name).write_text(text.replace("\n", "\r\n"), "utf-8-sig", newline="")
        assert read_everything(root) == expected, name


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le"])
def test_file_in_utf_16_is_named_and_the_advice_works(
    root: Path, name: str, encoding: str
) -> None:
    expected = read_everything(root)
    (root / name).write_text(FILES[name], encoding)
    try:
        reported = read_everything(root)  # facts are reported, not raised
    except BookError as error:
        reported = str(error)
    assert re.search(rf"{Path(name).name}.*UTF-16.*save it as UTF-8", reported)
    (root / name).write_text(FILES[name], "utf-8")
    assert read_everything(root) == expected


def test_line_that_is_not_utf_8_is_named(root: Path) -> None:
    text = FILES["chapter_a/one.md"].encode("shift-jis")
    (root / "chapter_a/one.md").write_bytes(b"text\n\n" + text)
    with pytest.raises(BookError, match=r"one\.md:3: has the byte 0x\w\w.*as UTF-8"):
        read_everything(root)

"""An English book holds no Japanese character that its author did not write."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from tabbook import sphinxext
from tabbook.export import archive
from tabbook.notebooks.compile import compile_section
from tabbook.source import book
from tests.support.book_with_three_frameworks import SVG, MadeUpBook

WIDE = re.compile("[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")

CONFIG = """
[project]
title = A small book
author = An author
copyright = 2026
lang = en
[build]
notebooks = *.md part/*.md
tabs = alpha, beta
[framework-alpha]
label = Alpha
[framework-beta]
label = Beta
[tabbook]
terms = terms.toml
"""

TERMS = """
[[term]]
japanese = "tensor"
english = "array"
reading = "tensor"
meaning = "A table of numbers."
"""

INDEX = """
# Cover

Welcome.

```toc
:maxdepth: 2

part/one
glossary
verification
```
"""

ONE = """
# First section
:label:`sec_one`

A tensor in :numref:`fig_x`, :numref:`tab_x` and :eqref:`eq_x`.

```{.python .input}
%%tab alpha
alpha_only = 1
```

Shared text.

```{.python .input}
%%tab all
shared = 1
```

![A circle](../round.svg)
:label:`fig_x`

:Some numbers
|a|b|
|:--|--:|
|1|2|
:label:`tab_x`

$$x = 1$$
:eqlabel:`eq_x`

## Exercises

1. Why?
"""

SOLUTIONS = """
# Solutions

## First

Because.
"""


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> MadeUpBook:
    tiny = MadeUpBook(tmp_path_factory.mktemp("english"))
    tiny.write("config.ini", CONFIG)
    tiny.write("terms.toml", TERMS)
    for name in ("alpha", "beta"):
        tiny.write(f"environments/{name}.txt", f"{name}==1\n")
    tiny.write("index.md", INDEX)
    tiny.write("part/one.md", ONE)
    tiny.write("part/one-solutions.md", SOLUTIONS)
    tiny.write("glossary.md", "# Glossary\n\n```glossary\n:sorted:\n```\n")
    tiny.write("verification.md", "# Verified\n\n```verification\n:all:\n```\n")
    tiny.write("round.svg", SVG)
    tiny.execute()
    return tiny


def test_pages_hold_no_japanese_character(english: MadeUpBook) -> None:
    assert sphinxext.build(english.config).warnings == ""
    pages = {
        name: page.decode()
        for name, page in english.html().items()
        if name.endswith(".html")
    }
    assert "Figure 1.1: A circle" in pages["part/one.html"]
    assert "A table of numbers. (first used: " in pages["glossary.html"]
    assert {name: WIDE.findall(page) for name, page in pages.items()} == {
        name: [] for name in pages
    }


def test_notebooks_hold_no_japanese_character(english: MadeUpBook) -> None:
    loaded = book.load(english.config)
    section = loaded.section("part/one")
    assert section
    for framework in loaded.frameworks_of(section):
        notebook = compile_section(loaded, section, framework)
        assert notebook
        text = "\n".join(cell.source for cell in notebook.cells)
        assert "Table 1.1: Some numbers" in text
        assert WIDE.findall(text) == []


def test_archive_holds_no_japanese_character(
    english: MadeUpBook, tmp_path: Path
) -> None:
    loaded = book.load(english.config)
    file = archive.pack(loaded, loaded.config.frameworks, tmp_path / "all.zip")
    with zipfile.ZipFile(file) as opened:
        texts = {name: opened.read(name).decode() for name in opened.namelist()}
    assert "README.txt" in " ".join(texts)
    assert not any(map(WIDE.search, texts.values()))

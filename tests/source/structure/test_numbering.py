"""Figures are numbered as Sphinx with two levels of sections numbers them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tabbook.source import book
from tabbook.source.structure.numbering import Numbering
from tests.support.books import MakeBook
from tests.support.tables import examples

CONFIG = """[project]
title = 本
lang = ja
[build]
notebooks = *.md
tabs = left, right
"""
TABLE = Path(__file__).parent / "tables/numbering.txt"


def load(make_book: MakeBook, text: str) -> book.Book:
    parts = re.split(r"^@@ (.*)\n", text, flags=re.MULTILINE)
    files = dict(zip(parts[1::2], parts[2::2], strict=True))
    return book.load(make_book({"f.svg": "<svg/>", **files}, CONFIG))


@pytest.mark.parametrize(("text", "expected"), examples(TABLE))
def test_numbers(make_book: MakeBook, text: str, expected: str) -> None:
    loaded = load(make_book, text)
    numbers = [
        f"{label.name} {label.text}"
        for label in loaded.every_label
        if label.kind != "section"
    ]
    assert numbers == expected.splitlines()


@pytest.mark.parametrize(("text", "expected"), examples(TABLE))
def test_headings_have_the_numbers_that_sphinx_shows(
    make_book: MakeBook, text: str, expected: str
) -> None:
    loaded = load(make_book, text)
    if not any(toc.numbered for section in loaded.sections for toc in section.tocs):
        return
    folder = sphinx_numbers(loaded)
    numbering = Numbering(loaded.tree)
    for name, shown in folder.items():
        own = [number for _, number in numbering.headings.get(name, ())]
        deep = [number for number in shown if number]
        assert [number for number in own if number in deep] == deep


def sphinx_numbers(loaded: book.Book) -> dict[str, list[tuple[int, ...]]]:
    """Return the numbers of each page's headings as its HTML shows them."""
    from bs4 import BeautifulSoup

    from tabbook import sphinxext

    folder = sphinxext.build(loaded, without_outputs=True).folder
    numbers = {}
    for name in loaded.tree.names:
        html = (folder / f"{name}.html").read_text(encoding="utf-8")
        article = BeautifulSoup(html, "html.parser").find("article")
        assert article
        shown = article.select(":is(h1, h2, h3) > .section-number")
        numbers[name] = [
            tuple(int(part) for part in each.get_text().strip(". \xa0").split("."))
            for each in shown
        ]
    return numbers

"""Texts that differ between editions, and the names of the book's frameworks."""

from __future__ import annotations

from pathlib import Path

import pypandoc
import pytest

from tabbook.base.config import Config
from tabbook.base.errors import BookError
from tabbook.source import book
from tabbook.source.variables import fill
from tests.support.books import MakeBook
from tests.support.tables import examples

TABLE = Path(__file__).parent / "tables" / "editions.txt"

SETTINGS = """[project]
title = Book
lang = en
[build]
tabs = left, middle, right
[framework-left]
label = Left
[framework-middle]
label = Middle
[framework-right]
label = Right
[edition-student]
solutions = left out
blanks = yes
"""


@pytest.fixture
def config(make_book: MakeBook) -> Config:
    return make_book({"index.md": "# Book\n"}, SETTINGS)


@pytest.mark.parametrize(("text", "expected"), examples(TABLE))
def test_students_text(config: Config, text: str, expected: str) -> None:
    filled = fill(text, config.for_edition("student"), "index.md")
    assert filled == expected
    assert filled.count("\n") == text.count("\n"), "lines keep their numbers"


def test_single_framework_is_named_alone(make_book: MakeBook) -> None:
    settings = SETTINGS.replace("left, middle, right", "middle")
    config = make_book({"index.md": "# Book\n\nRuns in {frameworks}.\n"}, settings)
    assert book.load(config).sections[0].text == "# Book\n\nRuns in Middle.\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n<!-- if solutions -->\nb\n", r"index\.md:2: the condition does not end"),
        (
            "<!-- if blanks -->\n<!-- if folded -->\n<!-- end if -->\n",
            r"index\.md:1: the condition does not end; write <!-- end if --> below it",
        ),
        ("a\n\n<!-- end if -->\n", r"index\.md:3: <!-- end if --> ends nothing; write"),
    ],
)
def test_unbalanced_condition_is_refused(
    config: Config, text: str, message: str
) -> None:
    with pytest.raises(BookError, match=message):
        fill(text, config, "index.md")


def test_saved_file_is_compared_with_the_file_that_was_read(config: Config) -> None:
    file = config.root / "index.md"
    file.write_text("# Book\n\nRuns in {frameworks}.\n", "utf-8")
    (section,) = book.load(config).sections
    assert not section.saved_since(config.root)
    file.write_text(section.text, "utf-8")
    assert section.saved_since(config.root)


def test_pandoc_of_d2lbook_shows_the_text_and_no_comment() -> None:
    text = "One in {frameworks}.\n\n<!-- if solutions -->\nTwo.\n<!-- end if -->\n"
    shown = pypandoc.convert_text(text, "plain", format="markdown")
    assert shown.split() == ["One", "in", "{frameworks}.", "Two."]

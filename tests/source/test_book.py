"""The book as a value that processes send each other."""

from __future__ import annotations

import pickle

from tabbook.source import book
from tests.support.books import MakeBook


def test_process_that_receives_book_keeps_what_it_parsed(make_book: MakeBook) -> None:
    config = make_book({"index.md": "# 本\n\n## 節\n:label:`sec`\n"})
    loaded = book.load(config)
    assert set(loaded.labels) == {"sec"}
    text = pickle.dumps(loaded)

    received = pickle.loads(text)
    assert received == loaded
    assert received.sections[0] is loaded.sections[0]
    assert b"markdown_it" not in text, "parsed text travels"

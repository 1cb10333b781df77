"""Headings keep their ids when others come and go."""

from __future__ import annotations

from pathlib import Path

from tabbook import sphinxext
from tests.support.book_with_three_frameworks import MadeUpBook, make


def ids(book: MadeUpBook) -> dict[str, str]:
    """Return the id of each heading of a page."""
    sphinxext.build(book.config)
    return {
        heading.get_text().split(" ")[-1].rstrip("#"): str(section["id"])
        for section in book.article("part/two").find_all("section")
        if (heading := section.find(["h1", "h2"]))
    }


def test_heading_ids_are_ascii_unique_and_stable(tmp_path: Path) -> None:
    book = make(tmp_path)
    text = (tmp_path / "part/two.md").read_text(encoding="utf-8")
    book.write("part/two.md", f"{text}\n## まとめ\n\n文。\n")
    before = ids(book)
    assert before["第二の節"] == "sec-two"
    book.write("part/two.md", f"{text}\n## 前置き\n\n文。\n\n## まとめ\n\n文。\n")
    after = ids(book)
    assert after["まとめ"] == before["まとめ"] != after["前置き"]
    assert all(
        value.isascii() and not value.startswith("id") for value in after.values()
    )
    assert after["まとめ"].startswith("two-")
    book.write("part/two.md", f"{text}\n## まとめ\n\n文。\n\n## まとめ\n\n文。\n")
    sphinxext.build(book.config)
    headings = [
        str(element["id"]) for element in book.article("part/two").find_all("section")
    ]
    assert len(set(headings)) == len(headings) == 3

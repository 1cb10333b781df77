"""Pages of any structure are built without a word: lint has said what is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sphinx.config import Config as SphinxConfig

from tabbook import sphinxext
from tabbook.base.config import Config
from tests.support.books import MakeBook
from tests.support.tables import examples

TABLE = Path(__file__).parents[2] / "lint/tables/structure.txt"
CONFIG = """[project]
title = 本
lang = ja
[build]
notebooks = index.md chapter_*/*.md
tabs = mxnet, pytorch
"""
INDEX = "# 本\n\n```toc\nchapter_a/one\n```\n"


def files(text: str) -> dict[str, str]:
    """Return the files of an example; a text without names is one section."""
    parts = re.split(r"^@@ (.*)\n", text, flags=re.MULTILINE)
    if len(parts) == 1:
        return {"index.md": INDEX, "chapter_a/one.md": text + "\n"}
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize(("text", "problems"), examples(TABLE))
def test_pages_add_nothing_to_what_lint_says(
    make_book: MakeBook, text: str, problems: str
) -> None:
    config = make_book(files(text), CONFIG)
    result = sphinxext.build(config, without_outputs=True)
    assert result.warnings == ""
    sources = {name.removesuffix(".md") for name in files(text)}
    pages = {name for name in sources if not name.endswith("-solutions")}
    assert set(result.read) == pages
    assert all((result.folder / f"{name}.html").is_file() for name in pages)


def page(config: Config, name: str) -> BeautifulSoup:
    file = sphinxext.build(config, without_outputs=True).folder / f"{name}.html"
    return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")


def links(soup: BeautifulSoup) -> list[tuple[str, str]]:
    """Return text and address of each entry of a page's tables of contents."""
    return [
        (link.get_text(), str(link["href"]))
        for link in soup.select(".toctree-wrapper li > a")
    ]


def test_page_without_heading_has_a_title_and_a_link(make_book: MakeBook) -> None:
    config = make_book({"index.md": INDEX, "chapter_a/one.md": "文。\n"}, CONFIG)
    assert links(page(config, "index")) == [("one", "chapter_a/one.html")]
    heading = page(config, "chapter_a/one").find("h1")
    assert heading
    assert heading.get_text().startswith("one")
    assert page(config, "chapter_a/one").select("section > p")[0].get_text() == "文。"


def test_toc_shows_titles_addresses_and_patterns(make_book: MakeBook) -> None:
    toc = (
        "```toc\n:glob:\n:titlesonly:\n\n外 <https://example.org/y>\nchapter_a/t*\n"
        "名 <chapter_a/one.md>\n```"
    )
    sources = {
        "index.md": f"# 本\n\n{toc}\n",
        "chapter_a/one.md": "# 一\n",
        "chapter_a/two.md": "# 二\n",
        "chapter_a/three.md": "# 三\n",
    }
    assert links(page(make_book(sources, CONFIG), "index")) == [
        ("外", "https://example.org/y"),
        ("三", "chapter_a/three.html"),
        ("二", "chapter_a/two.html"),
        ("名", "chapter_a/one.html"),
    ]


def test_page_that_appears_joins_the_toc_that_lists_it(make_book: MakeBook) -> None:
    toc = INDEX.replace("one\n", "one\nchapter_a/two\n")
    config = make_book({"index.md": toc, "chapter_a/one.md": "# 一\n"}, CONFIG)
    assert [text for text, _ in links(page(config, "index"))] == ["一"]
    (config.root / "chapter_a/two.md").write_text("# 二\n", encoding="utf-8")
    assert [text for text, _ in links(page(config, "index"))] == ["一", "二"]
    (config.root / "chapter_a/two.md").unlink()
    assert [text for text, _ in links(page(config, "index"))] == ["一"]


def test_rules_at_the_edges_of_a_section_are_shown(make_book: MakeBook) -> None:
    text = "# 題\n\n---\n\n文\n\n---\n\n文\n\n---\n\n## 節\n"
    config = make_book({"index.md": INDEX, "chapter_a/one.md": text}, CONFIG)
    assert len(page(config, "chapter_a/one").select("article hr")) == 3


@pytest.mark.parametrize(
    ("line", "labels"),
    [("", []), ("%%tab all\n", []), ("%%tab pytorch\n", ["mxnet", "pytorch"])],
)
def test_code_without_names_of_tabs_is_shown_without_tabs(
    make_book: MakeBook, line: str, labels: list[str]
) -> None:
    cells = ("x = 1\n", f"{line}y = 2\n")
    text = "# 題\n\n" + "".join(f"```{{.python .input}}\n{c}```\n\n" for c in cells)
    config = make_book({"index.md": INDEX, "chapter_a/one.md": text}, CONFIG)
    soup = page(config, "chapter_a/one")
    assert [each["aria-label"] for each in soup.select(".panel")] == labels
    assert [each.get_text().strip() for each in soup.select("article pre")] == [
        "x = 1",
        "y = 2",
    ]


def test_another_sphinx_project_of_the_process_leaves_the_parser(
    make_book: MakeBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = SphinxConfig.config_values["source_suffix"].default
    monkeypatch.setitem(shared, ".md", "myst-nb")
    before = dict(shared)
    cell = "```{.python .input}\n%%tab mxnet\none = 1\n```\n"
    config = make_book(
        {"index.md": INDEX, "chapter_a/one.md": f"# 題\n\n{cell}"}, CONFIG
    )
    result = sphinxext.build(config, without_outputs=True)
    assert result.warnings == ""
    page = (config.products / "html/chapter_a/one.html").read_text("utf-8")
    assert "one" in page and "%%tab" not in page
    assert shared == before

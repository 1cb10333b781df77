"""The search: what its index holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import nbformat
import pytest
from sphinx.application import Sphinx

from tabbook import sphinxext
from tabbook.sphinxext.session import sphinx_session
from tests.support.book_with_three_frameworks import (
    EXERCISES,
    SOLUTIONS,
    SVG,
    TWO,
    MadeUpBook,
    make,
)
from tests.support.browser import CHROMIUM

SHARED, ALPHA, BETA, GAMMA = 0, 1, 2, 4
TEXT, CODE, OUTPUT = range(3)

in_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
]


def index(folder: Path) -> dict[str, Any]:
    text = (folder / "search-index.js").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(
        text.removeprefix("searchIndex=").removesuffix(";\n")
    )
    return content


def said(
    book: MadeUpBook,
) -> dict[str, list[tuple[str, str, list[tuple[int, int, str]]]]]:
    """Return anchor, title and lines of each entry, by the page's address."""
    return {
        address: [
            (
                anchor,
                title,
                [
                    (bits, kind, line)
                    for bits, kind, x in held
                    for line in x.split("\n")
                ],
            )
            for _, anchor, title, held in entries
        ]
        for address, _, entries in index(book.root / "_build/html")["pages"]
    }


@pytest.fixture
def tiny(tmp_path: Path) -> MadeUpBook:
    return make(tmp_path)


# --- The index ----------------------------------------------------------------------


def test_index_holds_text_of_each_framework(tiny: MadeUpBook) -> None:
    sphinxext.build(tiny.config)
    entries = index(tiny.root / "_build/html")
    labels = [["alpha", "Alpha"], ["beta", "Beta Two"], ["gamma", "gamma"]]
    assert entries["frameworks"] == labels
    assert [address for address, *_ in entries["pages"]] == [
        "index.html", "part/one.html", "part/two.html",
    ]  # fmt: skip
    (anchor, title, lines), (_, below, figures) = said(tiny)["part/one.html"]
    assert (anchor, title, below) == ("sec-one", "第一節", "図と表")
    for passage in (
        (SHARED, TEXT, "共有の文。"),
        (GAMMA, CODE, "gamma_first = 1"),
        (ALPHA, OUTPUT, "<alpha> alpha_first_"),
        (ALPHA | BETA, TEXT, "二つの枠組みの文。図1.1.1。"),
        (SHARED, CODE, "shared = 3"),
        (SHARED, TEXT, "図1.1.1と表1.1.1とと第二の節。"),
        (BETA, OUTPUT, "<beta> shared_"),
    ):
        assert passage in lines, passage
    text = "日本語の行がここで折れ、codeでも折れる。English line goes on."
    assert any(line.startswith(text) for _, _, line in lines)
    assert any("数式x^2。" in line for _, _, line in lines)
    for row in ("図1.1.1 丸い図", "表1.1.1 数の表", "名 数", "a 1"):
        assert (SHARED, TEXT, row) in [
            (bits, kind, x.replace("\u3000", " ")) for bits, kind, x in figures
        ], row


def test_index_skips_text_of_image_outputs(tiny: MadeUpBook) -> None:
    shown = {"image/svg+xml": SVG, "text/plain": "<Figure size 1x1>"}
    extra = nbformat.v4.new_output("display_data", data=shown)
    tiny.execute(extra=extra)
    sphinxext.build(tiny.config)
    assert "alpha_first_" in str(said(tiny))
    assert "Figure" not in str(said(tiny))


def test_index_has_entry_per_definition(tiny: MadeUpBook) -> None:
    tiny.write("part/two.md", TWO + "\n[語]{#word}（word）\n: 意味。\n")
    sphinxext.build(tiny.config)
    assert ("word", "語（word）", [(SHARED, TEXT, "意味。")]) in said(tiny)[
        "part/two.html"
    ]


def test_index_has_entry_per_solution(tiny: MadeUpBook) -> None:
    tiny.write("part/two.md", TWO + EXERCISES)
    tiny.write("part/two-solutions.md", SOLUTIONS)
    tiny.execute()
    sphinxext.build(tiny.config)
    entries = {anchor: (title, x) for anchor, title, x in said(tiny)["part/two.html"]}
    title, lines = entries["solution-1"]
    assert title == "演習1の解答"
    assert (BETA, CODE, "secret_beta = 1") in lines
    assert "secret" not in str(entries["sec-two"])


def test_edit_replaces_entries_of_one_page(tiny: MadeUpBook) -> None:
    tiny.edit("part/two.md", "文。", "古い語。")
    sphinxext.build(tiny.config)
    before = said(tiny)
    assert "古い語" in str(before)
    tiny.edit("part/two.md", "古い語", "新しい語")
    assert sphinxext.build(tiny.config).read == ("part/two",)
    after = said(tiny)
    assert after["part/one.html"] == before["part/one.html"]
    assert "古い語" not in str(after)
    assert "新しい語" in str(after["part/two.html"])
    whole = tiny.html()
    sphinxext.build(tiny.config, fresh=True)
    assert tiny.html() == whole


def test_deleted_page_is_removed_from_index(tiny: MadeUpBook) -> None:
    tiny.edit("part/two.md", "文。", "消える語。")
    tiny.edit("part/one.md", "と:ref:`sec_two`", "")
    sphinxext.build(tiny.config)
    assert "消える語" in str(said(tiny))
    (tiny.root / "part/two.md").unlink()
    tiny.edit("index.md", "part/two\n", "")
    sphinxext.build(tiny.config)
    assert list(said(tiny)) == ["index.html", "part/one.html"]
    for name, content in tiny.html().items():
        assert "消える語".encode() not in content, name


def test_parallel_build_writes_same_index(tiny: MadeUpBook) -> None:
    names = [f"part/more{number}" for number in range(8)]
    for name in names:
        tiny.write(f"{name}.md", f"# {name}の題\n\n{name}の文。\n")
    tiny.edit("index.md", "part/two\n", "\n".join(["part/two", *names, ""]))
    tiny.execute()
    sphinxext.build(tiny.config)
    folder = tiny.root / "_build/parallel"
    with sphinx_session():
        app = Sphinx(
            srcdir=tiny.root,
            confdir=None,
            outdir=folder,
            doctreedir=tiny.root / "_build/doctrees",
            buildername="html",
            confoverrides=sphinxext.settings(tiny.config),
            status=None,
            parallel=2,
        )
        app.build()
    assert "part/more7の文" in str(index(folder))
    assert index(folder) == index(tiny.root / "_build/html")


def test_sphinx_search_is_replaced(tiny: MadeUpBook) -> None:
    old = tiny.root / "_build/sphinx/html/searchindex.js"
    old.parent.mkdir(parents=True)
    old.write_text("of an older build", encoding="utf-8")
    sphinxext.build(tiny.config)
    html = tiny.html()
    names = {
        "searchindex.js", "_static/searchtools.js", "_static/language_data.js",
        "_static/doctools.js", "_static/sphinx_highlight.js",
    }  # fmt: skip
    assert not names & html.keys()
    for name in ("index", "part/one", "search"):
        loaded = [
            str(script["src"]) for script in tiny.page(name).select("script[src]")
        ]
        assert loaded
        for source in loaded:
            path = urljoin(f"/{name}.html", source).split("?")[0].lstrip("/")
            assert path in html, source
        assert not any("search-index" in script for script in loaded)


def test_search_page_is_in_language_of_book(tiny: MadeUpBook) -> None:
    tiny.edit("config.ini", "lang = ja", "lang = en")
    tiny.execute()
    sphinxext.build(tiny.config)
    page = tiny.page("search")
    assert page.h1 and page.h1.text == "Search"
    label = page.select_one("label[for=search-query]")
    assert label and label.text == "Words to search for"

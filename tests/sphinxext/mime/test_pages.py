"""Pages that show what real libraries displayed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from bs4 import BeautifulSoup, Tag

from tabbook import sphinxext
from tabbook.base.config import Config
from tests.support.books import MakeBook
from tests.support.captured_outputs import CONFIG, book_of_outputs, captured

REPLACED = {
    "json", "plotly", "plotly-result", "vega", "altair-html", "widget", "html-script",
    "javascript", "svg", "unknown-alone", "json-alone", "html-alone",
}  # fmt: skip
"""Cells with an output of which pages show a text or a note only."""


class Built(NamedTuple):
    """Pages, and what was said while they were built."""

    book: Config
    lines: Mapping[str, int]
    warnings: str
    outputs: Mapping[str, Tag]


@pytest.fixture(scope="module")
def built(make_book: MakeBook) -> Built:
    """Return the page of all captured outputs."""
    book, lines = book_of_outputs(make_book)
    result = sphinxext.build(book)
    return Built(book, lines, result.warnings, _outputs(book))


def _outputs(book: Config) -> dict[str, Tag]:
    """Return the output box of each cell."""
    text = (book.output / "html" / "outputs.html").read_text(encoding="utf-8")
    page = BeautifulSoup(text, "html.parser")
    return {
        str(section["id"]): box
        for section in page.select("article section section")
        if isinstance(box := section.select_one(".cell_output"), Tag)
    }


def test_every_replaced_output_is_a_warning_with_its_line(built: Built) -> None:
    by_line = {line: name for name, line in built.lines.items()}
    warned = set()
    for warning in built.warnings.splitlines():
        assert warning.endswith("[tabbook.replaced-output]")
        place, _, _ = warning.partition(": WARNING: ")
        name, _, line = place.partition(":")
        assert name == "outputs.md"
        warned.add(by_line[int(line)])
    assert warned == REPLACED


def test_every_output_shows_something(built: Built) -> None:
    assert built.outputs.keys() == captured().keys()
    for name, box in built.outputs.items():
        shows = box.select("img, audio, video, iframe, math, table, template")
        assert shows or box.text.strip(), name


def test_nothing_of_an_output_runs(built: Built) -> None:
    for name, box in built.outputs.items():
        assert not box.select("script, object, embed, [onclick], [srcdoc]"), name
        assert not box.select('[href^="javascript:"]'), name
        for frame in box.select("iframe"):
            assert "allow-top-navigation" not in str(frame["sandbox"])


def test_tables_keep_their_styles(built: Built) -> None:
    table = built.outputs["table-styled"]
    assert table.select_one("style") and table.select_one("caption")
    assert len(built.outputs["table-wide"].select("thead :is(th, td)")) == 21


def test_markdown_is_set_and_stays_out_of_the_outline(built: Built) -> None:
    box = built.outputs["markdown"]
    assert box.select_one("td.text-right") and box.select_one("math msup")
    assert not box.select("h1, h2, h3")
    strong = box.select_one("strong")
    assert strong and strong.text == "Result"


@pytest.mark.parametrize("name", ["latex", "latex-align", "math", "sympy"])
def test_latex_is_set(built: Built, name: str) -> None:
    assert built.outputs[name].select_one('math[display="block"]')


def test_json_is_shown_as_json(built: Built) -> None:
    block = built.outputs["json"].select_one("pre")
    assert block and json.loads(block.text) == {"a": 1, "b": [1, 2, {"c": None}]}


def test_notes_say_what_is_missing(built: Built) -> None:
    assert "works in Jupyter only" in built.outputs["widget"].text
    assert "IntSlider(value=3)" in built.outputs["widget"].text
    assert "application/x-mine" in built.outputs["unknown-alone"].text
    assert built.outputs["unknown"].text.strip() == "mine"
    assert "do not run here" in built.outputs["html-script"].text


@pytest.mark.parametrize("name", ["png", "jpeg", "gif", "webp", "svg"])
def test_pictures_are_files(built: Built, name: str) -> None:
    image = built.outputs[name].select_one("img")
    assert image
    assert (built.book.output / "html" / str(image["src"])).stat().st_size > 0


def test_picture_has_the_size_of_its_metadata(built: Built) -> None:
    image = built.outputs["png"].select_one("img")
    assert image and (image["width"], image["height"]) == ("200", "100")


def test_next_build_reads_nothing_and_says_the_same(
    built: Built, capsys: pytest.CaptureFixture[str]
) -> None:
    again = sphinxext.build(built.book)
    assert again.warnings == built.warnings
    assert again.read == ()
    assert capsys.readouterr().err.strip() == built.warnings


def test_scripts_run_where_config_allows_them(make_book: MakeBook) -> None:
    config = f"{CONFIG}[tabbook]\noutput_scripts = yes\n"
    names = ("html-script", "javascript", "altair-html")
    book, _ = book_of_outputs(make_book, *names, config=config)
    assert sphinxext.build(book).warnings == ""
    for name, box in _outputs(book).items():
        assert box.select_one("script"), name


def test_silenced_replacement_is_not_reported(make_book: MakeBook) -> None:
    config = f"{CONFIG}[tabbook]\nsilence = replaced-output\n"
    book, _ = book_of_outputs(make_book, "json", "widget", config=config)
    assert sphinxext.build(book).warnings == ""


@pytest.mark.parametrize(
    "text",
    [
        "```{include} secret.md\n```\n\n{ref}`nowhere` [x](nowhere.md) ![y](z.png)",
        "(label)=\n# One\n\n### Three\n\n# One\n\n[a]: https://example.org\n\n[a] [^1]",
        "<div>\n<script>f()</script>\n\nText <b>bold</b> <img src=x onerror=f()>",
        "```nolanguage\nx\n```\n\n```python\n$%&\n```\n\n~~x~~ H~2~O $5 and $6",
        "$$\na & b \\\\\nc\n$$\n\n\\begin{align}a\\end{align}\n\n| a |\n|--|\n| `x` |",
        "- [ ] task\n\n:::note\nx\n:::\n\n% comment\n\n+++\n\n---\nx: 1\n---",
    ],
)
def test_any_markdown_of_an_output_is_accepted(
    make_book: MakeBook, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    cell = captured()["markdown"]
    monkeypatch.setitem(cell.outputs[0].data, "text/markdown", text)
    book, _ = book_of_outputs(make_book, "markdown")
    assert sphinxext.build(book).warnings == ""
    box = _outputs(book)["markdown"]
    assert not box.select("script, h1, h2, h3, [onerror], img, [id]")


def test_pages_keep_their_own_references(
    make_book: MakeBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A definition in an output would otherwise be the page's."""
    cell = captured()["markdown"]
    given = "[a]: https://example.org\n\n[a]"
    monkeypatch.setitem(cell.outputs[0].data, "text/markdown", given)
    book, _ = book_of_outputs(make_book, "markdown")
    file = Path(book.root) / "outputs.md"
    file.write_text(file.read_text("utf-8") + "\nSee [a].\n", "utf-8")
    sphinxext.build(book)
    text = (book.output / "html" / "outputs.html").read_text(encoding="utf-8")
    page = BeautifulSoup(text, "html.parser")
    assert page.select('.cell_output a[href="https://example.org"]')
    assert page.find("p", string="See [a].")

"""Outputs in EPUB, in the LaTeX of the PDF, and on slides."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from nbformat import NotebookNode

from tabbook.base.config import Config
from tabbook.export import epub, framework_book
from tabbook.export.slides.outputs import OutputRenderer
from tabbook.source import book
from tabbook.sphinxext.latex import settings as latex
from tests.support.books import MakeBook
from tests.support.captured_outputs import book_of_outputs, captured
from tests.support.epubs import pages

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:sphinx")


@pytest.fixture(scope="module")
def sample(make_book: MakeBook) -> Config:
    """Return a book of all captured outputs."""
    return book_of_outputs(make_book)[0]


@pytest.fixture(scope="module")
def page(sample: Config) -> BeautifulSoup:
    """Return the page of the outputs in the EPUB."""
    loaded = book.load(sample)
    return pages(epub.make(loaded, sample.frameworks[0]))["outputs.xhtml"]


@pytest.fixture(scope="module")
def tex(sample: Config) -> tuple[str, Path]:
    """Return the LaTeX of the book, and its folder."""
    loaded, framework = book.load(sample), sample.frameworks[0]
    with framework_book.scratch_folder(sample, "pdf", framework) as work:
        given = latex.settings(sample, framework, "Outputs", "Python 3.11", "")
        folder = framework_book.render(loaded, framework, "latex", work, given)
    return (folder / "python.tex").read_text(encoding="utf-8"), folder


def test_epub_shows_tables_without_what_epub_does_not_know(page: BeautifulSoup) -> None:
    assert len(page.select("#table-wide thead :is(th, td)")) == 21
    assert "0.51" in page.select("#table-styled .data")[0].text
    for selector in (
        "style",
        "script",
        "iframe",
        "video",
        "audio",
        "input",
        "[border]",
    ):
        assert not page.select(f".cell_output {selector}"), selector


def test_epub_shows_addresses_of_what_it_cannot_hold(page: BeautifulSoup) -> None:
    assert "https://www.youtube.com/embed/abc" in page.select("#youtube pre")[-1].text
    assert "https://example.org/a.mp4" in page.select("#video .cell_output")[0].text


def test_epub_sets_markdown_and_formulas(page: BeautifulSoup) -> None:
    assert page.select("#markdown table math")
    assert page.select("#sympy .cell_output math")
    assert page.select("#widget .output-note")


def test_pdf_shows_the_text_of_tables(tex: tuple[str, Path]) -> None:
    text, _ = tex
    assert "col12  col13" in text
    assert "0.51  a" in text
    assert "Styler at" not in text and "IPython.core" not in text


def test_pdf_sets_markdown_and_formulas(tex: tuple[str, Path]) -> None:
    text, _ = tex
    assert r"\(x^2\)" in text
    assert r"\frac{a}{b}" in text
    assert r"\int x^{2}" in text


def test_pdf_shows_pictures(tex: tuple[str, Path]) -> None:
    text, folder = tex
    assert text.count(r"\sphinxincludegraphics") >= 5
    kinds = {file.suffix for file in folder.iterdir()}
    assert {".png", ".pdf"} <= kinds
    assert not {".gif", ".svg", ".webp"} & {
        Path(name).suffix
        for name in text.replace("}", " ").replace("{", " ").split()
        if "." in name
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("table-wide", "<th>col19</th>"),
        ("markdown", '<td style="text-align:right">4</td>|<b>x^2</b>'),
        ("latex", r"<b>\frac{a}{b}</b>"),
        ("widget", '<p class="note">An interactive widget|IntSlider(value=3)'),
        ("json", "&quot;a&quot;: 1"),
        ("html-script", "Green|do not run here"),
        ("gif", 'src="data:image/gif;base64,'),
        ("unknown", "<pre>mine</pre>"),
    ],
)
def test_slides_show_the_same_forms(name: str, expected: str) -> None:
    renderer = OutputRenderer("en", lambda text, options: f"<b>{text}</b>")
    output: NotebookNode = captured()[name].outputs[-1]
    html = renderer.html(output)
    assert "<script" not in html and "onclick" not in html
    for part in filter(None, expected.split("|")):
        assert part in html

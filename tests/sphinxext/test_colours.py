"""The book's two colours and its logo, on pages, in slides and in the PDF."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tabbook import sphinxext
from tabbook.base import config
from tabbook.base.errors import BookError
from tabbook.environments import npm
from tabbook.export import slides
from tabbook.source import book
from tabbook.sphinxext.latex.settings import settings
from tests.support.book_with_three_frameworks import CONFIG, MadeUpBook, make
from tests.support.browser import CHROMIUM

COLOURS = """
[tabbook]
colour = #7A1F5C
colour_dark = #f0a0d0
[html]
html_logo = wide.svg
"""
WIDE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 50">'
    '<rect width="800" height="50"/></svg>'
)

LINK = "getComputedStyle(document.querySelector('article a.reference')).color"


@pytest.fixture
def tiny(tmp_path: Path) -> MadeUpBook:
    sample = make(tmp_path)
    sample.write("config.ini", CONFIG + COLOURS)
    sample.write("wide.svg", WIDE)
    return sample


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")
def test_pages_have_the_colours_and_the_whole_logo(
    tiny: MadeUpBook, browser: Browser
) -> None:
    folder = sphinxext.build(tiny.config).folder
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    for scheme, colour in (("light", "122, 31, 92"), ("dark", "240, 160, 208")):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.goto((folder / "part/one.html").as_uri())
        assert page.evaluate(LINK) == f"rgb({colour})"
    page.emulate_media(color_scheme="dark", media="print")
    assert page.evaluate(LINK) == "rgb(122, 31, 92)"
    page.emulate_media(color_scheme="light", media="screen")
    box = page.locator("img.sidebar-logo").bounding_box()
    sidebar = page.locator(".sidebar-brand").bounding_box()
    assert box and sidebar
    assert box["x"] + box["width"] <= sidebar["x"] + sidebar["width"] + 0.5
    fit = "getComputedStyle(document.querySelector('.sidebar-logo')).objectFit"
    assert page.evaluate(fit) == "contain", "it is never squeezed"
    page.close()


def test_slides_and_pdf_have_the_light_colour(
    tiny: MadeUpBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    reveal = dict.fromkeys(slides.REVEAL_FILES, b"/* reveal */")
    monkeypatch.setattr(npm, "files", lambda *wanted: reveal)
    loaded = book.load(tiny.config)
    index = slides.make(loaded, loaded.config.default)
    for file in (index, index.parent / "part/one.html"):
        assert "--brand-light: #7a1f5c;" in file.read_text("utf-8")
    style = (index.parents[1] / "reveal/slides.css").read_text("utf-8")
    assert len(re.findall("#17557f", style)) == 1, "where a page sets no colour"
    latex = settings(loaded.config, loaded.config.default, "", "", "")["latex_elements"]
    assert "InnerLinkColor={RGB}{122,31,92}" in latex["sphinxsetup"]
    assert "OuterLinkColor={RGB}{122,31,92}" in latex["sphinxsetup"]


def test_other_notations_of_colours_are_refused(tiny: MadeUpBook) -> None:
    tiny.edit("config.ini", "#7A1F5C", "purple")
    message = r"config\.ini:\d+: \[tabbook\] colour = 'purple' is no colour; write one"
    with pytest.raises(BookError, match=message):
        config.load(tiny.root)

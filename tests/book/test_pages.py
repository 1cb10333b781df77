"""The chapter's pages load little; `./build.sh check` checks the rest."""

from __future__ import annotations

import gzip
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser

from tabbook import sphinxext
from tabbook.base import config
from tabbook.source import book
from tests.support.browser import CHROMIUM
from tests.support.paths import ROOT

pytestmark = [
    pytest.mark.xdist_group("pages of the repository"),
]
HEAVIEST = 300_000
"""Bytes of all that a first visit loads before the reader does anything."""

WIRE = 80_000
"""The same, compressed."""

TALLEST = 12_000
"""Pixels of a section's page in a window of 1280, its folded parts closed."""

HEIGHT = """framework => {
  const choice = `input[name=framework][value=${framework}]`;
  if (document.documentElement.dataset.framework !== framework)
    document.querySelector(choice).click();
  if (document.documentElement.dataset.framework !== framework) throw framework;
  return document.documentElement.scrollHeight;
}"""
"""Select a framework and return the height of the page, without loading it again."""


@pytest.fixture(scope="module")
def folder() -> Path:
    return sphinxext.build(config.load(ROOT)).folder


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")
def test_no_page_is_heavy(folder: Path, browser: Browser) -> None:
    weights = {}
    for page in folder.rglob("*.html"):
        contents = first_visit(browser, page)
        assert len(contents) > 4
        wire = sum(len(gzip.compress(content, 6)) for content in contents)
        weights[str(page.relative_to(folder))] = sum(map(len, contents)), wire
    heavy = {
        name: (weight, wire)
        for name, (weight, wire) in weights.items()
        if weight > HEAVIEST or wire > WIRE
    }
    assert heavy == {}


def first_visit(browser: Browser, page: Path) -> list[bytes]:
    """Return the contents of all files that a browser loads with a page."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    visited = context.new_page()
    asked: list[str] = []
    visited.on("request", lambda request: asked.append(request.url))
    visited.goto(page.as_uri(), wait_until="networkidle")
    context.close()
    files = {unquote(urlsplit(url).path) for url in asked}
    return [Path(file).read_bytes() for file in sorted(files)]


MOST_STOPS = 65
"""Stops of the Tab key on the page of the section that has most of everything."""


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")
def test_keyboard_crosses_a_page_in_few_steps(folder: Path, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((folder / "chapter_builders-guide/parameters.html").as_uri())
    page.wait_for_timeout(500)
    stops = 0
    while stops <= MOST_STOPS:
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        stops += 1
    page.close()
    assert 40 < stops <= MOST_STOPS


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")
def test_no_section_is_tall(folder: Path, browser: Browser) -> None:
    chapter = book.load(config.load(ROOT))
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    heights = {}
    for section in (found for found in chapter.pages if found.has_code):
        page.goto((folder / f"{section.name}.html").as_uri())
        for framework in chapter.frameworks_of(section):
            heights[section.name, framework.name] = page.evaluate(
                HEIGHT, framework.name
            )
    page.close()
    assert heights
    assert {key: item for key, item in heights.items() if item > TALLEST} == {}

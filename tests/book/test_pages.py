"""The chapter's pages load little; `./build.sh check` checks the rest."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

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
HEAVIEST = 100_000
"""Bytes of a page with its styles and scripts on disk, per framework: code and
outputs of all are in the page, so that switching loads nothing."""

WIRE = 80_000
"""Bytes of a first visit, compressed: the page, styles, scripts and first picture."""

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


def pages(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.html"))


def test_no_page_is_heavy(folder: Path) -> None:
    for name in pages(folder):
        page = folder / name
        if name == "search.html":
            continue  # it brings the index, which its own tests weigh
        text = page.read_text(encoding="utf-8")
        used = re.findall(
            r'<(?:link rel="stylesheet"|script)[^>]*(?:href|src)="([^"?]+)', text
        )
        first = re.findall(r'<img (?![^>]*loading="lazy")[^>]*src="([^"?]+)', text)
        contents = [
            (folder / file).read_bytes()
            for file in (page, *(page.parent / path for path in used))
        ]
        assert len(contents) > 4
        heaviest = HEAVIEST * len(config.load(ROOT).frameworks)
        assert sum(map(len, contents)) <= heaviest, name
        contents += [(page.parent / path).read_bytes() for path in first]
        wire = sum(len(gzip.compress(content, 6)) for content in contents)
        assert wire <= WIRE, f"{name}: {wire}"


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

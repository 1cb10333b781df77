"""The chapter's slides, read in a browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tabbook.base import config
from tabbook.export import slides
from tabbook.source import book
from tabbook.verification.accessibility import ARGUMENTS
from tests.support.browser import CHROMIUM
from tests.support.paths import ROOT

WIDE = """
slide => [...slide.querySelectorAll('*')].filter(
  one => !one.closest('math') && one.getBoundingClientRect().right > innerWidth
).length
"""
"""How many elements run off the right side."""

SMALLEST = """
slide => Math.min(...[...slide.querySelectorAll('*')]
  .filter(one => !one.closest('math') && [...one.childNodes].some(
    node => node.nodeType === 3 && node.data.trim()))
  .map(one => parseFloat(getComputedStyle(one).fontSize)))
"""
"""The size of a slide's smallest letters, in pixels of its 1280."""


GROUND = "getComputedStyle(document.body).backgroundColor"


@pytest.fixture(scope="module")
def decks() -> list[Path]:
    """Return the pages of the real book's slides."""
    if shutil.which("npm") is None:
        pytest.skip("needs npm, which brings reveal.js")
    found = book.load(config.load(ROOT))
    folders = [slides.make(found, one).parent for one in found.config.frameworks]
    return sorted(page for one in folders for page in one.glob("*/*.html"))


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    if not CHROMIUM.exists():
        pytest.skip("needs Debian's chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=list(ARGUMENTS)
        )
        yield browser.new_page(viewport={"width": 1280, "height": 720})
        browser.close()


@pytest.mark.browser
def test_every_slide_fits_and_loads_only_local_files(
    decks: list[Path], page: Page
) -> None:
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text))
    page.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith(("file://", "data:"))
            else wrong.append(asked.url)
        ),
    )
    full = slides = 0
    chapter = book.load(config.load(ROOT))
    sections = [x for x in chapter.sections if not x.name.endswith("-solutions")]
    assert len(decks) == sum(len(chapter.frameworks_of(x)) for x in sections)
    for file in decks:
        page.goto(file.as_uri())
        page.wait_for_function("window.Reveal && Reveal.isReady()")
        count = page.locator(".slides > section").count()
        assert count > 3
        for number in range(count):
            page.evaluate("number => Reveal.slide(number)", number)
            slide = page.locator(".slides > section.present")
            wide = slide.evaluate(WIDE)
            assert wide == 0, f"{file.name}#{number}"
            size = slide.evaluate(
                "x => [x.scrollHeight, x.clientHeight, getComputedStyle(x).overflowY]"
            )
            assert size[0] <= size[1] + 1 or size[2] == "auto"
            smallest = slide.evaluate(SMALLEST)
            assert smallest >= 20, f"{file.name}#{number}: {smallest} px"
            full += size[0] > size[1] + 1
            slides += 1
            assert not re.search(
                r":(numref|ref|eqref|label):|\*\*\)", slide.inner_text()
            )
    assert wrong == []
    assert full <= slides / 50, f"{full} of {slides} slides scroll"


@pytest.mark.browser
def test_arrow_keys_change_the_slide_and_the_address(
    decks: list[Path], page: Page
) -> None:
    page.goto(decks[-1].as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**#/2")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**#/1")
    page.emulate_media(color_scheme="light")
    before = page.evaluate(GROUND)
    page.keyboard.press("d")
    assert page.evaluate(GROUND) != before
    page.keyboard.press("d")
    assert page.evaluate(GROUND) == before
    held = page.locator("section:has(.fragment)").first
    number = held.evaluate("x => Reveal.getSlides().indexOf(x)")
    page.evaluate("number => Reveal.slide(number, 0, -1)", number)
    output = held.locator(".fragment").first
    assert not output.is_visible()
    page.keyboard.press("ArrowRight")
    output.wait_for(state="visible")
    page.locator("section.title-slide a").evaluate("x => x.click()")
    page.wait_for_url("**/index.html")
    assert page.locator("li a").count() == 7

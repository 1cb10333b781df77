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
from tests.support.browser import CHROMIUM, wait_in
from tests.support.paths import ROOT

MEASURE = """
() => Reveal.getSlides().map((slide, number) => {
  Reveal.slide(number);
  const inside = [...slide.querySelectorAll('*')].filter(one => !one.closest('math'));
  const size = one => parseFloat(getComputedStyle(one).fontSize);
  const written = inside.filter(one => [...one.childNodes].some(
    node => node.nodeType === 3 && node.data.trim()));
  return {
    wide: inside.filter(one => one.getBoundingClientRect().right > innerWidth).length,
    full: slide.scrollHeight > slide.clientHeight + 1,
    scrolls: getComputedStyle(slide).overflowY === 'auto',
    smallest: Math.min(...written.map(size)),
    text: slide.innerText,
  };
})
"""
"""Show each slide and return how many elements run off its right side, whether its
contents are too high and scroll, the size of its smallest letters in pixels of its
1280, and its text. One call for all: else drawing each slide takes most of the time."""

MARK = re.compile(r":(numref|ref|eqref|label):|\*\*\)")
"""What a slide must not show of the dialect."""

GROUND = "getComputedStyle(document.body).backgroundColor"


@pytest.fixture(scope="module")
def decks() -> list[Path]:
    """Return the pages of the real book's slides."""
    if shutil.which("npm") is None:
        pytest.skip("needs npm, which brings reveal.js")
    loaded = book.load(config.load(ROOT))
    folders = [
        slides.make(loaded, framework).parent for framework in loaded.config.frameworks
    ]
    return sorted(page for folder in folders for page in folder.glob("*/*.html"))


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
    chapter = book.load(config.load(ROOT))
    sections = [x for x in chapter.sections if not x.name.endswith("-solutions")]
    assert len(decks) == sum(len(chapter.frameworks_of(x)) for x in sections)
    scrolling: list[bool] = []
    for file in decks:
        page.goto(file.as_uri())
        wait_in(page, "window.Reveal && Reveal.isReady()")
        slides = page.evaluate(MEASURE)
        assert len(slides) > 3
        for number, slide in enumerate(slides):
            name = f"{file.name}#{number}"
            assert slide["wide"] == 0, name
            assert slide["scrolls"] or not slide["full"], name
            assert slide["smallest"] >= 20, name
            assert not MARK.search(slide["text"]), name
            scrolling.append(slide["full"])
    assert wrong == []
    count = scrolling.count(True)
    assert count <= len(scrolling) / 50, f"{count} of {len(scrolling)} slides scroll"


@pytest.mark.browser
def test_arrow_keys_change_the_slide_and_the_address(
    decks: list[Path], page: Page
) -> None:
    page.goto(decks[-1].as_uri())
    wait_in(page, "window.Reveal && Reveal.isReady()")
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
    page.keyboard.press("d")
    page.emulate_media(color_scheme="dark")
    page.goto(f"{decks[-1].as_uri()}?print-pdf")
    wait_in(page, "window.Reveal && Reveal.isReady()")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(GROUND) == "rgb(255, 255, 255)"
    page.emulate_media(media="screen", color_scheme="light")
    page.goto(decks[-1].as_uri())
    wait_in(page, "window.Reveal && Reveal.isReady()")
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

"""Outputs in a real browser: what runs, what scrolls, what is legible."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tabbook import sphinxext
from tests.support.books import MakeBook
from tests.support.browser import CHROMIUM, served, wait_in
from tests.support.captured_outputs import book_of_outputs

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
]

WIDTHS = (1280, 390)

CUT_OFF = """() => [...document.querySelectorAll('.cell_output :is(.output, img)')]
  .filter((box) => box.scrollWidth > box.clientWidth + 1)
  .filter((box) => !['auto', 'scroll'].includes(getComputedStyle(box).overflowX))
  .map((box) => box.className || box.src)"""
"""Outputs that are wider than their box and cannot be scrolled."""

CONTRAST = """(box) => {
  const channel = (value) => {
    value /= 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(channel);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let ground = box;
  while (/, 0\\)|transparent/.test(getComputedStyle(ground).backgroundColor))
    ground = ground.parentElement;
  const [a, b] = [getComputedStyle(box).color, getComputedStyle(ground).backgroundColor]
    .map(light);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""


TEXTS = (
    *("#table-wide td", "#table-wide th", "#table-styled td", "#markdown td"),
    *("#widget .output-note", "#json pre", "#html-details summary"),
)
"""Selectors of outputs' texts."""


@pytest.fixture(scope="module")
def address(make_book: MakeBook) -> Iterator[str]:
    """Serve the page of all captured outputs; return its address."""
    book, _ = book_of_outputs(make_book)
    with served(sphinxext.build(book).folder) as site:
        yield f"{site}/outputs.html"


def opened(browser: Browser, address: str, width: int, scheme: str = "light") -> Page:
    """Open the page; nothing of other sites is loaded."""
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page.route(lambda url: "example.org" in url or "youtube" in url, _refuse)
    page.goto(address)
    return page


def _refuse(route: object) -> None:
    route.abort()  # type: ignore[attr-defined]


def test_scripts_of_outputs_do_not_run(browser: Browser, address: str) -> None:
    page = opened(browser, address, 1280)
    page.locator("#html-script p").first.click()
    assert page.title() == "Outputs - Outputs"
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_outputs_fit_the_page_or_scroll_in_their_box(
    browser: Browser, address: str, width: int
) -> None:
    page = opened(browser, address, width)
    root = "document.documentElement.scrollWidth"
    assert page.evaluate(root) <= width
    assert page.evaluate(CUT_OFF) == []
    table = page.locator("#table-wide .output.text_html")
    before = table.evaluate("(box) => box.scrollWidth - box.clientWidth")
    assert before > 0
    table.focus()  # reachable by key, since it scrolls
    page.keyboard.press("ArrowRight")
    wait_in(page, "() => document.activeElement.scrollLeft > 0")
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_pictures_keep_their_shape(browser: Browser, address: str, width: int) -> None:
    page = opened(browser, address, width)
    for name, shape in (("png", 2.0), ("figure-wide", None), ("gif", 2.0)):
        image = page.locator(f"#{name} .cell_output img")
        image.scroll_into_view_if_needed()  # only then is it fetched
        wait_in(
            page,
            "(image) => image.complete && image.naturalWidth",
            image.element_handle(),
        )
        size = image.bounding_box()
        natural = image.evaluate("(box) => box.naturalWidth / box.naturalHeight")
        assert size and size["width"] <= width
        assert size["width"] / size["height"] == pytest.approx(
            shape or natural, rel=0.1
        )
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_outputs_are_legible(browser: Browser, address: str, scheme: str) -> None:
    page = opened(browser, address, 1280, scheme)
    for selector in TEXTS:
        boxes = page.locator(selector).all()[:6]
        assert boxes, selector
        for box in boxes:
            assert box.evaluate(CONTRAST) >= 4.5, selector
    page.close()


def test_styles_of_an_isolated_output_stay_in_it(
    browser: Browser, address: str
) -> None:
    page = opened(browser, address, 1280)
    inside = page.locator("#isolated .text_html > div")
    assert inside.evaluate("(box) => box.shadowRoot.textContent") == (
        "p { color: red }Red inside"
    )
    colour = "(box) => getComputedStyle(box).color"
    assert page.locator("#markdown .output p").last.evaluate(colour) != "rgb(255, 0, 0)"
    page.close()


def test_wide_table_is_printed_whole(browser: Browser, address: str) -> None:
    page = opened(browser, address, 718)  # A4 without its margins, at 96 per inch
    page.emulate_media(media="print")
    box = page.locator("#table-wide .output.text_html")
    assert box.evaluate("(box) => box.scrollWidth <= box.clientWidth + 1")
    last = page.locator("#table-wide td").last
    assert last.inner_text() == "2"
    place, frame = last.bounding_box(), box.bounding_box()
    assert place and frame
    assert place["x"] + place["width"] <= frame["x"] + frame["width"] + 1
    page.close()

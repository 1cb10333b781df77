"""The page in a real browser, driven over HTTP."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from test_page import CONFIG, ONE, TWO, make

from tabbook import sphinx

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
    # MyST asks Sphinx for what Sphinx 11 will not have: theirs to mend, not ours.
    pytest.mark.filterwarnings(
        "ignore:.*myst_(parser|nb).*is deprecated:PendingDeprecationWarning"
    ),
]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of each request."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the made-up book; return its address."""
    book = make(tmp_path_factory.mktemp("site"))
    images = "[html]\nhtml_logo = round.svg\nfavicon = round.svg\n"
    book.write("config.ini", CONFIG + images)
    wide = "x" * 200
    book.write("part/one.md", ONE + f"\n`{wide}`と{'長い' * 100}https://{wide}\n")
    code = f"```{{.python .input}}\n%%tab alpha, gamma\n{wide} = 1\n```\n"
    book.write("part/two.md", f"{TWO}\n勾配を調べる。\n\n{code}")
    book.execute()
    folder = sphinx.build(book.config).folder
    handler = functools.partial(Quiet, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=ARGUMENTS
        )
        yield launched
        launched.close()


@contextmanager
def reader(browser: Browser, width: int = 1280) -> Iterator[Page]:
    """Open a page as a new reader would, and hear what goes wrong."""
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    wrong: list[str] = []
    page.on(
        "console", lambda said: wrong.append(said.text) if said.type == "error" else ""
    )
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith(("http://127.0.0.1", "data:"))
            else wrong.append(asked.url)
        ),
    )
    yield page
    context.close()
    assert wrong == []


def tab(page: Page, group: int, label: str) -> Locator:
    return page.locator(".sd-tab-set").nth(group).get_by_text(label, exact=True)


def chosen(page: Page) -> list[str]:
    """Return the selected tab of each group."""
    labels = page.locator(".sd-tab-set > input:checked + label")
    return [text.strip() for text in labels.all_inner_texts()]


def test_a_choice_reaches_every_group(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/one.html")
        assert chosen(page) == ["Alpha", "Alpha", "Alpha"]
        tab(page, 2, "Beta Two").click()
        assert chosen(page) == ["Beta Two", "Beta Two", "Beta Two"]
        expect(page.get_by_text("beta_first = 1")).to_be_visible()
        expect(page.get_by_text("alpha_first = 1")).to_be_hidden()


def test_a_group_without_the_choice_shows_what_there_is(
    site: str, browser: Browser
) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/one.html")
        tab(page, 0, "gamma").click()
        assert chosen(page) == ["gamma", "Alpha", "gamma"]


def test_a_choice_lasts_over_pages_and_reloads(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/one.html")
        tab(page, 0, "gamma").click()
        page.reload()
        assert chosen(page)[0] == "gamma"
        page.goto(f"{site}/part/two.html")
        assert chosen(page) == ["Beta Two", "gamma"]
        stored = page.evaluate("Object.values(localStorage)")
        assert "gamma" in stored


def test_the_address_chooses(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/one.html?framework=beta")
        assert chosen(page) == ["Beta Two", "Beta Two", "Beta Two"]
        page.goto(f"{site}/part/one.html")
        assert chosen(page)[0] == "Beta Two"


def test_tabs_need_no_mouse(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/one.html")
        page.locator(".sd-tab-set > input").first.scroll_into_view_if_needed()
        for _ in range(100):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches('.sd-tab-set > input')"):
                break
        label = page.locator(".sd-tab-set > input:focus-visible + label")
        expect(label).to_have_css("outline-style", "solid")
        expect(label).to_have_css("outline-width", "3px")
        page.keyboard.press("ArrowRight")
        assert chosen(page)[:2] == ["Beta Two", "Beta Two"]
        page.keyboard.press("ArrowLeft")
        assert chosen(page)[:2] == ["Alpha", "Alpha"]


@pytest.mark.parametrize("name", ["index", "part/one", "part/two", "search"])
def test_nothing_scrolls_sideways_on_a_narrow_screen(
    site: str, browser: Browser, name: str
) -> None:
    with reader(browser, width=360) as page:
        page.goto(f"{site}/{name}.html")
        for scrolled in ("html", ".content"):
            box = page.locator(scrolled).evaluate("x => [x.scrollWidth, x.clientWidth]")
            assert box[0] <= box[1] <= 360


def test_copying_takes_code_without_output(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/one.html")
        assert page.locator(".cell_input .copybtn").count() == 7
        assert page.locator(".cell_output .copybtn").count() == 0


def test_search_finds_japanese(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/search.html?q=勾配")
        results = page.locator("#search-results li a")
        expect(results.first).to_be_visible(timeout=10_000)
        assert "第二の節" in results.all_inner_texts()
        page.goto(f"{site}/search.html?q=存在しない語")
        expect(page.locator("#search-results p.search-summary")).not_to_have_text("")
        assert results.count() == 0


def test_formulas_are_drawn_without_script(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/one.html")
        drawn = page.locator(".math-block math").first.bounding_box()
        assert drawn and drawn["height"] > 20

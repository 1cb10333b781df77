"""What helps readers, in a browser: marks, wrapping, enlarging, options, keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tabbook import sphinxext
from tests.support.book_with_cover import make
from tests.support.browser import CHROMIUM, served, wait_in

pytestmark = [
    pytest.mark.long,
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
]

PHONE, DESK = 390, 1280
COMPARED = "part/one.html?framework=alpha&compare=beta"

HIGHLIGHTED = """() => [...(CSS.highlights.get("differing-lines") || [])].map(
  (range) => range.toString())"""

SHIFT = """new Promise((done) => new PerformanceObserver((list) => done(
  list.getEntries().reduce((sum, entry) => sum + entry.value, 0)
)).observe({type: "layout-shift", buffered: true}) || setTimeout(() => done(0), 500))"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    result = sphinxext.build(make(tmp_path_factory.mktemp("site")))
    assert result.warnings == ""
    with served(result.folder) as address:
        yield address


@contextmanager
def reader(browser: Browser, width: int = DESK, **options: Any) -> Iterator[Page]:
    """Open a page as a new reader would; nothing may go wrong on it."""
    context = browser.new_context(viewport={"width": width, "height": 800}, **options)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert wrong == []


def test_lines_that_differ_are_marked_in_a_comparison(
    site: str, browser: Browser
) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/{COMPARED}")
        assert page.evaluate(HIGHLIGHTED) == ["parts: ['alpha']", "parts: ['beta']"]
        page.get_by_role("radio", name="Delta").check(force=True)
        assert page.evaluate(HIGHLIGHTED) == ["parts: ['beta']", "parts: ['delta']"]
        page.locator("select").select_option("")
        assert page.evaluate(HIGHLIGHTED) == []


def test_four_frameworks_fit_every_width(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        for width in (320, PHONE, 640, DESK):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"{site}/part/one.html")
            assert page.evaluate("document.documentElement.scrollWidth") == width
            for radio in page.get_by_role("radio").all()[:4]:
                radio.check(force=True)
                box = radio.locator("xpath=..").bounding_box()
                assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
                assert box["height"] < 48, "names stand on one line"


def cut(page: Page) -> list[str]:
    """Return the code that does not fit its box."""
    blocks = page.locator("article .cell_input pre >> visible=true").all()
    return [
        block.inner_text()
        for block in blocks
        if block.evaluate("one => one.scrollWidth > one.clientWidth + 1")
    ]


def test_cut_code_wraps_at_a_click_and_stays_wrapped(
    site: str, browser: Browser
) -> None:
    with reader(browser, PHONE) as page:
        page.goto(f"{site}/part/one.html")
        assert cut(page)
        shades = page.locator("article .highlight > pre").evaluate_all(
            "all => all.map(one => getComputedStyle(one).backgroundImage)"
        )
        assert all("gradient" in shade for shade in shades), "code and outputs"
        wrap = page.get_by_role("button", name="Wrap code").first
        expect(wrap).to_have_attribute("aria-pressed", "false")
        wrap.click()
        assert not cut(page)
        page.goto(f"{site}/part/one.html")
        assert not cut(page)
        wrap.click()
        assert cut(page)
    with reader(browser) as page:
        page.goto(f"{site}/part/two.html")
        expect(page.get_by_role("button", name="Wrap code")).to_have_count(0)


def test_figure_and_table_open_by_key_and_give_the_focus_back(
    site: str, browser: Browser
) -> None:
    with reader(browser, PHONE) as page:
        page.goto(f"{site}/part/two.html")
        buttons = page.get_by_role("button", name="Enlarge")
        expect(buttons).to_have_count(2)
        for button, shown in zip(buttons.all(), ("img", "table"), strict=True):
            button.focus()
            page.keyboard.press("Enter")
            dialog = page.get_by_role("dialog")
            expect(dialog.locator(shown)).to_be_visible()
            page.keyboard.press("Escape")
            expect(dialog).to_be_hidden()
            expect(button).to_be_focused()
        page.locator("article figure img").click()
        expect(page.get_by_role("dialog").locator("img")).to_be_visible()
        page.get_by_role("dialog").get_by_role("button").click()
        expect(page.get_by_role("dialog")).to_be_hidden()
    with reader(browser) as page:
        page.goto(f"{site}/part/two.html")
        expect(page.get_by_role("button", name="Enlarge")).to_have_count(0)


def test_button_of_a_wide_table_moves_nothing(site: str, browser: Browser) -> None:
    with reader(browser, PHONE) as page:
        page.goto(f"{site}/verification.html")
        button = page.get_by_role("button", name="Enlarge")
        expect(button).to_be_visible()
        assert page.evaluate(SHIFT) == 0
        table = page.locator(".table-wrapper table")
        above, below = button.bounding_box(), table.bounding_box()
        assert above and below and above["y"] + above["height"] <= below["y"]
        page.emulate_media(media="print")
        box = table.evaluate("table => getComputedStyle(table.parentNode).paddingTop")
        assert float(box.removesuffix("px")) < 8, "paper has no button"


def test_finger_opens_a_sheet_on_a_term(site: str, browser: Browser) -> None:
    with reader(browser, PHONE, has_touch=True, is_mobile=True) as page:
        page.goto(f"{site}/part/two.html")
        term = page.locator("article .term a")
        term.tap()
        sheet = page.get_by_role("dialog", name="layer")
        expect(sheet.get_by_text("A part of a net.")).to_be_visible()
        sheet.get_by_role("button", name="Close").tap()
        expect(sheet).to_be_hidden()
        term.tap()
        sheet.get_by_role("link", name="Go to its page").tap()
        page.wait_for_url("**/glossary.html*")
    with reader(browser) as page:
        page.goto(f"{site}/part/two.html")
        page.locator("article .term a").click()
        page.wait_for_url("**/glossary.html*")


def test_options_hold_on_every_page_before_it_is_painted(
    site: str, browser: Browser
) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/one.html")
        plain = page.evaluate("getComputedStyle(document.documentElement).fontSize")
        page.get_by_role("button", name="Reading options").locator(
            "visible=true"
        ).click()
        for name, value in (("size", "larger"), ("width", "wide"), ("theme", "dark")):
            page.locator(f'input[name="{name}"][value="{value}"]').check(force=True)
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Contents").locator("visible=true").click()
        expect(page.locator("#contents")).to_be_hidden()
        page.route("**/options.js*", lambda route: route.abort())
        page.goto(f"{site}/part/two.html")
        expect(page.locator("#contents")).to_be_hidden()
        chosen = page.evaluate(
            "[{...document.documentElement.dataset}, document.body.dataset.theme]"
        )
        assert chosen[0]["size"] == "larger" and chosen[0]["width"] == "wide"
        assert chosen[1] == "dark"
        large = page.evaluate("getComputedStyle(document.documentElement).fontSize")
        assert float(large[:-2]) > float(plain[:-2])
        assert page.evaluate("document.documentElement.scrollWidth") == DESK
        assert page.evaluate(SHIFT) == 0


def test_arrow_keys_turn_pages_where_they_move_nothing_else(
    site: str, browser: Browser
) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/one.html")
        page.keyboard.press("ArrowRight")
        page.wait_for_url("**/part/two.html*")
        page.keyboard.press("ArrowLeft")
        page.wait_for_url("**/part/one.html*")
        page.get_by_role("radio", name="Alpha").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("/")
        page.get_by_role("dialog").wait_for()
        page.keyboard.type("net")
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(300)
        assert "/part/one.html?framework=beta" in page.url


def test_exercise_has_its_hint_and_its_solution(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/two.html")
        first = page.locator("article section ol > li").first
        hint, solution = first.locator("details").all()
        expect(hint.locator("summary")).to_have_text("Hint")
        expect(hint.get_by_text("print it.")).to_be_hidden()
        hint.locator("summary").click()
        expect(hint.get_by_text("print it.")).to_be_visible()
        solution.locator("summary").click()
        expect(solution.get_by_text("It is one.")).to_be_visible()
        expect(first.get_by_text("What is")).to_be_in_viewport()
        page.emulate_media(media="print")
        broken = "one => getComputedStyle(one).breakInside"
        assert page.locator("article section ol").first.evaluate(broken) == "auto"
        assert first.evaluate(broken) == "avoid"


def test_search_waits_for_the_end_of_a_composition(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/two.html")
        page.keyboard.press("/")
        results = page.locator("#search-results li")
        words = page.get_by_role("dialog").locator("input")
        expect(words).to_be_focused()
        keyboard = page.context.new_cdp_session(page)
        composed = {"text": "la", "selectionStart": 2, "selectionEnd": 2}
        keyboard.send("Input.imeSetComposition", composed)
        page.wait_for_timeout(500)
        expect(words).to_have_value("la")
        assert results.count() == 0, "half a word is searched"
        keyboard.send("Input.insertText", {"text": "layer"})
        expect(results.first).to_contain_text("layer")


def test_progress_and_place_are_shown(site: str, browser: Browser) -> None:
    with reader(browser, PHONE) as page:
        page.goto(f"{site}/part/two.html")
        crumbs = page.get_by_role("navigation", name="Place of this page")
        expect(crumbs.get_by_role("link")).to_have_text(["Home", "1. Part"])
        scale = """getComputedStyle(document.querySelector(".main"), "::before")
          .transform.match(/matrix\\(([^,]+)/)[1]"""
        assert float(page.evaluate(scale)) < 0.1
        page.evaluate("scrollTo({top: 1e6, behavior: 'instant'})")
        wait_in(page, f"{scale} > 0.9")


CLICK = (
    "[...document.querySelectorAll({!r})].find(b => b.getClientRects().length).click()"
)
UNFOLD = 'for (const each of document.querySelectorAll("details")) each.open = true'
SLASH = """document.body.dispatchEvent(
  new KeyboardEvent("keydown", {key: "/", bubbles: true}))"""
HOVER = """document.querySelector("article section a.reference.internal").dispatchEvent(
  new PointerEvent("pointerenter", {pointerType: "mouse"}))"""
TWO = "part/two.html"

STATES = {
    "index": ("index.html", DESK, ""),
    "index on a phone": ("index.html", PHONE, ""),
    "comparison": (COMPARED, DESK, ""),
    "menu": (TWO, PHONE, CLICK.format(".nav-overlay-icon")),
    "options": (TWO, DESK, CLICK.format(".options-button")),
    "solution": (TWO, DESK, UNFOLD),
    "enlarged": (TWO, PHONE, CLICK.format(".enlarge")),
    "palette": (TWO, DESK, SLASH),
    "card": (TWO, DESK, HOVER),
    "folded": (TWO, DESK, CLICK.format(".contents-fold")),
}
"""Page, width and the script that brings it into a state."""


def problems_on(page: Page, axe: str) -> list[tuple[str, str, str]]:
    """Return what axe finds on a page by its default and best-practice rules."""
    page.wait_for_timeout(600)
    page.evaluate(axe)
    report = page.evaluate(
        """axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa",
          "wcag22aa", "best-practice"]})"""
    )
    return [
        (problem["id"], node["html"][:120], node["failureSummary"][:200])
        for problem in report["violations"]
        for node in problem["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_state(
    site: str, browser: Browser, axe: str, scheme: Any
) -> None:
    by_state = {}
    with reader(browser, color_scheme=scheme, reduced_motion="reduce") as page:
        for name, (address, width, script) in STATES.items():
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"{site}/{address}")
            page.evaluate(script or "0")
            by_state[name] = problems_on(page, axe)
    finger = {"has_touch": True, "is_mobile": True, "color_scheme": scheme}
    with reader(browser, PHONE, reduced_motion="reduce", **finger) as page:
        page.goto(f"{site}/part/two.html")
        page.locator("article .term a").tap()
        page.get_by_role("dialog").wait_for()
        by_state["sheet"] = problems_on(page, axe)
    assert {name: problems for name, problems in by_state.items() if problems} == {}

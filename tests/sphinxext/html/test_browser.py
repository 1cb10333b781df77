"""The page in a real browser, driven over HTTP."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tabbook import sphinxext
from tests.support.book_with_three_frameworks import CONFIG, ONE, TWO, make
from tests.support.browser import CHROMIUM, served, wait_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
]


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
    book.write("part/long.md", LONG)
    book.write("part/deep.md", DEEP)
    book.write("part/remark.md", REMARK)
    pages = "part/two\npart/long\npart/deep\npart/remark\n"
    book.edit("index.md", "part/two\n", pages)
    book.execute()
    _print_much(book.root / "notebooks/beta/part/two.ipynb")
    book.write("part/labels.md", LABELS)
    book.write("part/far.md", "# 遠い節\n\n:numref:`fig_beta`と:numref:`fig_two`。\n")
    book.edit("index.md", "part/long\n", "part/long\npart/labels\npart/far\n")
    folder = sphinxext.build(book.config).folder
    with served(folder) as address:
        yield address


DEEP = """# 深い節

:numref:`sec_inside`を見ます。

## 勾配

本文です。

### 発展：計算の順序
:label:`sec_deep`

深い文です。

#### 細部
:label:`sec_inside`

細かい文です。

```{.python .input}
%%tab alpha
deep = 1
```

## 後の節

最後の文です。
"""

REMARK = """# 節

:begin_tab:`beta`
ベータだけの補足。
:end_tab:

共有の文。

```{.python .input}
%%tab alpha, beta
one = 1
```
"""

LABELS = """# 節

:numref:`fig_beta`、:numref:`fig_two`、:numref:`tab_gamma`、:eqref:`eq_beta`。

{gap}

:begin_tab:`beta, gamma`
![二](../round.svg)
:label:`fig_two`
:end_tab:

{gap}

:begin_tab:`alpha`
アルファの文。
:end_tab:

:begin_tab:`beta`
![図](../round.svg)
:label:`fig_beta`

$$x = y$$
:eqlabel:`eq_beta`
:end_tab:

:begin_tab:`gamma`
:表
| a |
|---|
| b |
:label:`tab_gamma`
:end_tab:

{gap}
""".format(gap="\n\n".join(["共有の文。"] * 60))

LONG = "# 長い節\n\n" + "".join(
    f"```{{.python .input}}\n%%tab alpha\n{short}\n```\n\n"
    f"```{{.python .input}}\n%%tab beta\n{long}\n```\n\n"
    f"```{{.python .input}}\n%%tab gamma\n{short}\n```\n\nshared-{number}\n\n"
    for number in range(10)
    for short, long in [("x = 1", "x = 1\n" * (5 + number))]
)


def _print_much(file: Path) -> None:
    """Give the last code of a notebook many lines of output."""
    notebook = nbformat.read(file, as_version=4)
    text = "".join(f"line-{number}\n" for number in range(60))
    output = nbformat.v4.new_output("stream", name="stdout", text=text)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    code[-1].outputs = [output]
    nbformat.write(notebook, file)


WRONG: list[str] = []
"""What went wrong on the page that is open."""


@contextmanager
def reader(browser: Browser, width: int = 1280) -> Iterator[Page]:
    """Open a page as a new reader would, and hear what goes wrong."""
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    wrong = WRONG
    wrong.clear()
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


def choose(page: Page, label: str) -> None:
    """Click a framework, once a page that scrolls to its anchor holds still."""
    radio = page.get_by_role("radio", name=label, exact=True)
    page.locator("label").filter(has=radio).click()
    expect(radio).to_be_checked()


def chosen(page: Page) -> list[str]:
    """Return the label of the panels that show in each group."""
    return [
        "+".join(
            panel.get_attribute("data-framework") or ""
            for panel in group.locator(".panel").all()
            if panel.is_visible()
        )
        for group in page.locator(".tabs").all()
    ]


def named(part: Locator) -> list[str]:
    """Return the names that show above panels."""
    names: list[str] = part.locator(".panel").evaluate_all(
        """panels => panels
            .filter(panel => panel.getClientRects().length
                && getComputedStyle(panel, "::before").display !== "none")
            .map(panel => panel.getAttribute("aria-label"))"""
    )
    return names


def test_choice_switches_every_tab_set(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/one.html")
        assert chosen(page) == ["alpha", "alpha", "alpha"]
        choose(page, "Beta Two")
        assert chosen(page) == ["beta", "beta", "beta"]
        expect(page.get_by_text("beta_first = 1")).to_be_visible()
        expect(page.get_by_text("alpha_first = 1")).to_be_hidden()


def expect_in_view(page: Page, selector: str) -> None:
    """Wait until a reader sees an element as far as the switch above leaves room."""
    expect(page.locator(selector)).to_be_in_viewport(ratio=0.95)


@pytest.mark.parametrize(
    ("label", "framework", "target"),
    [
        ("fig-beta", "beta", "#fig-beta img"),
        ("equation-eq-beta", "beta", ".math-block"),
        ("tab-gamma", "gamma", "#tab-gamma"),
    ],
)
def test_link_into_a_hidden_tab_shows_it(
    site: str, browser: Browser, label: str, framework: str, target: str
) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/labels.html?framework=alpha")
        assert chosen(page)[1] == "alpha"
        page.locator(f'article a[href="#{label}"]').click()
        wait_in(
            page,
            "name => document.documentElement.dataset.framework === name",
            framework,
        )
        assert chosen(page)[1] == framework
        expect_in_view(page, target)
        page.goto(f"{site}/part/one.html")
        assert chosen(page)[0] == "alpha"


def test_link_into_a_hidden_tab_can_be_followed_again(
    site: str, browser: Browser
) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/labels.html?framework=alpha")
        link = page.locator('article a[href="#fig-beta"]')
        for _ in range(2):
            link.click()
            expect(page.locator("#fig-beta img")).to_be_visible()
            page.locator('input[value="alpha"]').check(force=True)
            expect(page.locator("#fig-beta img")).to_be_hidden()


def test_link_from_another_page_shows_a_hidden_tab(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/far.html?framework=alpha")
        page.locator('article a[href$="#fig-beta"]').click()
        expect(page.locator("#fig-beta img")).to_be_visible()
        expect_in_view(page, "#fig-beta img")


def test_link_leads_to_the_copy_that_is_shown(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/labels.html?framework=gamma")
        page.locator('article a[href="#fig-two"]').click()
        expect(page.locator("#fig-two-in-gamma img")).to_be_visible()
        assert chosen(page) == ["gamma", "gamma"]
        expect_in_view(page, "#fig-two-in-gamma img")


def test_every_tab_shows_without_script(site: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/part/labels.html#fig-beta")
    assert page.locator("#fig-beta img").is_visible()
    context.close()


def test_tab_set_without_chosen_framework_shows_others_with_note(
    site: str, browser: Browser
) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/one.html")
        said = page.get_by_text("gammaの記述はここにはありません。", exact=False)
        expect(said).to_be_hidden()
        choose(page, "gamma")
        assert chosen(page) == ["gamma", "alpha+beta", "gamma"]
        expect(said).to_be_visible()
        assert named(page.locator(".tabs").nth(1)) == ["Alpha", "Beta Two"]


def test_framework_bar_switches_page(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/one.html")
        page.get_by_role("radio", name="Beta Two").check()
        assert chosen(page) == ["beta", "beta", "beta"]
        page.keyboard.press("ArrowRight")
        assert chosen(page)[0] == "gamma"
        page.goto(f"{site}/index.html")
        expect(page.get_by_role("radio", name="gamma")).to_be_checked()
        page.goto(f"{site}/search.html")
        expect(page.get_by_role("radio")).to_have_count(0)


def test_choice_is_kept_across_pages_and_reloads(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/one.html")
        choose(page, "gamma")
        page.reload()
        assert chosen(page)[0] == "gamma"
        page.goto(f"{site}/part/two.html")
        assert chosen(page) == ["beta", "gamma"]
        assert page.evaluate("localStorage.framework") == "gamma"


def test_query_string_overrides_stored_choice(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/one.html")
        choose(page, "gamma")
        page.goto(f"{site}/part/one.html?framework=beta")
        assert chosen(page) == ["beta", "beta", "beta"]
        page.goto(f"{site}/part/one.html?framework=nonsense")
        assert chosen(page)[0] == "beta", "an address holds for the visit"
        page.goto(f"{site}/part/one.html")
        assert chosen(page)[0] == "beta"
        assert page.evaluate("localStorage.framework") == "gamma", "a click is kept"


def test_copied_link_holds_choice(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/one.html#fig-x")
        choose(page, "gamma")
        assert page.url.endswith("/part/one.html?framework=gamma#fig-x")
        link = page.locator("h1 a.headerlink")
        assert link.get_attribute("href") == "?framework=gamma#sec-one"
        page.locator("select").select_option("beta")
        assert page.url.endswith("?framework=gamma&compare=beta#fig-x")
        with reader(browser) as other:
            other.goto(page.url)
            assert chosen(other)[0] == "beta+gamma"


def test_choice_is_applied_before_first_paint(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.route("**/tabbook.js*", lambda route: route.abort())
        page.goto(f"{site}/part/one.html?framework=gamma")
        assert chosen(page) == ["gamma", "alpha+beta", "gamma"]
        page.unroute_all()
        page.evaluate("console.clear()")
        page.goto("about:blank")
        assert WRONG.pop().startswith("Failed to load resource")


def test_switching_keeps_scroll_position(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/long.html")
        for name in ("shared-3", "shared-5"):
            place = page.get_by_text(name, exact=True)
            place.evaluate("x => window.scrollTo(0, x.offsetTop - 80)")
            before = place.bounding_box()
            height = page.evaluate("document.body.scrollHeight")
            page.evaluate(
                "document.querySelector('input[name=framework]:not(:checked)').click()"
            )
            assert page.evaluate("document.body.scrollHeight") != height
            page.wait_for_timeout(100)
            after = place.bounding_box()
            assert before and after and abs(before["y"] - after["y"]) < 2


def test_comparison_uses_two_columns_on_wide_screens(
    site: str, browser: Browser
) -> None:
    with reader(browser, width=1500) as page:
        page.goto(f"{site}/part/one.html")
        page.locator("select").select_option("gamma")
        assert chosen(page) == ["alpha+gamma", "alpha", "alpha+gamma"]
        left, two = (
            page.locator(f'.tabs .panel[data-framework="{name}"]').first.bounding_box()
            for name in ("alpha", "gamma")
        )
        assert left and two and left["y"] == two["y"] and left["x"] < two["x"]
        assert named(page.locator(".tabs").first) == ["Alpha", "gamma"]
        page.set_viewport_size({"width": 600, "height": 800})
        left, two = (
            page.locator(f'.tabs .panel[data-framework="{name}"]').first.bounding_box()
            for name in ("alpha", "gamma")
        )
        assert left and two and left["y"] < two["y"] and left["x"] == two["x"]
        choose(page, "gamma")
        assert chosen(page)[0] == "gamma", "compared with itself: shown once"


def test_switch_works_by_keyboard_and_stays_in_reach(
    site: str, browser: Browser
) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/long.html")
        page.get_by_role("radio", name="Alpha").focus()
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        for key, name in (
            ("ArrowRight", "beta"), ("ArrowLeft", "alpha"), ("ArrowLeft", "gamma"),
        ):  # fmt: skip
            page.keyboard.press(key)
            assert page.evaluate("document.documentElement.dataset.framework") == name
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate("window.scrollTo(0, document.body.scrollHeight / 2)")
            page.wait_for_timeout(50)
            box = page.locator(".framework-bar").bounding_box()
            assert box and box["y"] == 0 and 44 <= box["height"] <= 60, width
        page.keyboard.press("Tab")
        focused = page.locator(":focus-visible")
        assert focused.count() == 1


def test_panels_are_groups_named_by_their_framework(
    site: str, browser: Browser
) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/one.html")
        first = page.locator(".tabs").first
        expect(first.get_by_role("group", name="Alpha")).to_be_visible()
        expect(first.get_by_role("group", name="gamma")).to_be_hidden()
        assert page.get_by_role("tab").count() == 0


def test_comparison_aligns_what_belongs_together(site: str, browser: Browser) -> None:
    with reader(browser, width=1280) as page:
        page.goto(f"{site}/part/one.html?framework=alpha&compare=beta")
        apart = page.evaluate(
            """() => [...document.querySelectorAll(".tabs")].map((tabs) => {
              const tops = (panel) => [...panel.querySelectorAll(".cell_output")].map(
                (output) => output.getBoundingClientRect().top);
              const [one, other] = [...tabs.querySelectorAll(".panel")]
                .filter((panel) => panel.getClientRects().length).map(tops);
              return Math.max(0, ...one.map((top, at) =>
                at in (other || []) ? Math.abs(top - other[at]) : 0));
            })"""
        )
        assert len(apart) == 3 and max(apart) <= 2, apart


def test_remark_on_one_framework_is_nothing_to_readers_of_another(
    site: str, browser: Browser
) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/remark.html?framework=alpha")
        remark = page.get_by_text("ベータだけの補足。")
        expect(remark).to_be_hidden()
        assert page.locator(".lacks >> visible=true").count() == 0
        choose(page, "Beta Two")
        expect(remark).to_be_visible()
        choose(page, "gamma")  # has no code on this page and sees what others have
        expect(remark).to_be_visible()


def test_every_panel_is_labelled_without_javascript(
    site: str, browser: Browser
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/part/one.html")
    assert len(named(page.locator("article"))) == page.locator(".panel").count() > 0
    for control in (".framework-choice", ".framework-compare"):
        assert not page.locator(control).is_visible()
    assert len(page.locator(".framework-offer >> visible=true").all()) == 3
    page.goto(f"{site}/part/remark.html")
    gaps = page.evaluate(
        """() => [...document.querySelectorAll(".panel + .panel")].map((panel) =>
          panel.firstElementChild.getBoundingClientRect().top -
          panel.previousElementSibling.lastElementChild.getBoundingClientRect().bottom)"""
    )
    assert gaps and min(gaps) > 8, "a label touches what stands above it"
    ruled = "text => getComputedStyle(text).borderLeftStyle"
    assert page.locator(".tab-text").first.evaluate(ruled) == "solid"
    context.close()


def test_print_shows_chosen_framework_with_label(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/one.html?framework=gamma")
        page.emulate_media(media="print")
        assert chosen(page) == ["gamma", "alpha+beta", "gamma"]
        assert named(page.locator(".tabs").first) == ["gamma"]
        assert not page.locator(".framework-bar").is_visible()


def test_printed_pdf_keeps_choice_and_all_outputs(
    site: str, browser: Browser, tmp_path: Path
) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("needs Debian's poppler-utils, which reads what was printed")
    printed = {}
    for name in ("one", "two"):
        file = tmp_path / f"{name}.pdf"
        with reader(browser) as page:
            page.goto(f"{site}/part/{name}.html?framework=beta")
            page.pdf(path=file)
        command = ["pdftotext", str(file), "-"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        printed[name] = done.stdout
    assert "Beta Two" in printed["one"] and "<beta>" in printed["one"]
    assert "<alpha>" not in printed["one"] and "<gamma>" not in printed["one"]
    assert "並べて比べる" not in printed["one"]
    assert "line-0" in printed["two"] and "line-59" in printed["two"]


@pytest.mark.parametrize("name", ["index", "part/one", "part/two", "search"])
def test_narrow_screen_has_no_horizontal_scrolling(
    site: str, browser: Browser, name: str
) -> None:
    with reader(browser, width=360) as page:
        page.goto(f"{site}/{name}.html")
        for scrolled in ("html", ".content"):
            box = page.locator(scrolled).evaluate("x => [x.scrollWidth, x.clientWidth]")
            assert box[0] <= box[1] <= 360


def test_copy_button_copies_code_without_output(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(f"{site}/part/one.html")
        assert page.locator(".cell_input .copy").count() == 7
        assert page.locator(".cell_output .copy").count() == 0
        button = page.get_by_role("button", name="コードをコピー").first
        button.focus()
        expect(button).to_have_css("opacity", "1")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("コピーしました")
        assert page.evaluate("navigator.clipboard.readText()") == "alpha_first = 1"


def test_menu_of_narrow_screen_works_by_keyboard(site: str, browser: Browser) -> None:
    with reader(browser, width=390) as page:
        page.goto(f"{site}/part/one.html")
        link = page.locator(".sidebar-drawer").get_by_role("link", name="第二の節")
        button = page.get_by_role("button", name="目次", exact=True)
        expect(link).to_be_hidden()
        expect(button).to_have_attribute("aria-expanded", "false")
        button.focus()
        page.keyboard.press("Enter")
        expect(link).to_be_visible()
        expect(button).to_have_attribute("aria-expanded", "true")
        page.keyboard.press("Escape")
        expect(link).to_be_hidden()
        expect(button).to_be_focused()


def test_colour_theme_follows_system_until_reader_chooses(
    site: str, browser: Browser
) -> None:
    def ground() -> bool:
        colour = "getComputedStyle(document.body).backgroundColor"
        dark: bool = page.evaluate(f"parseInt({colour}.match(/\\d+/)[0]) < 128")
        return dark

    with reader(browser) as page:
        page.emulate_media(color_scheme="dark")
        page.goto(f"{site}/part/one.html")
        assert ground()
        page.emulate_media(color_scheme="light")
        assert not ground()
        page.locator(".options-button >> visible=true").click()
        page.locator('input[name="theme"][value="dark"]').check(force=True)
        assert ground()
        page.goto(f"{site}/part/two.html")
        assert ground()


def test_formulas_are_shown_without_javascript(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/one.html")
        drawn = page.locator(".math-block math").first.bounding_box()
        assert drawn and drawn["height"] > 20


def test_reference_opens_hover_card(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/one.html")
        shown = page.locator("#preview")
        expect(shown).to_be_hidden()
        page.locator('a[href="#fig-x"]').first.hover()
        expect(shown).to_be_visible()
        expect(shown.locator("img")).to_have_attribute("alt", "丸い図")
        shown.hover()
        page.wait_for_timeout(500)
        expect(shown).to_be_visible()
        page.mouse.move(0, 0)
        expect(shown).to_be_hidden()
        page.locator('article section a[href*="eq-x"]').first.hover()
        expect(shown.locator("math")).to_be_visible()
        page.keyboard.press("Escape")
        expect(shown).to_be_hidden()
        other = page.locator('article section a[href^="two.html"]').first
        page.keyboard.press("Tab")
        other.focus()
        expect(shown).to_contain_text("第二の節")
        expect(shown).to_contain_text("文。")
        assert shown.locator("a, button, [id]").count() == 0
        expect(other).to_have_attribute("aria-describedby", "preview")
        other.blur()
        expect(shown).to_be_hidden()


def test_touch_opens_no_hover_card(site: str, browser: Browser) -> None:
    context = browser.new_context(has_touch=True)
    page = context.new_page()
    page.goto(f"{site}/part/one.html")
    place = page.locator('a[href="#fig-x"]').first.bounding_box()
    assert place
    point = {"x": place["x"] + 2, "y": place["y"] + place["height"] / 2}
    touch = context.new_cdp_session(page)
    held = {"type": "touchStart", "touchPoints": [point]}
    touch.send("Input.dispatchTouchEvent", held)
    page.wait_for_timeout(700)
    expect(page.locator("#preview")).to_be_hidden()
    context.close()


def test_long_output_unfolds_and_folds(site: str, browser: Browser) -> None:
    with reader(browser) as page:
        page.goto(f"{site}/part/two.html?framework=beta")
        output = page.locator(".output.long")
        button = page.get_by_role("button", name="出力をすべて表示")
        expect(button).to_have_count(1)

        def height() -> float:
            box = output.bounding_box()
            assert box
            return box["height"]

        folded = height()
        button.focus()
        page.keyboard.press("Enter")
        assert height() > 2 * folded
        page.get_by_role("button", name="出力をたたむ").click()
        assert height() == folded
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/part/two.html")
    box = page.locator(".output.long").bounding_box()
    assert box and box["height"] > 2 * folded
    context.close()


def test_advanced_part_opens_by_key_and_link(site: str, browser: Browser) -> None:
    deep, inside = "深い文です。", "細かい文です。"
    with reader(browser) as page:
        page.goto(f"{site}/part/deep.html")
        assert not page.get_by_text(deep).is_visible()
        assert page.get_by_text("最後の文です。").is_visible()
        page.locator("summary").focus()
        page.keyboard.press("Enter")
        assert page.get_by_text(deep).is_visible()
        page.keyboard.press("Space")
        assert not page.get_by_text(deep).is_visible()
        page.get_by_role("link", name="細部").first.click()
        assert page.get_by_text(inside).is_visible()
    with reader(browser) as page:
        page.goto(f"{site}/part/deep.html#sec-deep")
        assert page.get_by_text(deep).is_visible()
        heading = page.get_by_role("heading", name="発展：計算の順序", level=3)
        assert heading.is_visible()


def test_advanced_part_opens_without_script_and_prints_open(
    site: str, browser: Browser
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/part/deep.html")
    page.emulate_media(media="print")
    assert page.get_by_text("深い文です。").is_visible()
    page.emulate_media(media="screen")
    assert not page.get_by_text("深い文です。").is_visible()
    page.locator("summary").click()
    assert page.get_by_text("深い文です。").is_visible()
    context.close()
    with reader(browser) as page:
        page.goto(f"{site}/part/deep.html")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.get_by_text("深い文です。").is_visible()
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert not page.get_by_text("深い文です。").is_visible()

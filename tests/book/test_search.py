"""What readers find with the search of the chapter, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Locator, Page, expect

from tabbook import sphinxext
from tabbook.base import config
from tabbook.source import book
from tests.support.browser import CHROMIUM, served, wait_in
from tests.support.paths import ROOT

pytestmark = pytest.mark.xdist_group("pages of the repository")

in_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
]

WORDS = [
    "勾配", "パラメータ", "共有", "遅延初期化", "隠れ層", "全結合層", "損失関数",
    "重み", "学習率", "活性化関数", "基底クラス", "計算グラフ", "誤差逆伝播",
    "オプティマイザー", "自動微分", "順伝播", "状態辞書", "初期化子", "数値微分",
    "制御フロー", "多層パーセプトロン", "チェックポイント", "直列化", "デバイス",
    "テンソル", "バイアス", "バッファー", "派生クラス", "パラメータ共有", "標準偏差",
    "連鎖律", "ドライラン", "中心差分", "相対誤差", "丸め誤差", "コンテキスト",
    "非同期実行", "論理デバイス", "Xavier初期化", "乱数の種", "自作のSequential",
    "食い違い", "結合層", "延初期", "伝播", "state_dict", "named_parameters",
    "Sequential", "Linear", "safetensors", "register_buffer", "forward", "state",
    "init_", "LazyLinear", "collect_params", "set_data", "get_weights", "Parameter",
    "torch.save", "numpy",
]  # fmt: skip
"""Words of the book and parts of words, from its terms, headings and code."""


TRANSLATIONS = {"Parameter", "state"}
"""English forms of terms: pages with the term are results as well."""


ABSENT = ["量子計算", "強化学習", "隠れ屋", "state_dictionary", "Kubernetes", "層層層"]


TITLED = {
    "遅延初期化": "遅延初期化",
    "ドライラン": "ドライラン",
    "パラメータ共有": "パラメータ共有",
    "チェックポイント": "チェックポイント",
    "勾配チェック": "勾配チェック",
    "自作のSequential": "自作のSequential",
    "パラメータ管理": "パラメータ管理",
    "用語集": "用語集",
    "損失": "損失（loss）",
}
"""What the first result of a query is titled."""


NAVIGATION = ".framework-bar, .headerlink, .toctree-wrapper, .breadcrumbs, .cover-map"
"""What pages show besides their text: results for a page's title are its own page."""


ANSWERS = """queries => queries.map((query) => {
  document.getElementById("search-query").value = query;
  document.getElementById("search-form").requestSubmit();
  const results = [...document.querySelectorAll("#search-results > li")];
  const titles = results.map((result) => result.querySelector(".search-title > a"));
  return {
    links: titles.map((title) => title.getAttribute("href")),
    title: titles[0]?.innerText ?? "",
    first: results[0]?.textContent ?? "",
    status: document.getElementById("search-status").innerText,
  };
})"""
"""A script that returns, for each query, where the results lead, the title and the text
of the first, and the status."""


@pytest.fixture(scope="module")
def site() -> Iterator[dict[str, str]]:
    """Return the address of this book's pages over HTTP and in a folder."""
    folder = sphinxext.build(config.load(ROOT)).folder
    with served(folder) as address:
        yield {"http": address, "file": folder.as_uri()}


@pytest.fixture(scope="module")
def texts(site: dict[str, str]) -> dict[str, str]:
    """Return what each page says, in small letters, by its address."""
    folder = Path(site["file"].removeprefix("file://"))
    by_place = {}
    for file in folder.rglob("*.html"):
        page = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
        for element in page.select(NAVIGATION):
            element.decompose()
        if page.article and file.name != "search.html":
            address = str(file.relative_to(folder))
            by_place[address] = page.article.get_text().lower()
    return by_place


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a page, and hear what goes wrong."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    wrong: list[str] = []
    opened.on(
        "console", lambda said: wrong.append(said.text) if said.type == "error" else ""
    )
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    context.close()
    assert wrong == []


def ask(page: Page, site: str, query: str) -> Locator:
    """Search as Furo's form does; return the results."""
    page.goto(f"{site}/search.html?q={quote(query)}")
    return page.locator("#search-results > li")


def answers(page: Page, site: str, queries: Sequence[str]) -> dict[str, Any]:
    """Search for words on one page: loading it takes most of the time of a search."""
    ask(page, site, "層")  # the page loads the index with the first query
    return dict(zip(queries, page.evaluate(ANSWERS, queries), strict=True))


def status(page: Page) -> str:
    return page.locator("#search-status").inner_text()


def links(results: Locator) -> list[str]:
    """Return where the title of each result leads."""
    addresses: list[str] = results.locator(
        ".search-title > a:first-child"
    ).evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    return addresses


class TestReader:
    pytestmark = in_browser

    @pytest.mark.parametrize("scheme", ["http", "file"])
    def test_results_are_the_pages_that_contain_the_word(
        self, site: dict[str, str], texts: dict[str, str], page: Page, scheme: str
    ) -> None:
        assert len(WORDS) >= 50
        for word, answer in answers(page, site[scheme], WORDS).items():
            pages = {link.split("?")[0].split("#")[0] for link in answer["links"]}
            holding = {name for name, text in texts.items() if word.lower() in text}
            assert holding and pages >= holding, word
            assert pages == holding or word in TRANSLATIONS, word
            number = len(answer["links"])
            count = f"「{word}」の検索結果：{number}件"
            assert count in answer["status"] or number == 100, word

    @pytest.mark.parametrize("scheme", ["http", "file"])
    def test_status_names_a_word_without_results(
        self, site: dict[str, str], texts: dict[str, str], page: Page, scheme: str
    ) -> None:
        for word, answer in answers(page, site[scheme], ABSENT).items():
            assert not any(word.lower() in text for text in texts.values())
            assert answer["links"] == []
            assert f"「{word}」は見つかりませんでした。" in answer["status"]

    def test_heading_that_contains_the_word_comes_first(
        self, site: dict[str, str], page: Page
    ) -> None:
        found = answers(page, site["http"], list(TITLED))
        assert {word: answer["title"] for word, answer in found.items()} == TITLED

    def test_query_matches_other_widths_and_spellings(
        self, site: dict[str, str], page: Page
    ) -> None:
        pairs = (
            ("state_dict", "ＳＴＡＴＥ＿ｄｉｃｔ"),
            ("パラメータ", "ﾊﾟﾗﾒｰﾀ"),
            ("パラメータ", "パラメーター"),
            ("バッファー", "バッファ"),
            ("パラメータ 勾配", "勾配　パラメータ"),
        )
        found = answers(page, site["http"], [word for pair in pairs for word in pair])
        for query, other in pairs:
            wanted = found[query]["links"]
            assert wanted and found[other]["links"] == wanted, other

    def test_results_contain_every_word_of_the_query(
        self, site: dict[str, str], page: Page
    ) -> None:
        both = ask(page, site["http"], "safetensors 遅延初期化").count()
        count = ask(page, site["http"], "safetensors").count()
        assert 0 < both < count
        assert ask(page, site["http"], "safetensors 量子計算").count() == 0
        assert "この本にない語：量子計算" in status(page)

    def test_query_without_results_is_searched_in_parts(
        self, site: dict[str, str], page: Page
    ) -> None:
        results = ask(page, site["file"], "パラメータの共有")
        expect(results.first).to_contain_text("パラメータ共有")
        assert "「パラメータの共有」は見つかりませんでした。" in status(page)
        assert "代わりに「パラメータ 共有」で探しました。" in status(page)

    def test_every_form_of_a_term_leads_to_the_term_first(
        self, site: dict[str, str], texts: dict[str, str], page: Page
    ) -> None:
        terms = book.load(config.load(ROOT)).words.terms
        used = [term for term in terms if term.japanese.lower() in str(texts)]
        assert len(used) > 0.9 * len(terms)
        forms = [
            (term.japanese, form)
            for term in used
            for form in filter(None, (*term.avoid, term.reading, term.english))
        ]
        found = answers(page, site["http"], [form for _, form in forms])
        missed = [
            (term, form, found[form]["first"])
            for term, form in forms
            if term not in found[form]["first"] and form not in found[form]["first"]
        ]
        assert missed == []

    def test_palette_opens_anywhere_and_marks_the_target(
        self, site: dict[str, str], page: Page
    ) -> None:
        for scheme in ("http", "file"):
            page.goto(f"{site[scheme]}/chapter_builders-guide/parameters.html")
            page.keyboard.press("/")
            box = page.locator("#search-palette #search-query")
            expect(box).to_be_focused()
            box.fill("ウェイト")
            expect(page.locator("#search-status")).to_contain_text("「重み」と書きます")
            box.fill("チェックポイント")
            said = "「チェックポイント」の検索結果"
            expect(page.locator("#search-status")).to_contain_text(said)
            page.keyboard.press("ArrowDown")
            link = page.locator("#search-results a").first
            expect(link).to_be_focused()
            page.keyboard.press("Enter")
            expect(page.locator("#search-palette")).to_have_count(0)
            assert "parameters.html" not in page.url
            marks = "CSS.highlights.get('search-marks')?.size ?? 0"
            wait_in(page, f"({marks}) > 0")
            page.keyboard.press("Escape")
            assert page.evaluate(marks) == 0

    def test_results_follow_the_last_key_within_100_ms(
        self, site: dict[str, str], page: Page
    ) -> None:
        page.goto(f"{site['http']}/index.html")
        page.keyboard.press("Control+k")
        box = page.locator("#search-query")
        box.fill("層")
        expect(page.locator("#search-status")).to_contain_text("検索結果")
        waited = page.evaluate(
            """async (queries) => {
              const [box, list] = ["query", "results"].map((name) =>
                document.getElementById(`search-${name}`));
              const fastest = {};  // of three times: others use the processor, too
              for (const query of [...queries, ...queries, ...queries]) {
                const begin = performance.now();
                await new Promise((done) => {
                  new MutationObserver(done).observe(list, { childList: true });
                  box.value = query;
                  box.dispatchEvent(new InputEvent("input"));
                });
                const time = performance.now() - begin;
                fastest[query] = Math.min(time, fastest[query] ?? time);
              }
              return Object.values(fastest).sort((one, other) => one - other);
            }""",
            WORDS[:15],
        )
        assert waited[len(waited) // 2] < 100, waited

    def test_phone_has_an_icon_for_the_palette(
        self, site: dict[str, str], page: Page
    ) -> None:
        page.set_viewport_size({"width": 390, "height": 800})
        page.goto(f"{site['http']}/chapter_builders-guide/parameters.html")
        page.locator(".mobile-header .search-icon").click()
        expect(page.locator("#search-palette #search-query")).to_be_focused()
        page.locator("#search-query").fill("勾配")
        expect(page.locator("#search-results > li").first).to_be_visible()
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390
        page.keyboard.press("Escape")
        expect(page.locator("#search-palette")).not_to_be_visible()

    def test_result_names_and_selects_its_framework(
        self, site: dict[str, str], page: Page
    ) -> None:
        result = ask(page, site["http"], "register_buffer").first
        assert result.locator(".search-framework").all_inner_texts() == ["PyTorch"]
        link = result.locator("a").first
        assert "?framework=pytorch#" in str(link.get_attribute("href"))
        assert "register_buffer" in result.locator("mark").all_inner_texts()
        link.click()
        assert "framework=pytorch" in page.url
        assert page.evaluate("document.documentElement.dataset.framework") == "pytorch"
        shown = page.locator('.panel[data-framework="pytorch"]', has_text="register_b")
        expect(shown.first).to_be_visible()
        target = page.locator(f'[id="{page.url.split("#")[1]}"]')
        expect(target).to_be_in_viewport()
        first = ask(page, site["http"], "遅延初期化").first
        assert first.locator(".search-framework").count() == 0
        assert "framework" not in str(first.locator("a").first.get_attribute("href"))

    def test_result_selects_the_framework_chosen_before(
        self, site: dict[str, str], page: Page
    ) -> None:
        for chosen in ("mxnet", "tensorflow"):
            page.goto(f"{site['http']}/index.html?framework={chosen}")
            results = ask(page, site["http"], "Initializer")
            both = results.filter(
                has=page.get_by_role("link", name="MXNet", exact=True)
            ).filter(has=page.get_by_role("link", name="TensorFlow", exact=True))
            assert both.count()
            assert all(f"?framework={chosen}" in link for link in links(both))

    def test_result_in_a_solution_unfolds_it(
        self, site: dict[str, str], page: Page
    ) -> None:
        for scheme in ("http", "file"):
            results = ask(page, site[scheme], "解答 NoInit")
            link = results.locator("a", has_text="解答").first
            assert "#solution-" in str(link.get_attribute("href"))
            link.click()
            fold = page.locator(f'[id="{page.url.split("#")[1]}"]')
            expect(fold).to_have_attribute("open", "")
            expect(fold).to_be_in_viewport()
            assert page.locator("details[open]").count() == 1

    def test_sidebar_box_opens_the_search_page(
        self, site: dict[str, str], page: Page
    ) -> None:
        for scheme in ("http", "file"):
            page.goto(f"{site[scheme]}/chapter_builders-guide/parameters.html")
            box = page.locator(".sidebar-search")
            box.fill("隠れ層")
            box.press("Enter")
            expect(page.locator("#search-results > li").first).to_be_visible()
            assert page.locator("#search-query").input_value() == "隠れ層"

    def test_results_update_while_typing(
        self, site: dict[str, str], page: Page
    ) -> None:
        results = ask(page, site["http"], "")
        assert results.count() == 0 and status(page).strip() == ""
        box = page.get_by_label("検索語")
        expect(box).to_be_focused()
        box.type("隠れ層")
        expect(page.locator("#search-status")).to_contain_text("「隠れ層」の検索結果")
        assert f"q={quote('隠れ層')}" in page.url
        page.reload()
        assert results.count() > 0
        box.fill("量子計算")
        expect(page.locator("#search-status")).to_contain_text("見つかりませんでした")
        assert results.count() == 0

    def test_number_of_results_is_limited(
        self, site: dict[str, str], page: Page
    ) -> None:
        assert ask(page, site["http"], "の").count() == 100
        assert "（上位100件を表示）" in status(page)

    def test_html_in_a_query_is_escaped(self, site: dict[str, str], page: Page) -> None:
        ask(page, site["http"], "<img src=x onerror=alert(1)>")
        assert page.locator("article img").count() == 0
        assert "<img src=x" in status(page)

    def test_note_is_shown_without_javascript(
        self, site: dict[str, str], browser: Browser
    ) -> None:
        context = browser.new_context(java_script_enabled=False)
        plain = context.new_page()
        plain.goto(f"{site['http']}/search.html?q=勾配")
        note = plain.locator(".search-note")
        expect(note).to_be_visible()
        expect(note).to_contain_text("検索にはJavaScriptが必要です")
        context.close()

    def test_search_page_fits_a_narrow_screen(
        self, site: dict[str, str], page: Page
    ) -> None:
        page.set_viewport_size({"width": 360, "height": 800})
        ask(page, site["http"], "state_dict")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 360

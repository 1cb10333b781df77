"""The search: what its index holds, and what a reader finds in a real browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

import nbformat
import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Locator, Page, expect
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from tabbook import sphinxext
from tabbook.base import config
from tests.sphinxext.test_solutions import EXERCISES, SOLUTIONS
from tests.support.browser import CHROMIUM, served
from tests.support.paths import ROOT
from tests.support.tiny import SVG, TWO, Tiny, make

SHARED, ALPHA, BETA, GAMMA = 0, 1, 2, 4
TEXT, CODE, OUTPUT = range(3)

# MyST asks Sphinx for what Sphinx 11 will not have: theirs to mend, not ours.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*myst_(parser|nb).*is deprecated:PendingDeprecationWarning"
)
in_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
]


def index(folder: Path) -> dict[str, Any]:
    text = (folder / "search-index.js").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(
        text.removeprefix("searchIndex=").removesuffix(";\n")
    )
    return found


def said(book: Tiny) -> dict[str, list[tuple[str, str, list[tuple[int, int, str]]]]]:
    """Return anchor, title and lines of each entry, by the page's address."""
    return {
        address: [
            (
                anchor,
                title,
                [(bits, kind, one) for bits, kind, x in held for one in x.split("\n")],
            )
            for _, anchor, title, held in entries
        ]
        for address, _, entries in index(book.root / "_build/html")["pages"]
    }


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    return make(tmp_path)


# --- The index ----------------------------------------------------------------------


def test_the_index_says_what_each_framework_says(tiny: Tiny) -> None:
    sphinxext.build(tiny.config)
    found = index(tiny.root / "_build/html")
    labels = [["alpha", "Alpha"], ["beta", "Beta Two"], ["gamma", "gamma"]]
    assert found["frameworks"] == labels
    assert [address for address, *_ in found["pages"]] == [
        "index.html", "part/one.html", "part/two.html",
    ]  # fmt: skip
    (anchor, title, lines), (_, below, figures) = said(tiny)["part/one.html"]
    assert (anchor, title, below) == ("sec-one", "第一節", "図と表")
    for one in (
        (SHARED, TEXT, "共有の文。"),
        (GAMMA, CODE, "gamma_first = 1"),
        (ALPHA, OUTPUT, "<alpha> alpha_first_"),
        (ALPHA | BETA, TEXT, "二つの枠組みの文。図1。"),
        (SHARED, CODE, "shared = 3"),
        (SHARED, TEXT, "図1と表1とと第二の節。"),
        (BETA, OUTPUT, "<beta> shared_"),
    ):
        assert one in lines, one
    text = "日本語の行がここで折れ、codeでも折れる。English line goes on."
    assert any(one.startswith(text) for _, _, one in lines)
    assert any("数式x^2。" in one for _, _, one in lines)
    for one in ("図1 丸い図", "表1 数の表", "名 数", "a 1"):
        assert (SHARED, TEXT, one) in [
            (bits, kind, x.replace("\u3000", " ")) for bits, kind, x in figures
        ], one


def test_a_picture_has_no_words_that_nobody_sees(tiny: Tiny) -> None:
    shown = {"image/svg+xml": SVG, "text/plain": "<Figure size 1x1>"}
    extra = nbformat.v4.new_output("display_data", data=shown)
    tiny.execute(extra=extra)
    sphinxext.build(tiny.config)
    assert "alpha_first_" in str(said(tiny))
    assert "Figure" not in str(said(tiny))


def test_definitions_are_entries_of_their_own(tiny: Tiny) -> None:
    tiny.write("part/two.md", TWO + "\n[語]{#word}（word）\n: 意味。\n")
    sphinxext.build(tiny.config)
    assert ("word", "語（word）", [(SHARED, TEXT, "意味。")]) in said(tiny)[
        "part/two.html"
    ]


def test_solutions_are_entries_of_their_own(tiny: Tiny) -> None:
    tiny.write("part/two.md", TWO + EXERCISES)
    tiny.write("part/two-solutions.md", SOLUTIONS)
    tiny.execute()
    sphinxext.build(tiny.config)
    entries = {anchor: (title, x) for anchor, title, x in said(tiny)["part/two.html"]}
    title, lines = entries["solution-1"]
    assert title == "演習1の解答"
    assert (BETA, CODE, "secret_beta = 1") in lines
    assert "secret" not in str(entries["sec-two"])


def test_an_edit_of_one_page_keeps_the_others_and_forgets_the_old(tiny: Tiny) -> None:
    tiny.edit("part/two.md", "文。", "古い語。")
    sphinxext.build(tiny.config)
    before = said(tiny)
    assert "古い語" in str(before)
    tiny.edit("part/two.md", "古い語", "新しい語")
    assert sphinxext.build(tiny.config).read == ("part/two",)
    after = said(tiny)
    assert after["part/one.html"] == before["part/one.html"]
    assert "古い語" not in str(after)
    assert "新しい語" in str(after["part/two.html"])
    whole = tiny.html()
    sphinxext.build(tiny.config, fresh=True)
    assert tiny.html() == whole


def test_a_page_that_is_gone_leaves_no_word(tiny: Tiny) -> None:
    tiny.edit("part/two.md", "文。", "消える語。")
    tiny.edit("part/one.md", "と:ref:`sec_two`", "")
    sphinxext.build(tiny.config)
    assert "消える語" in str(said(tiny))
    (tiny.root / "part/two.md").unlink()
    tiny.edit("index.md", "part/two\n", "")
    sphinxext.build(tiny.config)
    assert list(said(tiny)) == ["index.html", "part/one.html"]
    for name, content in tiny.html().items():
        assert "消える語".encode() not in content, name


def test_processes_that_read_side_by_side_make_the_same_index(tiny: Tiny) -> None:
    names = [f"part/more{number}" for number in range(8)]
    for name in names:
        tiny.write(f"{name}.md", f"# {name}の題\n\n{name}の文。\n")
    tiny.edit("index.md", "part/two\n", "\n".join(["part/two", *names, ""]))
    tiny.execute()
    sphinxext.build(tiny.config)
    folder = tiny.root / "_build/parallel"
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            srcdir=tiny.root,
            confdir=None,
            outdir=folder,
            doctreedir=tiny.root / "_build/doctrees",
            buildername="html",
            confoverrides=sphinxext.settings(tiny.config),
            status=None,
            parallel=2,
        )
        app.build()
    assert "part/more7の文" in str(index(folder))
    assert index(folder) == index(tiny.root / "_build/html")


def test_nothing_of_the_search_of_sphinx_is_left(tiny: Tiny) -> None:
    old = tiny.root / "_build/sphinx/html/searchindex.js"
    old.parent.mkdir(parents=True)
    old.write_text("of an older build", encoding="utf-8")
    sphinxext.build(tiny.config)
    html = tiny.html()
    names = {
        "searchindex.js", "_static/searchtools.js", "_static/language_data.js",
        "_static/doctools.js", "_static/sphinx_highlight.js",
    }  # fmt: skip
    assert not names & html.keys()
    for name in ("index", "part/one", "search"):
        loaded = [str(one["src"]) for one in tiny.page(name).select("script[src]")]
        assert loaded
        for source in loaded:
            path = urljoin(f"/{name}.html", source).split("?")[0].lstrip("/")
            assert path in html, source
        assert any("search-index" in one for one in loaded) == (name == "search")


def test_the_search_page_speaks_the_language_of_the_book(tiny: Tiny) -> None:
    tiny.edit("config.ini", "lang = ja", "lang = en")
    tiny.execute()
    sphinxext.build(tiny.config)
    page = tiny.page("search")
    assert page.h1 and page.h1.text == "Search"
    label = page.select_one("label[for=search-query]")
    assert label and label.text == "Words to search for"


# --- A reader ------------------------------------------------------------------------

WORDS = [
    "勾配", "パラメータ", "共有", "遅延初期化", "隠れ層", "全結合層", "損失関数",
    "重み", "学習率", "活性化関数", "基底クラス", "計算グラフ", "誤差逆伝播",
    "最適化手法", "自動微分", "順伝播", "状態辞書", "初期化子", "数値微分",
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

ABSENT = ["量子計算", "強化学習", "隠れ屋", "state_dictionary", "Kubernetes", "層層層"]

TITLED = {
    "遅延初期化": "遅延初期化",
    "ドライラン": "ドライラン",
    "パラメータ共有": "パラメータ共有",
    "チェックポイント": "チェックポイント",
    "勾配の数値検査": "勾配の数値検査",
    "自作のSequential": "自作のSequential",
    "パラメータ管理": "パラメータ管理",
    "用語集": "用語集",
    "損失": "損失（loss）",
}
"""What the first result of a query is titled."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Build this book; return its address over HTTP and in a folder."""
    root = tmp_path_factory.mktemp("site") / "book"
    left_out = shutil.ignore_patterns("_build", ".*", "tests", "tabbook", "benchmarks")
    shutil.copytree(ROOT, root, ignore=left_out)
    folder = sphinxext.build(config.load(root)).folder
    with served(folder) as address:
        yield {"http": address, "file": folder.as_uri()}


@pytest.fixture(scope="module")
def texts(site: dict[str, str]) -> dict[str, str]:
    """Return what each page says, in small letters, by its address."""
    folder = Path(site["file"].removeprefix("file://"))
    found = {}
    for file in folder.rglob("*.html"):
        page = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
        for one in page.select(".framework-bar, .headerlink, .toctree-wrapper"):
            one.decompose()
        if page.article and file.name != "search.html":
            address = str(file.relative_to(folder))
            found[address] = page.article.get_text().lower()
    return found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a page, and hear what goes wrong."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    made = context.new_page()
    wrong: list[str] = []
    made.on(
        "console", lambda said: wrong.append(said.text) if said.type == "error" else ""
    )
    made.on("pageerror", lambda error: wrong.append(str(error)))
    yield made
    context.close()
    assert wrong == []


def ask(page: Page, site: str, query: str) -> Locator:
    """Search as Furo's form does; return the results."""
    page.goto(f"{site}/search.html?q={quote(query)}")
    return page.locator("#search-results > li")


def status(page: Page) -> str:
    return page.get_by_role("status").inner_text()


def links(results: Locator) -> list[str]:
    """Return where the title of each result leads."""
    found: list[str] = results.locator(".search-title > a:first-child").evaluate_all(
        "all => all.map((one) => one.getAttribute('href'))"
    )
    return found


class TestReader:
    pytestmark = in_browser

    @pytest.mark.parametrize("scheme", ["http", "file"])
    def test_words_are_found_where_they_stand(
        self, site: dict[str, str], texts: dict[str, str], page: Page, scheme: str
    ) -> None:
        assert len(WORDS) >= 50
        for word in WORDS:
            results = ask(page, site[scheme], word)
            pages = {link.split("?")[0].split("#")[0] for link in links(results)}
            holding = {name for name, text in texts.items() if word.lower() in text}
            assert holding and pages == holding, word
            assert f"「{word}」の検索結果：{results.count()}件" in status(page)

    @pytest.mark.parametrize("scheme", ["http", "file"])
    def test_words_that_are_absent_are_said_to_be(
        self, site: dict[str, str], texts: dict[str, str], page: Page, scheme: str
    ) -> None:
        for word in ABSENT:
            assert not any(word.lower() in text for text in texts.values())
            assert ask(page, site[scheme], word).count() == 0
            assert f"「{word}」は見つかりませんでした。" in status(page)

    def test_what_is_titled_with_the_word_comes_first(
        self, site: dict[str, str], page: Page
    ) -> None:
        for word, title in TITLED.items():
            first = ask(page, site["http"], word).first
            assert first.locator(".search-title a").first.inner_text() == title

    def test_text_and_query_are_compared_in_one_form(
        self, site: dict[str, str], page: Page
    ) -> None:
        for one, other in (
            ("state_dict", "ＳＴＡＴＥ＿ｄｉｃｔ"),
            ("パラメータ", "ﾊﾟﾗﾒｰﾀ"),
            ("パラメータ", "パラメーター"),
            ("バッファー", "バッファ"),
            ("パラメータ 勾配", "勾配　パラメータ"),
        ):
            wanted = links(ask(page, site["http"], one))
            assert wanted and links(ask(page, site["http"], other)) == wanted, other

    def test_every_word_has_to_be_found(self, site: dict[str, str], page: Page) -> None:
        both = ask(page, site["http"], "safetensors 遅延初期化").count()
        one = ask(page, site["http"], "safetensors").count()
        assert 0 < both < one
        assert ask(page, site["http"], "safetensors 量子計算").count() == 0
        assert "この本にない語：量子計算" in status(page)

    def test_what_is_not_there_as_a_whole_is_offered_in_parts(
        self, site: dict[str, str], page: Page
    ) -> None:
        assert ask(page, site["file"], "パラメータの共有").count() == 0
        page.get_by_role("link", name="「パラメータ 共有」で探す").click()
        results = page.locator("#search-results > li")
        expect(results.first).to_contain_text("パラメータ共有")
        assert page.locator("#search-query").input_value() == "パラメータ 共有"

    def test_a_hit_says_and_carries_its_framework(
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

    def test_of_several_frameworks_the_readers_own_comes_first(
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

    def test_a_hit_in_a_solution_opens_its_fold(
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

    def test_the_box_beside_each_page_leads_here(
        self, site: dict[str, str], page: Page
    ) -> None:
        for scheme in ("http", "file"):
            page.goto(f"{site[scheme]}/chapter_builders-guide/parameters.html")
            box = page.locator(".sidebar-search")
            box.fill("隠れ層")
            box.press("Enter")
            expect(page.locator("#search-results > li").first).to_be_visible()
            assert page.locator("#search-query").input_value() == "隠れ層"

    def test_results_follow_what_is_typed(
        self, site: dict[str, str], page: Page
    ) -> None:
        results = ask(page, site["http"], "")
        assert results.count() == 0 and status(page).strip() == ""
        box = page.get_by_label("検索語")
        expect(box).to_be_focused()
        box.type("隠れ層")
        expect(page.get_by_role("status")).to_contain_text("「隠れ層」の検索結果")
        assert f"q={quote('隠れ層')}" in page.url
        page.reload()
        assert results.count() > 0
        box.fill("量子計算")
        expect(page.get_by_role("status")).to_contain_text("見つかりませんでした")
        assert results.count() == 0

    def test_of_very_many_results_the_first_are_shown(
        self, site: dict[str, str], page: Page
    ) -> None:
        assert ask(page, site["http"], "の").count() == 100
        assert "（上位100件を表示）" in status(page)

    def test_letters_of_html_are_letters(
        self, site: dict[str, str], page: Page
    ) -> None:
        ask(page, site["http"], "<img src=x onerror=alert(1)>")
        assert page.locator("article img").count() == 0
        assert "<img src=x" in status(page)

    def test_without_javascript_a_note_says_so(
        self, site: dict[str, str], browser: Browser
    ) -> None:
        context = browser.new_context(java_script_enabled=False)
        plain = context.new_page()
        plain.goto(f"{site['http']}/search.html?q=勾配")
        note = plain.locator(".search-note")
        expect(note).to_be_visible()
        expect(note).to_contain_text("検索にはJavaScriptが必要です")
        context.close()

    def test_a_narrow_screen_needs_no_scrolling_sideways(
        self, site: dict[str, str], page: Page
    ) -> None:
        page.set_viewport_size({"width": 360, "height": 800})
        ask(page, site["http"], "state_dict")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 360

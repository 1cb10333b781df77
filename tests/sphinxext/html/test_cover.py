"""The index page shows what the book is: code, where to start, a map and numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, expect

from tabbook import sphinxext
from tabbook.base.config import Config, load
from tabbook.export import picture
from tabbook.lint import linter
from tabbook.source import book
from tabbook.sphinxext import Served
from tabbook.sphinxext.html.cover.book_map import linked
from tests.support.book_with_cover import FRAMEWORKS, code, make
from tests.support.browser import CHROMIUM, served


def index_of(folder: Path) -> Tag:
    page = BeautifulSoup((folder / "index.html").read_text("utf-8"), "html.parser")
    article = page.find("article")
    assert article
    return article


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return make(tmp_path_factory.mktemp("book"))


@pytest.fixture(scope="module")
def folder(sample: Config) -> Path:
    result = sphinxext.build(sample)
    assert result.warnings == ""
    return result.folder


def test_index_shows_the_code_of_a_section_with_its_outputs(folder: Path) -> None:
    panels = index_of(folder).select(".cover-code .panel")
    assert [panel["data-framework"] for panel in panels] == list(FRAMEWORKS)
    for panel, name in zip(panels, FRAMEWORKS, strict=True):
        shown, printed = (block.get_text() for block in panel.select("pre"))
        assert shown.strip() == code(name)
        assert printed == f"shape: (2, 10)\nparts: ['{name}']\n"


def test_first_sentence_stands_above_and_the_rest_below(folder: Path) -> None:
    article = index_of(folder)
    sentence = article.select_one("p.cover-sentence")
    assert sentence
    assert sentence.get_text() == "It shows net(X), e.g. in four frameworks."
    after = article.select_one(".cover-ground + p")
    assert after and after.get_text() == "It has more to say."


def test_numbers_are_those_of_records_and_lead_to_them(folder: Path) -> None:
    links = index_of(folder).select(".cover-numbers a")
    numbers = [link.select_one("strong") for link in links]
    assert [number.get_text() for number in numbers if number] == ["12", "24", "1"]
    assert {link["href"] for link in links} == {"verification.html"}


def test_map_leads_to_pages_and_runs_nothing(folder: Path) -> None:
    article = index_of(folder)
    (link,) = article.select("svg a")
    assert link["href"] == "part/one.html"
    area = link.select_one("rect")
    assert area and (area["x"], area["width"]) == ("10", "120")
    assert not article.select("svg script, svg [onclick]")
    listed = [each["href"] for each in article.select(".map-list a")]
    assert listed == [
        "part/index.html", "part/one.html", "part/two.html", "glossary.html",
        "verification.html",
    ]  # fmt: skip


def test_pictures_have_their_sizes(folder: Path) -> None:
    page = BeautifulSoup((folder / "part/two.html").read_text("utf-8"), "html.parser")
    image = page.select_one("figure img")
    assert image
    assert (image["width"], image["height"], image["style"]) == (
        "400", "100", "width: 700px;",
    )  # fmt: skip


def test_drawing_that_cannot_be_read_or_names_no_page_is_left_out() -> None:
    assert linked("<svg", {"a": "a.html"}) == ""
    assert linked('<svg xmlns="http://www.w3.org/2000/svg"/>', {"a": "a.html"}) == ""


def test_index_follows_its_section(tmp_path: Path) -> None:
    config = make(tmp_path)
    sphinxext.build(config)
    section = tmp_path / "part/one.md"
    section.write_text(section.read_text("utf-8").replace("One & all", "New"), "utf-8")
    make_new = sphinxext.build(load(tmp_path))
    titles = [each.get_text() for each in index_of(make_new.folder).select("nav li a")]
    assert "1.1 New" in [" ".join(title.split()) for title in titles]


def test_book_of_one_framework_shows_its_code_alone(tmp_path: Path) -> None:
    article = index_of(sphinxext.build(make(tmp_path, {"alpha": "Alpha"})).folder)
    assert len(article.select(".cover-code div.cell")) == 1
    assert not article.select(".panel, .framework-bar, select")


def test_book_without_a_cover_has_a_start_and_its_pages(tmp_path: Path) -> None:
    article = index_of(sphinxext.build(make(tmp_path, keys="")).folder)
    start = article.select_one(".cover-first")
    assert start and start["href"] == "part/index.html"
    assert article.select(".map-list a")
    assert not article.select(".cover-code, .map-drawing")


@pytest.mark.parametrize(
    ("keys", "line", "message"),
    [
        ("cover = part/on: net", 10, "did you mean 'part/one'?"),
        ("cover = part/one: nothing", 10, "no cell of part/one.md has the code"),
        ("cover_map = maps.svg", 10, "the file 'maps.svg' does not exist"),
    ],
)
def test_cover_that_does_not_exist_is_named(
    tmp_path: Path, keys: str, line: int, message: str
) -> None:
    (problem,) = linter.lint(book.load(make(tmp_path, keys=keys)))
    assert (problem.path, problem.line) == ("config.ini", line)
    assert message in problem.message


def test_site_names_its_picture(sample: Config, tmp_path: Path) -> None:
    address = "https://example.org/book/"
    config = replace(sample, output=tmp_path / "out")
    mode = Served(address, (), picture=picture.FILE)
    built = sphinxext.build(config, mode=mode).folder / "part/one.html"
    page = BeautifulSoup(built.read_text("utf-8"), "html.parser")
    said = {
        str(element["property"]): element["content"]
        for element in page.select("meta[property]")
    }
    assert said["og:image"] == f"{address}cover.png"
    assert said["og:url"] == f"{address}part/one.html"
    assert said["og:title"] == "1.1. One & all"
    assert said["og:description"] == "Text."


def test_picture_holds_long_titles(sample: Config) -> None:
    loaded = book.load(sample)
    assert ">A book of nets</text>" in picture.svg(loaded)
    (sample.root / "index.md").write_text(f"# {'長い題名' * 30}\n", encoding="utf-8")
    drawing = picture.svg(book.load(sample))
    assert drawing.count('font-weight="bold"') == picture.LINES
    assert "…</text>" in drawing


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = sphinxext.build(make(tmp_path_factory.mktemp("site"))).folder
    with served(folder) as address:
        yield address


def shown(page: object) -> list[str]:
    panels = page.locator(".cover-code .panel").all()  # type: ignore[attr-defined]
    return [
        panel.get_attribute("data-framework") for panel in panels if panel.is_visible()
    ]


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")
def test_two_frameworks_are_compared_and_chosen(site: str, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{site}/index.html")
    assert shown(page) == ["alpha", "beta"]
    page.get_by_role("radio", name="Delta").check(force=True)
    assert shown(page) == ["beta", "delta"]
    page.get_by_role("radio", name="Beta Two").check(force=True)
    assert shown(page) == ["alpha", "beta"], "not with itself"
    page.locator("select").select_option("gamma")
    assert shown(page) == ["beta", "gamma"]
    page.goto(f"{site}/part/one.html")
    assert page.locator("html").get_attribute("data-compare") is None
    page.close()


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")
def test_first_screen_holds_the_cover_and_no_width_scrolls(
    site: str, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{site}/index.html")
    for part in (".cover-first", ".cover-code", ".map-drawing", ".cover-numbers"):
        expect(page.locator(part)).to_be_in_viewport(ratio=1)
    for width in (320, 390, 640, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width
    below = """document.querySelector(".cover-numbers").getBoundingClientRect().top -
      document.querySelector(".cover-map").getBoundingClientRect().bottom"""
    assert page.evaluate(below) < 0, "beside the drawing"
    page.emulate_media(media="print")
    assert page.evaluate(below) > 0
    page.emulate_media(media="screen")
    page.evaluate("document.querySelector('.drawn').classList.remove('drawn')")
    assert page.evaluate(below) > 0, "below the cards of a book without a drawing"
    page.close()


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")
def test_every_framework_shows_without_script(site: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/index.html")
    assert shown(page) == list(FRAMEWORKS)
    context.close()

"""The published site, and the archives of notebooks."""

from __future__ import annotations

import functools
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser

from tabbook.base.config import Framework
from tabbook.base.errors import BookError
from tabbook.export import archive, site, slides
from tabbook.source import book
from tabbook.source.book import Book
from tests.support.book_with_three_frameworks import CONFIG, MadeUpBook, make
from tests.support.books import MakeBook, store_outputs

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ADDRESS = "https://example.org/deep/book/"
SITE = f"[tabbook]\nsite = {ADDRESS.rstrip('/')}\n"


def fake(book: Book, framework: Framework) -> Path:
    file = book.config.output / "pdf" / f"{framework.name}.pdf"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"%PDF" + b"0" * 1_500_000)
    return file


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MadeUpBook:
    monkeypatch.setattr(site, "FORMS", {"zip": archive.make, "pdf": fake})
    sample = make(tmp_path / "book")
    sample.write("config.ini", CONFIG + SITE)
    return sample


def load(tiny: MadeUpBook) -> Book:
    return book.load(tiny.config)


def pages(folder: Path) -> dict[str, BeautifulSoup]:
    return {
        path.relative_to(folder).as_posix(): BeautifulSoup(
            path.read_text(encoding="utf-8"), "html.parser"
        )
        for path in sorted(folder.rglob("*.html"))
    }


def broken(folder: Path) -> list[str]:
    """Return every link and file of the site's pages that leads nowhere."""
    by_name = pages(folder)
    ids = {
        name: {str(element["id"]) for element in page.select("[id]")}
        for name, page in by_name.items()
    }
    wrong = []
    for name, page in by_name.items():
        base = page.find("base")
        here = ADDRESS + (name if base is None else "")
        for element in page.select("[href], [src]"):
            target = str(element.get("href") or element.get("src"))
            address, anchor = urldefrag(urljoin(here, target))
            path = unquote(urlsplit(address).path)
            if not address.startswith(ADDRESS) or element.name == "base":
                continue
            inside = path.removeprefix(urlsplit(ADDRESS).path) or "index.html"
            lacks = anchor and anchor not in ids.get(inside, {anchor})
            if lacks or not (folder / inside).is_file():
                wrong.append(f"{name}: {target}")
    return wrong


def test_site_has_no_dead_links(tiny: MadeUpBook) -> None:
    published = site.publish(load(tiny))
    assert len(pages(published.folder)) == 6
    assert broken(published.folder) == []
    (published.folder / "part/two.html").unlink()
    assert broken(published.folder)


def test_downloads_page_lists_every_form_of_every_framework(tiny: MadeUpBook) -> None:
    published = site.publish(load(tiny))
    page = pages(published.folder)["downloads.html"]
    heads = [element.get_text() for element in page.select("article thead th")]
    assert heads == ["フレームワーク", "PDF", "ノートブック（ZIP）"]
    rows = [element.get_text() for element in page.select("article tbody th")]
    assert rows == ["Alpha", "Beta Two", "gamma", "すべて"]
    links = [str(element["href"]) for element in page.select("article tbody a")]
    assert links[:2] == ["pdf/alpha.pdf", "zip/book-alpha.zip"]
    assert links[-1] == "zip/book.zip"
    assert "1.5 MB" in page.get_text()
    every = pages(published.folder)
    lacking = [
        name
        for name, surface in every.items()
        if not surface.select('footer a[href$="downloads.html"], footer a[href="#"]')
    ]
    assert lacking == []


def test_pages_without_a_site_offer_no_downloads(tiny: MadeUpBook) -> None:
    site.publish(load(tiny))
    from tabbook import sphinxext

    folder = sphinxext.build(tiny.config).folder
    assert not (folder / "downloads.html").exists()
    assert "ダウンロード" not in (folder / "part/one.html").read_text(encoding="utf-8")
    assert not (folder / "404.html").exists()


def test_sitemap_lists_every_page_by_its_address(tiny: MadeUpBook) -> None:
    published = site.publish(load(tiny))
    text = (published.folder / "sitemap.xml").read_text(encoding="utf-8")
    addresses = {
        element.text for element in ET.fromstring(text).iter(f"{NAMESPACE}loc")
    }
    names = {"", "downloads.html", "part/one.html", "part/two.html"}
    assert addresses == {ADDRESS + name for name in names}
    robots = (published.folder / "robots.txt").read_text(encoding="utf-8")
    assert f"Sitemap: {ADDRESS}sitemap.xml" in robots
    canonical = pages(published.folder)["part/one.html"].select_one(
        "link[rel=canonical]"
    )
    assert canonical and canonical["href"] == f"{ADDRESS}part/one.html"
    assert (published.folder / ".nojekyll").exists()


def test_sitemap_is_omitted_without_an_address(tiny: MadeUpBook) -> None:
    tiny.write("config.ini", CONFIG)
    published = site.publish(load(tiny))
    assert published.address == ""
    assert not (published.folder / "sitemap.xml").exists()
    assert broken(published.folder) == []


@pytest.fixture
def served(tiny: MadeUpBook, tmp_path: Path) -> Iterator[str]:
    """Serve the site below a folder, with its own page for what is not found."""
    folder = site.publish(load(tiny)).folder

    class Handler(SimpleHTTPRequestHandler):
        def translate_path(self, path: str) -> str:
            return super().translate_path(path.removeprefix("/deep/book"))

        def send_error(self, code: int, *rest: object) -> None:  # type: ignore[override]
            body = (folder / "404.html").read_bytes()
            self.send_response(code)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing of each request."""

    handler = functools.partial(Handler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/deep/book/"
    server.shutdown()
    server.server_close()


@pytest.mark.browser
def test_missing_address_shows_the_books_page_at_any_depth(
    served: str, browser: Browser
) -> None:
    page = browser.new_page()
    responses: list[tuple[str, int]] = []
    page.on(
        "response", lambda response: responses.append((response.url, response.status))
    )
    page.goto(f"{served}no/such/page.html")
    assert [response for response in responses if response[1] != 200] == [
        (f"{served}no/such/page.html", 404)
    ]
    assert page.locator("h1").inner_text() == "ページが見つかりません"
    page.get_by_role("link", name="目次に戻る").click()
    assert page.url.startswith(f"{served}index.html")
    assert page.locator("h1").inner_text().startswith("表紙")
    page.close()


def test_failure_leaves_the_last_site(
    tiny: MadeUpBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = site.publish(load(tiny)).folder
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def fails(book: Book, framework: Framework) -> Path:
        raise BookError("no TeX here")

    monkeypatch.setattr(site, "FORMS", {"zip": archive.make, "pdf": fails})
    tiny.edit("part/two.md", "文。", "別の文。")
    with pytest.raises(BookError, match="no TeX here"):
        site.publish(load(tiny))
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert after == before
    published = site.publish(load(tiny), without=["pdf"])
    assert not (published.folder / "pdf").exists()
    empty = [
        path
        for path in published.folder.rglob("*")
        if path.is_dir() and not any(path.iterdir())
    ]
    assert empty == []
    assert "別の文" in (published.folder / "part/two.html").read_text(encoding="utf-8")


def test_publishing_twice_changes_no_file(tiny: MadeUpBook) -> None:
    folder = site.publish(load(tiny)).folder
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    site.publish(load(tiny))
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def fake_slides(book: Book, framework: Framework) -> Path:
    folder = book.config.output / "slides"
    file = folder / framework.name / "index.html"
    for written in (file, folder / "reveal" / "reveal.js"):
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text("<title>Slides</title>", encoding="utf-8")
    return file


def test_slides_of_dropped_framework_are_not_published(
    tiny: MadeUpBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "FORMS", {"slides": fake_slides})
    slides = site.publish(load(tiny)).folder / "slides"
    names = {"alpha", "beta", "gamma", "reveal"}
    assert {path.name for path in slides.iterdir()} == names
    tiny.edit("config.ini", "tabs = alpha, beta, gamma", "tabs = beta, gamma")
    site.publish(load(tiny))
    assert {path.name for path in slides.iterdir()} == names - {"alpha"}


def test_address_without_a_scheme_is_refused(tiny: MadeUpBook) -> None:
    tiny.write("config.ini", CONFIG + "[tabbook]\nsite = example.org\n")
    with pytest.raises(BookError, match="is no address"):
        load(tiny)


def test_forms_that_a_book_has_nothing_for_are_refused(make_book: MakeBook) -> None:
    loaded = book.load(make_book({"index.md": "# 本\n"}))
    with pytest.raises(BookError, match=r"^no section has code for left, right$"):
        archive.make_all(loaded)
    with pytest.raises(BookError, match=r"no section has slides in left; mark text"):
        slides.make(loaded, loaded.config.default)


@pytest.mark.parametrize("code", ["", "```{.python .input}\n%%tab left\n1\n```\n"])
def test_book_without_slide_marks_is_published(make_book: MakeBook, code: str) -> None:
    """It has no solutions, no figures, no repository and no git either."""
    config = make_book({"index.md": f"# 本\n\n文。\n\n{code}"})
    list(store_outputs(config.root, lambda *notebook: {"python": "3"}))
    published = site.publish(book.load(config), without=["pdf"])
    names = {
        file.relative_to(published.folder).as_posix()
        for file in published.folder.rglob("*.*")
    }
    assert {"index.html", "404.html", "downloads.html", "epub/left.epub"} <= names
    assert any(name.startswith("zip/") for name in names) == bool(code)
    assert not [name for name in names if name.startswith("slides")]
    assert broken(published.folder) == []
    bare = site.publish(book.load(config), without=[*site.FORMS])
    assert (bare.folder / "404.html").is_file()
    assert not (bare.folder / "downloads.html").exists()
    assert broken(bare.folder) == []

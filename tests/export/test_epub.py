"""The EPUB of one framework's edition."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import imagesize
import pytest

from tabbook.base.errors import BookError
from tabbook.base.reproducible import EPOCH
from tabbook.export import cover, epub
from tabbook.source import book
from tests.support.book_with_three_frameworks import MadeUpBook, make
from tests.support.epubs import pages

OPF = "{http://www.idpf.org/2007/opf}"

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:sphinx",
)


def make_epub(tiny: MadeUpBook) -> Path:
    loaded = book.load(tiny.config)
    return epub.make(loaded, loaded.config.framework("beta"))


@pytest.fixture(scope="module", autouse=True)
def date() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(EPOCH, "1234567890")
        yield


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> MadeUpBook:
    return make(tmp_path_factory.mktemp("book"))


@pytest.fixture(scope="module")
def tiny_epub(tiny: MadeUpBook) -> Path:
    return make_epub(tiny)


def test_epub_holds_the_code_of_one_framework(
    tiny: MadeUpBook, tiny_epub: Path
) -> None:
    assert tiny_epub == tiny.config.output / "epub/beta.epub"
    text = pages(tiny_epub)["part/one.xhtml"].text
    assert "beta_first = 1" in text and "<beta> beta_first_" in text
    assert "二つの枠組みの文" in text
    for omitted in ("alpha_first", "gamma_first", "alpha_second", "スライドだけ"):
        assert omitted not in text


def test_epub_loads_nothing_from_outside(tiny_epub: Path) -> None:
    for name, page in pages(tiny_epub).items():
        assert not page.select("script"), name
        assert not page.select('[src^="http"], link[href^="http"]'), name
        assert not page.select("[role=tab], .copy, .framework-bar"), name


def test_epub_has_a_cover_that_names_the_book(tiny_epub: Path) -> None:
    with zipfile.ZipFile(tiny_epub) as archive:
        package = ElementTree.fromstring(archive.read("content.opf"))
        items = {item.get("id"): item for item in package.iter(f"{OPF}item")}
        (item,) = (x for x in items.values() if x.get("properties") == "cover-image")
        assert item.get("media-type") == "image/png"
        picture = archive.read(item.get("href", ""))
    assert picture.startswith(b"\x89PNG")
    assert imagesize.get(io.BytesIO(picture)) == (1600, 2400)
    first = next(package.iter(f"{OPF}itemref")).get("idref")
    assert items[first].get("href") == "epub-cover.xhtml"
    shown = pages(tiny_epub)["epub-cover.xhtml"].img
    assert shown and shown["alt"] == "小さな本" and shown["src"] == item.get("href")


@pytest.mark.parametrize(
    "title",
    ["短い", "とても長い題名を持つ本は、表紙で何行かに折って示します", "A " * 40],
)
def test_title_fits_the_cover(title: str) -> None:
    lines, size = cover.fitted(title)
    assert len(lines) <= cover.MOST_LINES
    assert all(cover.text_width(line) * size <= 640 for line in lines)
    assert "".join(lines).replace(" ", "") == title.replace(" ", "")
    assert not any(line.startswith("、") for line in lines)


def test_epub_says_how_to_read_it_and_when_it_was_made(tiny_epub: Path) -> None:
    text = pages(tiny_epub)["index.xhtml"].text
    assert "この電子書籍には、Beta Twoの文章とコードだけを収めました" in text
    with zipfile.ZipFile(tiny_epub) as archive:
        package = archive.read("content.opf").decode()
        assert archive.getinfo("content.opf").date_time[:3] == (2009, 2, 13)
    assert "<dc:date>2009-02-13T23:31:30Z</dc:date>" in package


def test_epub_has_the_same_bytes_each_time(tiny: MadeUpBook, tiny_epub: Path) -> None:
    before = tiny_epub.read_bytes()
    tiny_epub.unlink()
    assert make_epub(tiny).read_bytes() == before


def test_stale_outputs_leave_the_last_epub(tmp_path: Path) -> None:
    tiny = make(tmp_path / "book")
    file = make_epub(tiny)
    before = file.read_bytes()
    tiny.edit("part/one.md", "beta_first = 1", "beta_first = 2")
    with pytest.raises(BookError, match=r"part/one\.md"):
        make_epub(tiny)
    assert file.read_bytes() == before

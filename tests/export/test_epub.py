"""The EPUB of one framework's edition."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabbook.base.errors import BookError
from tabbook.export import epub
from tabbook.source import book
from tests.support.book_with_three_frameworks import MadeUpBook, make
from tests.support.epubs import pages

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:sphinx",
)


def make_epub(tiny: MadeUpBook) -> Path:
    loaded = book.load(tiny.config)
    return epub.make(loaded, loaded.config.framework("beta"))


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

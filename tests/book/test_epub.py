"""The EPUB of each of the chapter's editions."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tabbook.base import config
from tabbook.export import epub
from tabbook.source import book
from tests.support.epubs import epubcheck, pages
from tests.support.paths import ROOT

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:sphinx"),
]


@pytest.fixture(scope="module")
def chapter_epubs() -> list[Path]:
    loaded = book.load(config.load(ROOT))
    return [epub.make(loaded, framework) for framework in loaded.config.frameworks]


def test_epubcheck_accepts_every_edition_of_the_chapter(
    chapter_epubs: list[Path],
) -> None:
    assert epubcheck(chapter_epubs) == ""


def test_epub_declares_language_and_rights(chapter_epubs: list[Path]) -> None:
    chapter = config.load(ROOT)
    for file in chapter_epubs:
        contents = pages(file)
        assert contents["index.xhtml"].html
        assert contents["index.xhtml"].html["lang"] == "ja"
        with zipfile.ZipFile(file) as archive:
            package = archive.read("content.opf").decode()
        assert f"<dc:rights>© {chapter.copyright}</dc:rights>" in package
        titles = [page.h1.text for page in contents.values() if page.h1]
        assert any("パラメータ管理" in title for title in titles)
        section = contents["chapter_builders-guide/parameters.xhtml"]
        assert section.select("math") and section.select("figure img")

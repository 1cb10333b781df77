"""The EPUB of each of the chapter's editions."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from tabbook.base import config
from tabbook.export import epub
from tabbook.source import book
from tests.support.epubs import pages
from tests.support.paths import ROOT

EPUBCHECK = Path("/usr/share/java/epubcheck.jar")


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
    if not EPUBCHECK.exists():
        pytest.skip("needs Debian's epubcheck")
    command = ["java", "-jar", str(EPUBCHECK), "--failonwarnings"]
    # epubcheck takes one file and uses one core for most of its time.
    checks = [
        subprocess.Popen(
            [*command, str(file)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for file in chapter_epubs
    ]
    reports = [check.communicate()[0] for check in checks]
    assert [check.returncode for check in checks] == [0, 0, 0], "\n".join(reports)


def test_epub_declares_language_and_rights(chapter_epubs: list[Path]) -> None:
    chapter = config.load(ROOT)
    for file in chapter_epubs:
        found = pages(file)
        assert found["index.xhtml"].html
        assert found["index.xhtml"].html["lang"] == "ja"
        with zipfile.ZipFile(file) as archive:
            package = archive.read("content.opf").decode()
        assert f"<dc:rights>© {chapter.copyright}</dc:rights>" in package
        titles = [page.h1.text for page in found.values() if page.h1]
        assert any("パラメータ管理" in title for title in titles)
        section = found["chapter_builders-guide/parameters.xhtml"]
        assert section.select("math") and section.select("figure img")

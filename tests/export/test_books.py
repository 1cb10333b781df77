"""The book of one framework as PDF and as EPUB, the real tools beside it."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tabbook.base import config
from tabbook.base.errors import BookError
from tabbook.sphinxext import epub, pdf
from tests.support.paths import ROOT
from tests.support.tiny import Tiny, make

BOOK = config.load(ROOT)
TEX = shutil.which("xelatex") and shutil.which("latexmk")
CHECK = Path("/usr/share/java/epubcheck.jar")
OVERFULL = re.compile(r"Overfull \\hbox \((?P<points>[\d.]+)pt too wide\)")

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*myst_(parser|nb).*is deprecated:PendingDeprecationWarning",
    "ignore::DeprecationWarning:sphinx",
)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return make(tmp_path_factory.mktemp("book"))


def pages(file: Path) -> dict[str, BeautifulSoup]:
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        return {
            name: BeautifulSoup(archive.read(name).decode(), "html.parser")
            for name in archive.namelist()
            if name.endswith(".xhtml")
        }


class TestEpub:
    def test_it_holds_the_code_of_one_framework(self, tiny: Tiny) -> None:
        file = epub.epub(tiny.config, tiny.config.framework("beta"))
        assert file == tiny.config.output / "epub/beta.epub"
        found = pages(file)
        one = found["part/one.xhtml"].text
        assert "beta_first = 1" in one and "<beta> beta_first_" in one
        assert "二つの枠組みの文" in one
        for left_out in ("alpha_first", "gamma_first", "alpha_second", "スライドだけ"):
            assert left_out not in one

    def test_it_needs_nothing_from_outside(self, tiny: Tiny) -> None:
        for name, page in pages(epub.epub(tiny.config, BETA(tiny))).items():
            assert not page.select("script"), name
            assert not page.select('[src^="http"], link[href^="http"]'), name
            assert not page.select("[role=tab], .copy, .framework-bar"), name

    def test_the_same_book_gives_the_same_bytes(self, tiny: Tiny) -> None:
        file = epub.epub(tiny.config, BETA(tiny))
        before = file.read_bytes()
        file.unlink()
        assert epub.epub(tiny.config, BETA(tiny)).read_bytes() == before

    def test_stale_outputs_leave_the_last_one(self, tmp_path: Path) -> None:
        tiny = make(tmp_path / "book")
        file = epub.epub(tiny.config, BETA(tiny))
        before = file.read_bytes()
        tiny.edit("part/one.md", "beta_first = 1", "beta_first = 2")
        with pytest.raises(BookError, match=r"part/one\.md"):
            epub.epub(tiny.config, BETA(tiny))
        assert file.read_bytes() == before

    @pytest.mark.parametrize("name", [one.name for one in BOOK.frameworks])
    def test_epubcheck_finds_nothing_in_the_book(self, name: str) -> None:
        if not CHECK.exists():
            pytest.skip("needs Debian's epubcheck")
        file = epub.epub(BOOK, BOOK.framework(name))
        command = ["java", "-jar", str(CHECK), "--failonwarnings", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        found = pages(file)
        assert found["index.xhtml"].html
        assert found["index.xhtml"].html["lang"] == "ja"
        with zipfile.ZipFile(file) as archive:
            told = archive.read("content.opf").decode()
        assert f"<dc:rights>© {BOOK.copyright}</dc:rights>" in told
        titles = [page.h1.text for page in found.values() if page.h1]
        assert any("パラメータ管理" in title for title in titles)
        section = found["chapter_builders-guide/parameters.xhtml"]
        assert section.select("math") and section.select("figure img")


def BETA(tiny: Tiny) -> config.Framework:  # noqa: N802 - a constant of the book
    return tiny.config.framework("beta")


def test_what_a_pdf_needs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BookError) as raised:
        pdf.pdf(BOOK, BOOK.default)
    for package in ("latexmk", "texlive-xetex", "librsvg2-bin", "fonts-noto-cjk"):
        assert package in str(raised.value)


@pytest.fixture(scope="module")
def made() -> Path:
    """Return the PDF of the real book for the second framework."""
    if not TEX:
        pytest.skip("needs Debian's latexmk and texlive-xetex")
    return pdf.pdf(BOOK, BOOK.frameworks[1])


def read(*command: str) -> str:
    if not shutil.which(command[0]):
        pytest.skip("needs Debian's poppler-utils")
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


class TestPdf:
    def test_its_text_can_be_copied_and_is_of_one_framework(self, made: Path) -> None:
        text = read("pdftotext", str(made), "-")
        for word in ("勾配", "パラメータ", "遅延初期化", "隠れ層", "state_dict"):
            assert word in text
        assert "PyTorch" in text and "torch 2.13.0" in text
        assert "import torch" in text
        assert "import tensorflow" not in text and "from mxnet" not in text

    def test_references_lead_somewhere(self, made: Path) -> None:
        text = read("pdftotext", str(made), "-")
        assert "??" not in text
        assert not re.search(r":(numref|eqref|ref|label):", text)
        assert "図1" in text
        named = read("pdfinfo", "-dests", str(made))
        assert named.count("\n") > 100

    def test_it_says_what_it_is(self, made: Path) -> None:
        told = read("pdfinfo", str(made))
        assert re.search(r"Title: +実装ガイド", told)
        pages = re.search(r"Pages: +(\d+)", told)
        assert pages and int(pages[1]) > 50
        fonts = read("pdffonts", str(made)).splitlines()[2:]
        assert fonts and all(" yes " in line for line in fonts)  # embedded

    def test_nothing_runs_off_the_page(self, made: Path) -> None:
        folder = BOOK.output / "sphinx-pdf" / BOOK.frameworks[1].name / "latex"
        log = (folder / f"{BOOK.frameworks[1].name}.log").read_text(errors="replace")
        wide = [float(one["points"]) for one in OVERFULL.finditer(log)]
        assert [one for one in wide if one > 6] == []
        assert "Missing character" not in log
        assert "undefined" not in log

    def test_the_same_book_gives_the_same_bytes(self, made: Path) -> None:
        before = made.read_bytes()
        made.unlink()
        assert pdf.pdf(BOOK, BOOK.frameworks[1]).read_bytes() == before

"""The PDF of one framework's edition, read back with poppler."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tabbook.base import config
from tabbook.base.errors import BookError
from tabbook.export import pdf
from tabbook.source import book
from tests.support.paths import ROOT

CHAPTER = config.load(ROOT)
FRAMEWORK = CHAPTER.framework("pytorch")
OVERFULL = re.compile(r"Overfull \\hbox \((?P<points>[\d.]+)pt too wide\)")

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:sphinx"),
]


def make_pdf() -> Path:
    """Make the chapter's PDF for one framework."""
    return pdf.make(book.load(CHAPTER), FRAMEWORK)


@pytest.fixture(scope="module")
def pdf_and_log() -> tuple[Path, str]:
    """Return the chapter's PDF and TeX's log, which the next build deletes."""
    if not (shutil.which("xelatex") and shutil.which("latexmk")):
        pytest.skip("needs Debian's latexmk and texlive-xetex")
    file, name = make_pdf(), FRAMEWORK.name
    log = CHAPTER.output / "sphinx-pdf" / name / "latex" / f"{name}.log"
    return file, log.read_text(errors="replace")


@pytest.fixture
def chapter_pdf(pdf_and_log: tuple[Path, str]) -> Path:
    return pdf_and_log[0]


def output(*command: str) -> str:
    if not shutil.which(command[0]):
        pytest.skip("needs Debian's poppler-utils")
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_message_names_the_debian_packages_of_missing_programs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BookError) as raised:
        make_pdf()
    for package in ("latexmk", "texlive-xetex", "librsvg2-bin", "fonts-noto-cjk"):
        assert package in str(raised.value)


def test_pdf_text_can_be_copied_and_is_of_one_framework(chapter_pdf: Path) -> None:
    text = output("pdftotext", str(chapter_pdf), "-")
    for word in ("勾配", "パラメータ", "遅延初期化", "隠れ層", "state_dict"):
        assert word in text
    assert "PyTorch" in text and "torch 2.13.0" in text
    assert "import torch" in text
    assert not re.search("import (tensorflow|jax)|from (mxnet|flax)", text)


def test_pdf_references_have_targets(chapter_pdf: Path) -> None:
    text = output("pdftotext", str(chapter_pdf), "-")
    assert "??" not in text
    assert not re.search(r":(numref|eqref|ref|label):", text)
    assert "図1" in text
    targets = output("pdfinfo", "-dests", str(chapter_pdf))
    assert targets.count("\n") > 100


def test_pdf_has_a_title_and_embedded_fonts(chapter_pdf: Path) -> None:
    info = output("pdfinfo", str(chapter_pdf))
    assert re.search(r"Title: +実装ガイド", info)
    pages = re.search(r"Pages: +(\d+)", info)
    assert pages and int(pages[1]) > 50
    fonts = output("pdffonts", str(chapter_pdf)).splitlines()[2:]
    assert fonts
    assert [font for font in fonts if " yes " not in font] == []  # column "emb"


def test_nothing_overflows_the_page(pdf_and_log: tuple[Path, str]) -> None:
    _, text = pdf_and_log
    points = [float(match["points"]) for match in OVERFULL.finditer(text)]
    assert [width for width in points if width > 6] == []
    assert "Missing character" not in text
    assert "undefined" not in text

"""Citations in the other forms of a book: EPUB, PDF and slides."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from bs4 import BeautifulSoup

from tabbook.base.config import Config
from tabbook.environments import npm
from tabbook.export import epub, pdf, slides
from tabbook.source import book
from tests.support import book_with_citations as cites
from tests.support.books import MakeBook
from tests.support.epubs import pages

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:sphinx")

HYPERLINK = re.compile(r"\\hyperlink\{(cite\.[^}]*)\}")
HYPERTARGET = re.compile(r"\\hypertarget\{(cite\.[^}]*)\}")


@pytest.fixture(scope="module")
def sample(make_book: MakeBook) -> Config:
    return cites.make(make_book)


def test_epub_has_what_its_framework_cites(sample: Config) -> None:
    loaded = book.load(sample)
    written = pages(epub.make(loaded, loaded.config.framework("left")))
    shown = [cited.text for cited in written["chapter_a/one.xhtml"].select(".citation")]
    assert "(Tee et al., 2020; Bee and Müller, 2021; Abe, 2020a)" in shown
    entries = written["chapter_a/references.xhtml"].select(".references > li")
    assert [str(entry["id"]) for entry in entries] == [
        "ref-a-2020", "ref-second-2020", "ref-b-2021", "ref-t-2020", "ref-weird",
    ]  # fmt: skip


def test_links_within_the_epub_have_targets(sample: Config) -> None:
    loaded = book.load(sample)
    written = pages(epub.make(loaded, loaded.config.framework("right")))
    links = 0
    for name, page in written.items():
        for link in page.select(".citation a, .cited-in a"):
            path, _, anchor = str(link["href"]).partition("#")
            target = written[f"chapter_a/{path}" if path else name]
            assert target.find(id=anchor), link
            links += 1
    assert links > 15


def test_pdf_has_text_links_and_list(sample: Config) -> None:
    if not (shutil.which("xelatex") and shutil.which("pdftotext")):
        pytest.skip("needs Debian's texlive-xetex and poppler-utils")
    loaded = book.load(sample)
    file = pdf.make(loaded, loaded.config.framework("right"))
    command = ["pdftotext", "-layout", str(file), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    text = re.sub(r"\s+", " ", text.replace("\u00a0", " "))
    assert "See (Abe, 2020a) and Bee and Müller (2021). All: (Tee et al., 2020;" in text
    assert "The caption (Abe, 2020a)" in text
    assert "Ann Abe. Second. Journal of Examples, 2020b. Cited in: Two" in text
    assert "山田太郎、鈴木花子. 日本語の論文. 例の雑誌, 2019." in text
    folder = sample.output / "sphinx-pdf/right/latex"
    source = (folder / "right.tex").read_text("utf-8")
    assert {*HYPERLINK.findall(source)} == {*HYPERTARGET.findall(source)} != set()
    assert "undefined" not in (folder / "right.log").read_text("utf-8", "replace")


def test_slides_have_the_text_of_the_notebooks(
    make_book: MakeBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = dict.fromkeys(slides.REVEAL_FILES, b"")
    monkeypatch.setattr(npm, "files", lambda *wanted: files)
    two = cites.TWO.replace(
        "- An item", "(**By :citet:`B.2021` as in :cite:`T.2020`**)"
    )
    sample = cites.make(make_book, two=two)
    loaded = book.load(sample)
    index = slides.make(loaded, loaded.config.framework("left"))
    page = BeautifulSoup(
        (index.parent / "chapter_a/two.html").read_text("utf-8"), "html.parser"
    )
    assert "By Bee and Müller (2021) as in (Tee et al., 2020)" in page.text

"""The PDF of a made-up book with a drawing, formulas, a table and Japanese text."""

from __future__ import annotations

import re
import subprocess
import zlib
from pathlib import Path

import nbformat
import pytest

from tabbook.base.reproducible import EPOCH
from tabbook.export import pdf
from tabbook.source import book
from tabbook.sphinxext.latex.terms import pieces
from tests.support.book_with_three_frameworks import make

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:sphinx")

CALLS = (
    "net.save_parameters(str(path))",
    "load_state_dict(torch.load(path))",
    "list_physical_devices('GPU')",
    "SparseCategoricalCrossentropyLoss[index=1]",
)
WIDE = f"""
# 長いコード
:label:`sec_two`

{"と".join(f"`{'a' * length}`" for length in range(20, 40))}を調べます。

| 操作 | 一 | 二 | 三 | 四 |
|:--|:--|:--|:--|:--|
| 保存する | {" | ".join(f"`{call}`" for call in CALLS)} |
"""


def test_code_breaks_in_text_and_narrow_columns(tmp_path: Path) -> None:
    tiny = make(tmp_path)
    tiny.write("part/two.md", WIDE)
    framework = tiny.config.framework("beta")
    pdf.make(book.load(tiny.config), framework)
    folder = tiny.config.output / "sphinx-pdf" / framework.name / "latex"
    log = (folder / f"{framework.name}.log").read_text(errors="replace")
    points = re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)
    assert [width for width in points if float(width) > 6] == []


SITE = """[tabbook]
site = https://example.org/book/
terms = terms.toml
[framework-alpha]"""

PREFACE = """# 表紙

<!-- if no printed -->
上の切り替えで選びます。
<!-- end if -->

<!-- if folded -->
解答は折りたたんであります。
<!-- end if -->
"""

TERMS = """
[[term]]
japanese = "目立つ文"
reading = "めだつぶん"
english = "text"
meaning = "目立つ。"
"""

GLOSSARY = """
# 用語集

```glossary
:sorted:
```
"""


@pytest.fixture(scope="module")
def made_pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the PDF of a book, made on 2009-02-13 for all that it knows."""
    tiny = make(tmp_path_factory.mktemp("book"))
    tiny.edit("index.md", "# 表紙\n", PREFACE)
    tiny.edit("index.md", "part/two\n", "part/two\nglossary\n")
    tiny.write("terms.toml", TERMS)
    tiny.write("glossary.md", GLOSSARY)
    tiny.edit("part/one.md", "でも折れる。", "でも折れる。目立つ文です。")
    tiny.edit("config.ini", "[framework-alpha]", SITE)
    warning = {"output_type": "stream", "name": "stderr", "text": "careful\n"}
    tiny.execute(extra=nbformat.from_dict(warning))
    loaded = book.load(tiny.config)
    framework = tiny.config.framework("beta")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(EPOCH, "1234567890")
        file = pdf.make(loaded, framework)
        first = file.read_bytes()
        file.unlink()
        assert pdf.make(loaded, framework).read_bytes() == first, "bytes differ"
    return file


def read(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_pdf_has_its_own_instructions_in_place_of_those_for_pages(
    made_pdf: Path,
) -> None:
    text = "".join(read("pdftotext", str(made_pdf), "-").split())
    assert "このPDFには、BetaTwoの文章とコードだけを収めました" in text
    assert "https://example.org/book/" in text
    assert "切り替えで選びます" not in text
    assert "折りたたんで" not in text


def test_pdf_tells_title_language_date_and_outline(made_pdf: Path) -> None:
    information = read("pdfinfo", "-isodates", str(made_pdf))
    assert re.search(r"Title: +小さな本（Beta Two版）", information)
    assert re.search(r"CreationDate: +2009-02-13T23:31:30Z", information)
    assert "2009年2月13日" in read("pdftotext", "-l", "1", str(made_pdf), "-")
    structure = streams(made_pdf)
    for entry in (b"/Lang(ja)", b"/DisplayDocTitle true", b"/PageMode/UseOutlines"):
        assert entry in structure, entry
    shown = re.findall(rb"/Title<(\w+)>", structure)
    titles = {bytes.fromhex(title.decode()).decode("utf-16") for title in shown}
    assert {"第一節", "図と表", "Beta Two版の読み方"} <= titles


def test_pictures_have_their_alternative_texts(made_pdf: Path) -> None:
    marks = re.findall(rb"/Alt ?<(\w+)>+ ?BDC", streams(made_pdf))
    texts = {bytes.fromhex(mark.decode()).decode("utf-16") for mark in marks}
    assert "丸い図" in texts


def test_terms_are_underlined_with_dots(made_pdf: Path) -> None:
    dots = re.findall(rb"q \.69\d* w", streams(made_pdf))
    assert len(dots) > 4 * 3, "four letters of 0.2 em a dot"
    assert "でも折れる。目立つ文です。" in "".join(
        read("pdftotext", str(made_pdf), "-").split()
    )


def test_words_are_underlined_in_pieces_between_which_lines_end() -> None:
    assert pieces("パラメータ") == ["パ", "ラ", "メー", "タ"]
    assert pieces("L2ノルム") == ["L2", "ノ", "ル", "ム"]
    assert pieces("weight") == ["weight"]


def test_code_outputs_and_warnings_look_different(
    made_pdf: Path, tmp_path: Path
) -> None:
    read("pdftoppm", "-r", "72", str(made_pdf), str(tmp_path / "page"))
    pixels = b"".join(file.read_bytes() for file in tmp_path.glob("*.ppm"))
    code, output, warning = (246, 248, 250), (203, 210, 217), (180, 83, 9)
    for colour in (code, output, warning):
        assert bytes(colour) in pixels, colour


def streams(file: Path) -> bytes:
    """Return what the compressed streams of a PDF hold."""
    contents = re.findall(rb"stream\r?\n(.*?)endstream", file.read_bytes(), re.S)
    texts = []
    for stream in contents:
        try:
            texts.append(zlib.decompressobj().decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(texts)

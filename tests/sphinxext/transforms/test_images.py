"""Pictures with any name, in Markdown and in raw HTML, reach every form of a book."""

from __future__ import annotations

import base64
import re
import struct
import subprocess
import zipfile
import zlib
from pathlib import Path
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

from tabbook import sphinxext
from tabbook.base import config as configuration
from tabbook.base.config import Config
from tabbook.export import epub, pdf
from tabbook.lint import lint
from tabbook.notebooks.compile import compile_section
from tabbook.source import book
from tests.support.books import store_outputs, write_files

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:sphinx")

CONFIG = """[project]
title = Pictures
[build]
notebooks = index.md chapter_*/*.md
tabs = left
"""
NAMES = (
    "my figure.png",
    "a(1).png",
    "図 二.PNG",
    "50%.png",
    "plain.png",
    "raw.png",
    "in text.png",
    "nested.png",
    "root.png",
    "quoted.png",
)
ONE = """# One

![my figure](../static/my figure.png)
:label:`fig_one`

Text ![paren](../static/a(1).png) and ![Japanese](<../static/図 二.PNG>).

![percent](../static/50%25.png)

- ![plain](../static/plain.png?raw=true)

> <img alt=quoted
> src=../static/quoted.png>

<img src='../static/raw.png' width=50 srcset="none.png 2x" alt="A & B">

In text <IMG SRC="../static/in%20text.png"> and ![root](/static/root.png)
and <img src="https://example.org/x.png">.

<p align="center">
  <img style="border: 0"
       src="../static/nested.png">
</p>

```{.python .input}
%%tab left
x = 1
```
"""
FILES = {
    "config.ini": CONFIG,
    "index.md": "# Book\n\n```toc\nchapter_a/one\n```\n",
    "chapter_a/one.md": ONE,
    "environments/left.txt": "ipykernel==7.4.0\n",
}


def png(shade: int) -> bytes:
    """Return a picture of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes([0, shade]))
    parts = chunk(b"IHDR", header), chunk(b"IDAT", pixels), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


PICTURES = {name: png(20 * number) for number, name in enumerate(NAMES, 1)}


def make(root: Path) -> Config:
    write_files(root, FILES)
    (root / "static").mkdir()
    for name, content in PICTURES.items():
        (root / "static" / name).write_bytes(content)
    assert len(list(store_outputs(root, lambda *arguments: {}))) == 1
    return configuration.load(root)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return make(tmp_path_factory.mktemp("book"))


def test_lint_finds_every_picture(config: Config) -> None:
    assert lint(book.load(config)) == []


def test_pages_show_every_picture(config: Config) -> None:
    result = sphinxext.build(config)
    assert result.warnings == ""
    page = result.folder / "chapter_a/one.html"
    article = BeautifulSoup(page.read_text("utf-8"), "html.parser").find("article")
    assert article
    sources = [str(image["src"]) for image in article.select("img")]
    shown = [
        (page.parent / unquote(source)).read_bytes()
        for source in sources
        if not source.startswith("https:")
    ]
    assert sorted(shown) == sorted(PICTURES.values())
    assert "https://example.org/x.png" in sources
    raw = article.select_one('img[width="50"]')
    assert raw
    assert (raw["alt"], raw.get("srcset")) == ("A & B", None)


def test_notebooks_embed_every_picture(config: Config) -> None:
    loaded = book.load(config)
    (section,) = loaded.select(["one"])
    notebook = compile_section(loaded, section, config.default)
    assert notebook
    text = "\n".join(cell.source for cell in notebook.cells)
    embedded = re.findall(r"data:image/png;base64,([A-Za-z0-9+/=]+)", text)
    assert sorted(map(base64.b64decode, embedded)) == sorted(PICTURES.values())
    assert "https://example.org/x.png" in text
    assert '> <img alt="quoted" src="data:image/png;base64,' in text
    html = next(cell.source for cell in notebook.cells if "<p align" in cell.source)
    assert html.rstrip().endswith("</p>")


def test_epub_shows_every_picture(config: Config) -> None:
    with zipfile.ZipFile(epub.make(book.load(config), config.default)) as archive:
        page = BeautifulSoup(archive.read("chapter_a/one.xhtml"), "html.parser")
        names = [str(image["src"]).removeprefix("../") for image in page.select("img")]
        shown = [archive.read(name) for name in names if not name.startswith("https:")]
        manifest = archive.read("content.opf").decode()
    assert sorted(shown) == sorted(PICTURES.values())
    assert all(f'href="{name}"' in manifest for name in names if "https:" not in name)


def test_pdf_shows_every_picture(config: Config) -> None:
    file = pdf.make(book.load(config), config.default)
    command = ["pdfimages", "-list", str(file)]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    _, _, *rows = listed.splitlines()
    assert len(rows) == len(PICTURES)


@pytest.mark.parametrize(
    "picture",
    [
        "![a](../static/no file.png)",
        "Text <img src='../static/no file.png'> text.",
        '<p>\n<img src="../static/no%20file.png">\n</p>',
        "![a](/static/no%20file.png)",
    ],
)
def test_missing_picture_is_named_by_lint_and_html(
    tmp_path: Path, picture: str
) -> None:
    config = make(tmp_path)
    write_files(
        tmp_path, {"chapter_a/one.md": ONE.replace("Text !", picture + "\n\n!")}
    )
    (problem,) = lint(book.load(config))
    line = 6 + (picture.count("\n") > 0)
    assert (problem.line, problem.name) == (line, "missing-figure")
    assert "'static/no file.png' does not exist" in problem.message
    built = sphinxext.build(config)
    place = f"chapter_a/one.md:{line}: WARNING: the file 'static/no file.png' "
    assert built.warnings == f"{place}does not exist [tabbook.missing-figure]"


def test_changed_picture_in_raw_html_is_copied_again(tmp_path: Path) -> None:
    config = make(tmp_path)
    result = sphinxext.build(config)
    (tmp_path / "static/raw.png").write_bytes(png(255))
    sphinxext.build(config)
    assert (result.folder / "_images/raw.png").read_bytes() == png(255)

"""Stale outputs are refused by every form of the book, with the same message."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tabbook import sphinxext
from tabbook.base.errors import BookError
from tabbook.export import archive, epub, pdf, slides
from tabbook.source import book
from tabbook.source.book import Book
from tests.support.book_with_three_frameworks import MadeUpBook, make

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:sphinx",
)

FORMS: dict[str, Callable[[Book], object]] = {
    "pages": sphinxext.build,
    "slides": lambda book: slides.make(book, book.config.framework("beta")),
    "zip": lambda book: archive.make(book, book.config.framework("beta")),
    "epub": lambda book: epub.make(book, book.config.framework("beta")),
    "pdf": lambda book: pdf.make(book, book.config.framework("beta")),
}

NOTEBOOK = "notebooks/beta/part/one.ipynb"


def change_code(tiny: MadeUpBook) -> None:
    tiny.edit("part/one.md", "beta_first = 1", "beta_first = 2")


def change_pins(tiny: MadeUpBook) -> None:
    tiny.write("environments/beta.txt", "beta==2\n")


def edit_notebook(tiny: MadeUpBook) -> None:
    tiny.edit(NOTEBOOK, "beta_first = 1", "beta_first = 2")


def delete_notebook(tiny: MadeUpBook) -> None:
    (tiny.root / NOTEBOOK).unlink()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (change_code, "was run with other code"),
        (change_pins, "was run with other pins or settings"),
        (edit_notebook, "was run with other code"),
        (delete_notebook, "is missing"),
    ],
)
def test_stale_outputs_are_refused_with_the_command_to_run(
    tmp_path: Path, form: str, change: Callable[[MadeUpBook], None], reason: str
) -> None:
    if form == "pdf" and not (shutil.which("xelatex") and shutil.which("latexmk")):
        pytest.skip("needs Debian's latexmk and texlive-xetex")
    tiny = make(tmp_path / "book")
    change(tiny)
    with pytest.raises(BookError) as raised:
        FORMS[form](book.load(tiny.config))
    lines = str(raised.value).splitlines()
    (line,) = [line for line in lines if NOTEBOOK in line]
    assert line.startswith("part/one.md:")
    command = "./build.sh run part/one --framework beta"
    assert f"{NOTEBOOK} {reason}; run `{command}`" in line

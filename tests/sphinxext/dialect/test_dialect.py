"""Inputs of real books in the dialect: what lint, pages and notebooks make of each.

The tables hold title, source, and the expected lines, in three parts: what lint says,
the page as an outline, and the text of the notebook of ``alpha``. All sources together
are one book, which is built once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from tabbook import sphinxext
from tabbook.lint import lint
from tabbook.notebooks.compile import compile_section
from tabbook.source import book
from tabbook.source.book import Book
from tests.support.books import MakeBook
from tests.support.outline import outline
from tests.support.tables import examples

HERE = Path(__file__).parent
EXAMPLES = examples(*sorted(HERE.glob("*.txt")))
PARTS = ("lint", "page", "notebook")

HEAD = re.compile(r"\A(# .*) \(alpha\)(?:\n\n(?:Previous|Next): .*)?")
"""What ``notebooks/head`` adds to the title of a notebook."""

CONFIG = """[project]
title = Book
lang = {language}
[build]
notebooks = index.md chapter_*/*.md
resources = static
tabs = alpha, beta
[framework-gamma]
label = Gamma
"""
CODE = "\n\n```{.python .input}\n%%tab all\nx = 1\n```\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"/>'
BIB = """@article{A.2020, title = {T}, author = {A, Bo}, year = {2020}}
@article{B.2021, title = {U}, author = {B, Cy}, year = {2021}}
"""


@dataclass(frozen=True)
class Built:
    """The book with a section for each example."""

    loaded: Book
    said: dict[str, list[str]]
    """What lint says, by path."""
    printed: str
    """What the build printed."""
    folder: Path

    def outcome(self, name: str) -> str:
        """Return what becomes of a section, in the parts of the tables."""
        section = self.loaded.section(name)
        assert section
        soup = BeautifulSoup(
            (self.folder / f"{name}.html").read_text("utf-8"), "html.parser"
        )
        article = soup.find("article") or soup.body
        assert isinstance(article, Tag)
        framework = self.loaded.config.framework("alpha")
        notebook = compile_section(self.loaded, section, framework)
        cells = [cell.source for cell in notebook.cells] if notebook else []
        shown = {
            "lint": "\n".join(self.said.get(section.path, ())),
            "page": outline(article),
            "notebook": HEAD.sub(
                r"\1", "\n\n".join(cell for cell in cells if cell != "x = 1")
            ),
        }
        return "\n".join(f"-- {part}\n{shown[part]}" for part in PARTS if shown[part])


@pytest.fixture(scope="module")
def built(make_book: MakeBook) -> Built:
    names = [f"chapter_a/case{number}" for number in range(len(EXAMPLES))]
    toc = "\n".join(names)
    files = {
        "index.md": f"# Book\n\n```toc\n:numbered:\n\nchapter_a/index\n```\n\n{CODE}",
        "chapter_a/index.md": "# A\n\n```toc\n"
        + toc.replace("chapter_a/", "")
        + "\n```\n",
        "static/dot.svg": SVG,
        "static/my figure.svg": SVG,
        "static/a(1).svg": SVG,
        "static/図.svg": SVG,
        "refs.bib": BIB,
    }
    for name, example in zip(names, EXAMPLES, strict=True):
        files[f"{name}.md"] = str(example.values[0]) + CODE
    sample = make_book(files, CONFIG.format(language="en"))
    loaded = book.load(sample)
    said: dict[str, list[str]] = {}
    for problem in lint(loaded):
        line = f"{problem.line} {problem.severity} {problem.name}"
        said.setdefault(problem.path, []).append(line)
    result = sphinxext.build(loaded, without_outputs=True)
    return Built(loaded, said, result.warnings, result.folder)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param(number, example.values[1], id=str(example.id))
        for number, example in enumerate(EXAMPLES)
    ],
)
def test_input_becomes_what_its_author_meant(
    built: Built, number: int, expected: str
) -> None:
    assert built.outcome(f"chapter_a/case{number}") == expected

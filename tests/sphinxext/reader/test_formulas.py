"""Formulas on pages and in the other forms of a book, those that cannot be set too."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from bs4 import BeautifulSoup

from tabbook import sphinxext
from tabbook.base import config
from tabbook.environments import npm
from tabbook.export import epub, pdf, slides
from tabbook.lint import lint
from tabbook.source import book
from tests.support.book_with_three_frameworks import MadeUpBook, make
from tests.support.epubs import epubcheck
from tests.support.tables import examples

TABLE = Path(__file__).parents[2] / "source/formulas/tables/set.txt"

UNSET = r"""
:eqref:`eq_r`と:eqref:`eq_unset`と$\norm{x}$。[**式$\R$の文$a & b$**]。

$$\R \times x$$
:eqlabel:`eq_r`

> 一つ目の行、
> 二つ目の行の$\nosuch < 1$。

$$
\begin{cases} 5 < \nosuch \end{cases}
$$
:eqlabel:`eq_unset`
"""

MACROS = r"""
[tabbook]
macros =
  \newcommand{\R}{\mathbb{R}}
  \newcommand{\norm}[1]{\lVert #1\rVert}
"""

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:sphinx")


@pytest.fixture
def tiny(tmp_path: Path) -> MadeUpBook:
    """Return a book with macros and with formulas that cannot be set."""
    sample = make(tmp_path)
    sample.edit("part/two.md", "文。\n", UNSET)
    with (sample.root / "config.ini").open("a", encoding="utf-8") as file:
        file.write(MACROS)
    sample.execute()
    return sample


def warned(text: str) -> list[tuple[str, str]]:
    """Return place and formula of each warning."""
    return [
        (line.partition(": WARNING")[0], line.split("'")[1])
        for line in text.splitlines()
    ]


EXPECTED = [  # Sphinx names the line on which a paragraph begins
    ("part/two.md:5", "a & b"),
    ("part/two.md:10", r"\\nosuch < 1"),
    ("part/two.md:13", r"\\begin{cases} 5 < \\nosuch \\end{cases}"),
]


def test_formula_that_cannot_be_set_is_shown_as_tex(tiny: MadeUpBook) -> None:
    result = sphinxext.build(tiny.config)
    assert warned(result.warnings) == EXPECTED
    assert result.warnings.count(" [tabbook.formula]") == len(EXPECTED)
    article = tiny.article("part/two")
    assert [code.text for code in article.select("code.formula")] == [
        "a & b",
        r"\nosuch < 1",
        r"\begin{cases} 5 < \nosuch \end{cases}",
    ]
    numbers = [number.text for number in article.select(".eqno")]
    links = [link.text for link in article.select("p a.reference")]
    assert len(numbers) == 2 and links[:2] == numbers
    assert article.select("math")[0].text == "‖x‖"


def test_lint_warns_of_what_pages_warn_of(tiny: MadeUpBook) -> None:
    problems = [
        problem for problem in lint(book.load(tiny.config)) if problem.name == "formula"
    ]
    places = [f"{problem.path}:{problem.line}" for problem in problems]
    assert places == ["part/two.md:5", "part/two.md:11", "part/two.md:13"]
    assert {problem.severity for problem in problems} == {"warning"}


def test_silence_hides_the_warning(tiny: MadeUpBook) -> None:
    tiny.edit("config.ini", "macros =", "silence = formula\nmacros =")
    assert sphinxext.build(tiny.config).warnings == ""
    assert not [
        problem
        for problem in lint(book.load(tiny.config))
        if "formula" in problem.message
    ]


def test_advice_on_an_unknown_command_works(tiny: MadeUpBook) -> None:
    tiny.edit("part/two.md", "$a & b$", "")
    tiny.edit("config.ini", "macros =", "macros = \\newcommand{\\nosuch}{y}")
    assert sphinxext.build(tiny.config).warnings == ""


def test_epub_is_xml_with_the_tex_of_unset_formulas(
    tiny: MadeUpBook, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.edit("part/one.md", "$x^2$", r"$\textbf{太字} + \log x$")
    loaded = book.load(tiny.config)
    file = epub.make(loaded, loaded.config.framework("beta"))
    assert warned(capsys.readouterr().err.strip()) == EXPECTED
    with ZipFile(file) as archive:
        for name in archive.namelist():
            if name.endswith(".xhtml"):
                ElementTree.fromstring(archive.read(name))
        assert "a &amp; b" in archive.read("part/two.xhtml").decode()


@pytest.mark.slow
def test_epubcheck_accepts_every_formula(tiny: MadeUpBook) -> None:
    cases = [*(case.values[0] for case in examples(TABLE)), r"\displaystyle \sum_i"]
    text = "\n\n".join(f"$$\n{tex}\n$$" for tex in cases)
    tiny.edit("part/one.md", "## 図と表", f"{text}\n\n## 図と表")
    loaded = book.load(tiny.config)
    file = epub.make(loaded, loaded.config.framework("beta"))
    assert epubcheck([file]) == ""


def text_of(file: Path) -> str:
    command = ["pdftotext", "-layout", str(file), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_pdf_holds_every_formula(
    tiny: MadeUpBook, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shutil.which("xelatex"), "needs Debian's texlive-xetex"
    cases = [case.values[0] for case in examples(TABLE)]
    text = "\n\n".join(f"$$\n{tex}\n$$" for tex in cases)
    tiny.edit("part/one.md", "## 図と表", f"{text}\n\n## 図と表")
    loaded = book.load(tiny.config)
    text = text_of(pdf.make(loaded, loaded.config.framework("beta")))
    assert warned(capsys.readouterr().err.strip()) == EXPECTED
    assert r"\nosuch < 1" in text and r"\begin{cases} 5 < \nosuch" in text
    assert "(2.1)" in text


@pytest.mark.slow
def test_pdf_shows_formulas_that_only_pages_know_as_tex(
    tiny: MadeUpBook, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.edit(
        "part/two.md",
        UNSET,
        "式$\\isin_1$と$x_2$。:eqref:`eq_r`\n\n$$\\infin$$\n:eqlabel:`eq_r`\n",
    )
    assert not [
        problem for problem in lint(book.load(tiny.config)) if problem.name == "formula"
    ]
    loaded = book.load(tiny.config)
    text = text_of(pdf.make(loaded, loaded.config.framework("beta")))
    assert r"\isin_1" in text and r"\infin" in text and r"\sum" not in text
    assert r"'\\infin' as TeX" in capsys.readouterr().err


def test_slide_shows_the_tex_of_unset_formulas(
    tiny: MadeUpBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = dict.fromkeys(slides.REVEAL_FILES, b"/* reveal */")
    monkeypatch.setattr(npm, "files", lambda *wanted: files)
    loaded = book.load(config.load(tiny.root))
    folder = slides.make(loaded, loaded.config.framework("beta")).parent
    page = BeautifulSoup((folder / "part/two.html").read_text("utf-8"), "html.parser")
    assert [code.text for code in page.select("code.formula")] == [
        "a & b",
        r"\begin{cases} 5 < \nosuch \end{cases}",
    ]
    assert [number.text for number in page.select(".eqno")] == ["(2.2)"]
    assert "ℝ" in page.text

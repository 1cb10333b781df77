"""Where a browser breaks lines: code in tables, marks beside formulas."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tabbook import sphinxext
from tabbook.base import config
from tabbook.sphinxext.html.code import breakable
from tests.support.books import HEAD, write_files
from tests.support.browser import CHROMIUM, served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
]
WIDTHS = range(320, 1300, 70)
ROWS = (
    ("したいこと", "PyTorchの書き方", "TensorFlowの書き方", "JAXの書き方", "MXNet"),
    ("---",) * 5,
    (
        "値を読む",
        "`net.hidden.weight.detach()`",
        "`net.hidden.kernel.numpy()`",
        "`net[0].kernel[...]`",
        "`net.weight.data()`",
    ),
    (
        "変える",
        "`hidden.requires_grad_(False)`",
        "`SparseCategoricalCrossentropy()`",
        "`nnx.All(nnx.Param, ...)`",
        "`setattr('grad_req', 'null')`",
    ),
)
TABLE = "\n".join("| " + " | ".join(row) + " |" for row in ROWS)
FORMULAS = "".join(
    f"入力は{'長' * number}い（$x_{number}$）、$y_{number}$、「$z_{number}$」です。"
    for number in range(9)
)
BROKEN_LINES = """() => [...document.querySelectorAll("td code")].flatMap((code) => {
  const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
  const letters = [];
  while (walker.nextNode())
    for (let at = 0; at < walker.currentNode.length; at++) {
      const range = new Range();
      range.setStart(walker.currentNode, at);
      range.setEnd(walker.currentNode, at + 1);
      letters.push([range.toString(), range.getBoundingClientRect().top]);
    }
  return letters.slice(1).flatMap(([letter, top], at) =>
    top > letters[at][1] + 4 ? [letters[at][0] + letter] : []);
})"""
"""The letters on both sides of each break of a line in the code of tables."""
MARKS_APART = """() => [...document.querySelectorAll("p > .kept")].filter((kept) => {
  const formula = kept.querySelector("math").getBoundingClientRect();
  return [...kept.childNodes].some((node) => {
    const range = new Range();
    range.selectNode(node);
    const box = range.getBoundingClientRect();
    return box.bottom < formula.top || box.top > formula.bottom;
  });
}).length"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a page with a table of code and a text of formulas; return its address."""
    root = tmp_path_factory.mktemp("breaks")
    index = "# 本\n\n```toc\n\nchapter_a/a\n```\n"
    section = f"# 節\n\n{TABLE}\n\n{FORMULAS}\n"
    write_files(
        root, {"config.ini": HEAD, "index.md": index, "chapter_a/a.md": section}
    )
    folder = sphinxext.build(config.load(root), without_outputs=True).folder
    with served(folder) as address:
        yield f"{address}/chapter_a/a.html"


@pytest.mark.parametrize(
    ("code", "pieces"),
    [
        ("net.hidden.grad()", "net. hidden. grad()"),
        ("f(a, b=1, c='d')", "f( a, b= 1, c= 'd')"),
        ("X['a'][0]", "X ['a'] [0]"),
        ("requires_grad_(False)", "requires_ grad_( False)"),
        ("Sequential([hidden, out])", "Sequential([ hidden, out])"),
        ("SparseCategoricalCrossentropy", "Sparse Categorical Crossentropy"),
        ("LazyLinear", "LazyLinear"),
        ("__init__", "__init__"),
        ("x == 0.5", "x == 0.5"),
    ],
)
def test_code_may_break_at_marks_only(code: str, pieces: str) -> None:
    assert " ".join(breakable(code)) == pieces
    assert "".join(breakable(code)) == code


def test_code_in_tables_breaks_nowhere_else(site: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(site)
    seen = set()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        seen |= set(page.evaluate(BROKEN_LINES))
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    names = {pair for pair in seen if pair.isalnum() and not pair[1].isupper()}
    assert seen and not names
    table = page.locator(".table-wrapper")
    assert table.evaluate("box => box.scrollWidth - box.clientWidth") <= 1
    page.close()


def test_marks_stay_on_the_line_of_their_formula(site: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(site)
    assert page.locator("p > .kept").count() == 27
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(MARKS_APART) == 0, width
    page.add_style_tag(content=".kept { white-space: normal }")
    apart = 0
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        apart += page.evaluate(MARKS_APART)
    assert apart, "no line of this text ends at a formula"
    page.close()

"""pandoc is the judge of the dialect's prose: d2lbook gives it all text.

The readings of a text are its formulas, tables, figures and links. They are equal for
the examples below, and for texts that hypothesis puts together from pieces of markup.
Where they differ on purpose, ``DIFFERENCES`` gives the text and the reason.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.readings import Reading, our_reading, pandoc_reading
from tests.support.tables import examples

HERE = Path(__file__).parent / "tables"

WORDS = (
    "a",
    "文",
    "です。",
    "1",
    "2 ",
    " ",
    "\n",
    "\n\n",
    "(",
    ")",
    "|",
    "<b>",
    "&amp;",
)
MARKUP = ("*", "**", "_", "`", "`c`", "\\", "{", "}", "[", "]", "[t](u.md)", "x_1")
FORMULAS = ("$", "$$", "$x$", "$y$", "$$z$$", "\\$", "10$\\times$")
BLOCKS = ("- ", "> ", "1. ", "\n\n![c](b.svg)\n\n", "文![図](a.png)文")
TABLE = "\n\n|a|b|\n|-|-|\n|$|x|$|`a|b`|\n\n"
DIALECT = (":label:`l`\n", ":numref:`f`", "H~2~O", "x^2^", "~~s~~", ":width:`9px`\n")
PIECES = (*WORDS, *MARKUP, *FORMULAS, *BLOCKS, TABLE, *DIALECT)

DIFFERENCES = {
    "A table right below a line of text is one for every viewer of notebooks": (
        "文\n|a|b|\n|-|-|\n|1|2|",
        "tables",
    ),
    "A figure right below or above a line of text is one, see row 14 of the cases": (
        "文\n![図](a.png)\n文",
        "figures",
    ),
    "A mark on the line of a figure labels it": (
        "![図](a.png) :label:`fig_a`",
        "figures",
    ),
    "TeX outside of formulas is text: no viewer of notebooks knows it": (
        "\\text{$y$} z",
        "formulas",
    ),
    "A tilde does not begin a definition without a space behind it": (
        "![c](b.svg)\n\n~",
        "figures",
    ),
    "An image without a caption that has its line to itself is a figure": (
        "![](a.png)",
        "figures",
    ),
    "A heading ends with its line, as for every viewer of notebooks": (
        "# $$a\nb$$",
        "formulas",
    ),
    "Within a superscript there is only text": ("^$y$^", "formulas"),
    "A list may begin right below a line of text, as in notebooks": (
        "$a\n- b$",
        "formulas",
    ),
}
"""Why, and a text whose readings differ in the named part."""


@pytest.mark.parametrize(("text", "expected"), examples(*sorted(HERE.glob("*.txt"))))
def test_pandoc_reads_examples_in_the_same_way(text: str, expected: str) -> None:
    assert our_reading(text) == pandoc_reading(text)
    assert shown(our_reading(text)) == expected


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=9).map("".join))
def test_pandoc_reads_texts_in_the_same_way(text: str) -> None:
    assert our_reading(text) == pandoc_reading(text)


@pytest.mark.parametrize(
    ("text", "part"), DIFFERENCES.values(), ids=[*DIFFERENCES.keys()]
)
def test_differences_from_pandoc_are_still_there(text: str, part: str) -> None:
    ours, pandocs = our_reading(text), pandoc_reading(text)
    assert getattr(ours, part) != getattr(pandocs, part)


def shown(reading: Reading) -> str:
    """Return a reading as lines of a table of examples."""
    lines = [f"{kind} {tex}" for kind, tex in reading.formulas]
    lines += [" | ".join(row) for table in reading.tables for row in table]
    lines += [f"figure {path} {caption}" for path, caption in reading.figures]
    return "\n".join([*lines, *(f"link {address}" for address in reading.links)])

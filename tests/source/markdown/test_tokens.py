"""Tokens of the dialect: what they carry, and where they are in the text."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from markdown_it.token import Token

from tabbook.source.markdown import parse
from tabbook.source.markdown.places import PLACE
from tabbook.source.markdown.tokens import attached_labels, walk

EVERYTHING = """\
# 題[**で**]す :label:`sec_a`

> 引用の:ref:`sec_a`と
> 続きの:numref:`fig_a`と$z$です。

1. 項目
   続きの:eqref:`eq_a`

   ![図の:cite:`A.2020`
   説明](a.png)
   :width:`40px`
   :label:`fig_a`

| 列 | $|x|$ |
|---|---|
| `a|b` | :citet:`B.2021,C.2022` |
:label:`tab_a`

文の中の$$a
b$$
:eqlabel:`eq_a`

:func:`f`と:bibliography:`a.bib`
"""


def marked(text: str) -> Iterator[Token]:
    """Yield the tokens with a place, those that blocks have taken included."""
    (tokens,) = parse([text])
    for token in walk(tokens):
        yield from (token, *attached_labels(token), *token.meta.get("sizes", ()))


def test_places_are_where_the_source_has_them() -> None:
    places = {
        EVERYTHING[slice(*token.meta[PLACE])]
        for token in marked(EVERYTHING)
        if PLACE in token.meta
    }
    assert places >= {
        *(":label:`sec_a`", ":ref:`sec_a`", ":numref:`fig_a`", "$z$", ":eqref:`eq_a`"),
        *("![図の:cite:`A.2020`\n   説明](a.png)", ":cite:`A.2020`", ":width:`40px`"),
        *(":label:`fig_a`", "$|x|$", "`a|b`", ":citet:`B.2021,C.2022`"),
        *(":label:`tab_a`", "$$a\nb$$", ":eqlabel:`eq_a`", ":func:`f`"),
        ":bibliography:`a.bib`",
    }


def test_blocks_take_their_labels() -> None:
    (tokens,) = parse([EVERYTHING])
    labelled = {
        token.type: [label.meta["name"] for label in attached_labels(token)]
        for token in tokens
        if attached_labels(token)
    }
    assert labelled == {
        "heading_open": ["sec_a"],
        "figure": ["fig_a"],
        "table_open": ["tab_a"],
        "math_block": ["eq_a"],
    }
    assert not any(token.type == "label" for token in walk(tokens))


@pytest.mark.parametrize(
    ("text", "types"),
    [
        (":label:`a` 文:ref:`b`", ["label", "reference"]),
        ("`x`:numref:`y`", ["code_inline", "reference"]),
        ("`` :label:`a` ``と`:ref:`です", ["code_inline", "code_inline"]),
        ("``閉じない :ref:`b`", ["reference"]),
        (":toc:と12:30:45", []),
        ("\\:ref:`b`", ["code_inline"]),
        (":cite:`a, b,c`", ["citation"]),
        (":foo:`bar`", ["mark"]),
    ],
)
def test_marks_are_tokens(text: str, types: list[str]) -> None:
    tokens = [token.type for token in marked(text)]
    plain = {"paragraph_open", "paragraph_close", "inline", "text", "text_special"}
    assert [name for name in tokens if name not in plain] == types


def test_texts_of_a_section_share_footnotes_and_addresses() -> None:
    first, second = parse(["文[^1]と[頁][a]", "[^1]: 注\n\n[a]: one.md\n"])
    types = [token.type for token in walk(first)]
    assert "footnote_ref" in types and "link_open" in types
    assert second[0].type == "footnote_reference_open"


@pytest.mark.parametrize(
    "unit", ["![](a", "$", "`", "[", "*a ", "|", "> ", "$$ ", ":a:"]
)
def test_time_grows_with_the_length_of_a_text(unit: str) -> None:
    # Quadratic rules would need minutes here.
    parse([unit * 3_000])

"""What is left of a style sheet for pages of plain text, and which pages need more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabbook.sphinxext.assets.plain_sheet import reduce

KNOWN = frozenset({"known", "here", "--kept"})

CASES = [
    case.split("\n", 1)
    for case in Path(__file__)
    .with_name("sheets.txt")
    .read_text(encoding="utf-8")
    .split("\n\n")
]


@pytest.mark.parametrize(("title", "case"), CASES, ids=[title for title, _ in CASES])
def test_rules_that_select_by_unknown_names_go(title: str, case: str) -> None:
    sheet, expected = case.strip().split("\n.\n")
    assert reduce(sheet, KNOWN).text == expected


RARE = """.rare p.two { color: red } #Place { color: red } .known { color: red }
body { --colour: red } .rare.three { color: var(--colour) }"""


@pytest.mark.parametrize(
    "page",
    [
        '<p class="two">two rare</p>',
        '<p class="known" title="rare">',
        '<p class="rarer two-three">',
        "<p>rare two Place --colour</p>",
    ],
)
def test_page_without_what_was_left_out_is_plain(page: str) -> None:
    assert reduce(RARE, KNOWN).suits(page)


@pytest.mark.parametrize(
    "page",
    [
        '<div class="a rare"><p class="two">',
        "<div class='rare'><p class=two>",
        '<DIV CLASS="rare"><p class="two">',
        '<p id="Place">',
        '<p class="three rare">',
        '<p style="color: var( --colour )">',
    ],
)
def test_page_that_could_show_it_needs_the_whole(page: str) -> None:
    assert not reduce(RARE, KNOWN).suits(page)

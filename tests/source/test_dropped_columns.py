"""Columns about dropped frameworks disappear from tables, line by line."""

from __future__ import annotations

import pytest

from tabbook.source.dropped_columns import without_columns
from tabbook.source.section import Section

GONE = frozenset({"Gone"})

TABLE = """| do | Kept | Gone |
|:--|---|--:|
| `a|b` | x \\| y | z |
| short | s |
no | pipes | around"""
LEFT = """| do | Kept |
| :-- | --- |
| `a|b` | x \\| y |
| short | s |
| no | pipes |"""


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (TABLE, LEFT),
        ("|Gone|a|\n|-|-|\n||b|", "| a |\n| - |\n| b |"),
        ("| **Gone** | `Gone` | b |\n|-|-|-|\n|1|2|3|", "| b |\n| - |\n| 3 |"),
        ("| Gone |\n|-|\n| 1 |\n\nx", "\n\n\n\nx"),
        ("> | a | Gone |\n> |-|-|\n> |1|2|", "> | a |\n> | - |\n> | 1 |"),
        ("- x\n\n  |a|Gone|\n  |-|-|\n  |1|2|", "- x\n\n  | a |\n  | - |\n  | 1 |"),
        ("| a | Gone too |\n|-|-|\n|1|2|", None),
        ("| a | b |\n|-|-|\n| 1 | Gone |", None),
        ("```\n| a | Gone |\n|-|-|\n```", None),
        ("Gone | a", None),
    ],
)
def test_columns_with_label_as_header_disappear(text: str, left: str | None) -> None:
    page = "# 題\n\n{}\n"
    expected = page.format(text if left is None else left)
    assert without_columns(page.format(text), GONE) == expected


def test_section_shows_no_dropped_column() -> None:
    section = Section("one", f"# 題\n\n{TABLE}\n", frozenset({"gone"}), GONE)
    assert section.shown == f"# 題\n\n{LEFT}\n"
    assert section.cells.cells[0].source == f"# 題\n\n{LEFT}\n"
    assert "Gone" in section.text

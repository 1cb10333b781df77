"""Blocks of several frameworks stand on common rows in a comparison."""

from __future__ import annotations

import pytest

from tabbook.sphinxext.transforms.rows import CODE, OUTPUT, TEXT, rows

KINDS = {"t": TEXT, "c": CODE, "o": OUTPUT}


@pytest.mark.parametrize(
    ("panels", "expected"),
    [
        ("o o", "2 / 2"),
        ("oco ocno", "2 4 8 / 2 4 6 8"),
        ("to o", "2 3 / 3"),
        ("o to", "3 / 2 3"),
        ("cco co", "2 4 6 / 4 6"),
        ("c o", "2 / 2"),
        ("t o", "2 / 3"),
        ("oto oo", "2 4 5 / 2 5"),
        ("o to oto", "5 / 4 5 / 2 4 5"),
    ],
)
def test_blocks_of_one_kind_share_rows(panels: str, expected: str) -> None:
    kinds = [
        [KINDS[letter] for letter in panel.replace("n", "c")]
        for panel in panels.split()
    ]
    begins, last = rows(kinds)
    shown = " / ".join(" ".join(map(str, begin)) for begin in begins)
    assert shown == expected
    heights = {"t": 1}
    ends = [
        begin + heights.get(letter, 2) - 1
        for panel, each in zip(panels.split(), begins, strict=True)
        for letter, begin in zip(panel, each, strict=True)
    ]
    assert max(ends) == last

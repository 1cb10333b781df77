"""Where lines of the PDF may break between text and code."""

from __future__ import annotations

import pytest

from tabbook.sphinxext.latex.breaks import may_break


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("と", "U", True),
        ("d", "を", True),
        ("層", "の", True),
        ("a", "b", False),
        ("d", "、", False),
        ("X", "）", False),
        ("（", "X", False),
        ("「", "層", False),
        ("", "層", False),
    ],
)
def test_lines_break_beside_east_asian_text(
    left: str, right: str, *, expected: bool
) -> None:
    assert may_break(left, right) is expected

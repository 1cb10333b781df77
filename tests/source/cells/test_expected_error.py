"""The mark of a cell that is meant to raise: where it is read."""

from __future__ import annotations

import pytest

from tabbook.source.cells.expected_error import expected_error, unread_mark


@pytest.mark.parametrize(
    ("code", "expected", "unread"),
    [
        ("# raises: ValueError\nint('x')", "ValueError", None),
        ("#raises:ValueError\nint('x')", "ValueError", None),
        ("# A wrong number\n\n# raises: ValueError\nint('x')", "ValueError", None),
        ("%%time\n# raises: KeyError  \n{}[1]", "KeyError", None),
        ("# raises: torch.OutOfMemoryError\nf()", "OutOfMemoryError", None),
        ("# raises: ValueError", "ValueError", None),
        ("# raises a ValueError\nint('x')", "", None),
        ("int('x')\n# raises: ValueError", "", 1),
        ("def f():\n    # raises: ValueError\n    int('x')", "", 1),
        ("# Raises: ValueError\nint('x')", "", 0),
        ("# raises: ValueError, KeyError\nint('x')", "", 0),
        ("# raises:\nint('x')", "", 0),
        ("print('# raises: ValueError')", "", None),
        ("", "", None),
    ],
)
def test_mark_is_read_among_the_first_comments(
    code: str, expected: str, unread: int | None
) -> None:
    assert (expected_error(code), unread_mark(code)) == (expected, unread)

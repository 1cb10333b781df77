"""Numbers that claim something are told from those that are part of names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabbook.verification.claims import numbers
from tests.support.tables import examples


@pytest.mark.parametrize(
    ("text", "expected"), examples(Path(__file__).parent / "tables/numbers.txt")
)
def test_numbers_of_a_text(text: str, expected: str) -> None:
    assert [number.text for number in numbers.claimed(text)] == expected.split()


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("0.001", "lr=1e-3"),
        ("20,000", "20_000"),
        ("2万", "20000"),
        ("50%", "0.5"),
        ("50%", "50"),
        ("10分の1", "0.1"),
        ("10分の1", "10"),
        ("2.06", "loss: 2.0625"),
        ("0.13", "0.125"),
        ("3", "(1,3)"),
        ("128", "(3,128)"),
    ],
)
def test_number_stands_in_what_is_printed(text: str, printed: str) -> None:
    (number,) = numbers.claimed(text)
    assert number.stands_in(numbers.printed([printed]))


@pytest.mark.parametrize(
    ("text", "printed"),
    [("2", "2.0625"), ("2.07", "2.0625"), ("1", "10"), ("0分の3", "3")],
)
def test_number_does_not_stand_in_another(text: str, printed: str) -> None:
    (number,) = numbers.claimed(text)
    assert not number.stands_in(numbers.printed([printed]))

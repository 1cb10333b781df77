"""Tables of examples in text files: title, input and expected, each ended by a dot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet

VISIBLE = {"␠": " ", "␉": "\t"}
"""What stands in a table for what an editor would take away."""


def examples(*files: Path, parts: int = 2) -> list[ParameterSet]:
    """Return the examples of the files as parameters of a test.

    :param parts: how many parts follow the title.
    """
    found = []
    for file in files:
        pieces = file.read_text(encoding="utf-8").split("\n.\n")
        assert not pieces.pop().strip(), f"{file}: the last example has no dot"
        assert len(pieces) % (parts + 1) == 0, f"{file}: a part is missing"
        for at in range(0, len(pieces), parts + 1):
            title, *texts = pieces[at : at + parts + 1]
            name = f"{file.stem}: {title.strip()}"
            found.append(pytest.param(*map(visible, texts), id=name))
    return found


def visible(text: str) -> str:
    for sign, meaning in VISIBLE.items():
        text = text.replace(sign, meaning)
    return text.removeprefix("\n")

"""Tables of examples in text files: title, input and expected, each ended by a dot.

``␠`` and ``␉`` stand for a space and a tab character that an editor would not keep.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet


def examples(*files: Path, parts: int = 2) -> list[ParameterSet]:
    """Return the examples of the files as parameters of a test.

    :param parts: how many parts follow the title.
    """
    cases = []
    for file in files:
        pieces = list(_pieces(file.read_text(encoding="utf-8")))
        assert len(pieces) % (parts + 1) == 0, f"{file}: a part or its dot is missing"
        for at in range(0, len(pieces), parts + 1):
            title, *texts = pieces[at : at + parts + 1]
            cases.append(pytest.param(*texts, id=f"{file.stem}: {title}"))
    return cases


def _pieces(text: str) -> Iterator[str]:
    lines: list[str] = []
    for line in text.splitlines():
        if line == ".":
            yield "\n".join(lines)
            lines = []
        else:
            lines.append(line.replace("␠", " ").replace("␉", "\t"))
    assert not lines, f"behind the last dot stands {lines}"

"""Place the blocks of several frameworks on common rows, for their comparison.

Frameworks differ in the number of their cells and texts. Blocks are paired by their
kinds, so that what each framework prints in the end stands on one line.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

TEXT, CODE, OUTPUT = "text", "code", "output"
"""Kinds of blocks: a text, a cell that prints nothing, a cell with outputs."""

HEIGHT = {TEXT: 1, CODE: 2, OUTPUT: 2}
"""Rows of a block: the code and the output of a cell have one each."""

FIRST = 2
"""The first row of blocks; the label of the framework stands above."""


class _Row:
    """A place that blocks of several frameworks share."""

    def __init__(self, kind: str) -> None:
        self.kind = kind


def rows(panels: Sequence[Sequence[str]]) -> tuple[list[list[int]], int]:
    """Return the first row of each block in each panel, and how many rows there are.

    :param panels: the kinds of the blocks of each framework.
    """
    common: list[_Row] = []
    placed = [_place(common, kinds) for kinds in panels]
    begins: dict[int, int] = {}
    at = FIRST
    for row in common:
        begins[id(row)] = at
        at += HEIGHT[row.kind]
    return [[begins[id(row)] for row in each] for each in placed], at - 1


def _place(common: list[_Row], kinds: Sequence[str]) -> list[_Row]:
    """Find the rows of a panel's blocks among the common ones; add missing rows."""
    known = [row.kind for row in common]
    matcher = SequenceMatcher(None, known, list(kinds), autojunk=False)
    placed: list[_Row] = []
    rebuilt: list[_Row] = []
    for change, begin, end, first, last in matcher.get_opcodes():
        before, own = common[begin:end], list(kinds[first:last])
        if change == "replace":
            while before and own and HEIGHT[before[0].kind] == HEIGHT[own[0]]:
                rebuilt.append(before.pop(0))
                placed.append(rebuilt[-1])
                own.pop(0)
        elif change == "equal":
            placed += before
            own = []
        new = [_Row(kind) for kind in own]
        rebuilt += [*before, *new]
        placed += new
    common[:] = rebuilt
    return placed

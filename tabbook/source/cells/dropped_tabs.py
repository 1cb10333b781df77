"""Leave out cells and texts of dropped tabs, see ``Config.dropped``.

Line numbers and the borders of all other cells stay as they are, so that dropping a
framework does not change the notebooks of the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nbformat import NotebookNode

from tabbook.source.cells import dialect
from tabbook.source.cells.expressions import TAB_MARK


def without_cells(notebook: NotebookNode, dropped: frozenset[str]) -> NotebookNode:
    """Return a notebook without the cells that belong to dropped tabs only.

    :param notebook: as ``dialect.read`` returns it; it is not changed.
    """
    if not dropped:
        return notebook
    kept = [cell for cell in notebook.cells if not _only(dialect.tabs(cell), dropped)]
    return NotebookNode({**notebook, "cells": kept})


def blanked(text: str, dropped: frozenset[str]) -> str:
    """Return a text with blank lines in place of parts of dropped tabs only.

    A cell that is never closed, and a tab whose marks do not match, stay for lint.
    """
    if not dropped:
        return text
    lines = list(dialect.lines(text))
    shown = [line.text for line in lines]
    for start, end in (*_cells(lines, dropped), *_texts(lines, dropped)):
        shown[start:end] = [""] * (end - start)
    return "\n".join([*shown, ""])


def _only(tabs: Sequence[str], dropped: frozenset[str]) -> bool:
    return bool(tabs) and dropped.issuperset(tabs)


def _cells(
    lines: Sequence[dialect.Line], dropped: frozenset[str]
) -> Iterator[tuple[int, int]]:
    """Yield the first line of each dropped cell, and the line after its last one."""
    start = 0
    for at, line in enumerate(lines):
        start = at if line.opens else start
        after = lines[at + 1] if at + 1 < len(lines) else None
        if not line.code or line.opens or (after and after.inside and not after.opens):
            continue
        cell = lines[start : at + 1]
        tabs = next(dialect.code_tabs(cell), ())
        if _closed(cell) and _only(tabs, dropped):
            yield start, at + 1


def _closed(cell: Sequence[dialect.Line]) -> bool:
    """Return whether the last line of a fence closes it, as d2lbook requires."""
    mark = cell[0].text[: len(cell[0].text) - len(cell[0].text.lstrip("`~"))]
    return cell[-1].text == mark


def _texts(
    lines: Sequence[dialect.Line], dropped: frozenset[str]
) -> Iterator[tuple[int, int]]:
    """Yield the line of each dropped tab's first mark, and the line after its last."""
    start = -1
    for at, line in enumerate(lines):
        match = None if line.code else TAB_MARK.match(line.text)
        if line.code:
            start = -1
        elif match and match["kind"] == "begin_tab" and not line.inside:
            tabs = tuple(name.strip() for name in (match["tabs"] or "").split(","))
            start = at if _only(tabs, dropped) else -1
        elif match and start >= 0:
            yield start, at + 1
            start = -1

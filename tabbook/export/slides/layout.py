"""Distribute cells over slides so that each fits and no letter gets smaller.

Heights are estimates in pixels of a slide of 1280 by 720, as ``slides.css`` sets it;
what an estimate misses scrolls.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from tabbook.export.slides.outputs import PICTURES
from tabbook.export.slides.supplements import is_block

ROOM = 590
"""Height of a slide below its title."""

LINE, CODE_LINE, PADDING, PICTURE = 42, 29, 42, 340
"""Height of a line of text and of code, of what surrounds a block, of a picture."""

TEXT = LINE + 16
"""Height of a paragraph of one line."""

COLUMNS = 90
"""Letters of a line of text; wide ones count twice."""

CODE_COLUMNS = 95
"""Letters of a line of output, which breaks there."""


@dataclass(frozen=True)
class Slide:
    """One slide."""

    title: str
    """Markdown of one line; empty for none."""
    cells: tuple[NotebookNode, ...]
    """Text, code with its outputs, or outputs alone."""


def parts(slide: Slide) -> Iterator[Slide]:
    """Yield a slide as slides that fit.

    Text keeps the code below it, or its first lines. Code that is too long goes on
    after a blank line, and outputs follow their code on the next slide.
    """
    part: list[NotebookNode] = []
    waiting = list(slide.cells)
    while waiting:
        cell = waiting.pop(0)
        room = ROOM - sum(map(height, part))
        head, rest = _cut(cell, room)
        needed = height(head)
        if cell.cell_type == "markdown" and waiting:
            needed += _least(waiting[0], ROOM - needed)
        if part and needed > room:
            kept = _trailing_text(part)
            if len(kept) == len(part):  # only text is above: scroll
                kept = []
            else:
                del part[len(part) - len(kept) :]
            yield Slide(slide.title, tuple(part))
            part, waiting = [], [*kept, cell, *waiting]
            continue
        part.append(head)
        if rest:
            yield Slide(slide.title, tuple(part))
            part, waiting = [], [rest, *waiting]
    if part or (slide.title and not slide.cells):
        yield Slide(slide.title, tuple(part))


def _trailing_text(part: list[NotebookNode]) -> list[NotebookNode]:
    """Return the cells of text at the end of a part."""
    kept: list[NotebookNode] = []
    for cell in reversed(part):
        if cell.cell_type != "markdown":
            break
        kept.insert(0, cell)
    return kept


def _cut(cell: NotebookNode, room: int) -> tuple[NotebookNode, NotebookNode | None]:
    """Return the part of a cell that fits a room, and the rest; or the cell itself."""
    if cell.cell_type == "markdown" or height(cell) <= room or not cell.source:
        return cell, None
    if height(cell) <= ROOM - TEXT:  # it fits the next slide
        return cell, None
    code = NotebookNode({**cell, "outputs": []})
    outputs = NotebookNode({**cell, "source": ""}) if cell.get("outputs") else None
    if height(code) <= room:
        return code, outputs
    paragraphs = re.split(r"\n{2,}(?=\S)", cell.source)
    for count in range(len(paragraphs) - 1, 0, -1):
        head = NotebookNode({**code, "source": "\n\n".join(paragraphs[:count])})
        if height(head) <= room:
            rest = "\n\n".join(paragraphs[count:])
            return head, NotebookNode({**cell, "source": rest})
    return (code, outputs) if room == ROOM else (cell, None)


def _least(cell: NotebookNode, room: int) -> int:
    """Return the height of the least that stands below a text."""
    return min(height(_cut(cell, room)[0]), room)


def height(cell: NotebookNode) -> int:
    """Estimate the height of a cell in pixels."""
    if cell.cell_type == "markdown":
        if is_block(cell) and cell.source.startswith("!["):
            return PICTURE + LINE
        lines = [line for line in cell.source.splitlines() if line.strip()]
        return (
            sum(math.ceil(_width(line) / COLUMNS) * LINE for line in lines)
            + TEXT
            - LINE
        )
    code = len(cell.source.splitlines()) * CODE_LINE
    return code + sum(map(_output_height, cell.get("outputs", ()))) + PADDING


def _output_height(output: NotebookNode) -> int:
    data = output.get("data", {})
    if not data.keys().isdisjoint(PICTURES):
        return PICTURE
    text = "".join(output.get("text", "") or data.get("text/plain", ""))
    lines = sum(
        math.ceil(_width(line) / CODE_COLUMNS) or 1 for line in text.splitlines()
    )
    return lines * CODE_LINE + PADDING // 2


def _width(text: str) -> int:
    return sum(_columns(text))


def _columns(text: str) -> Iterable[int]:
    return (2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)

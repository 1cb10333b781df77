"""Add to a section's slides its figures, formulas and summary, which have no marks.

Figures and displayed formulas go to the slide on which they stand. d2lbook, which
selects the slides, would join and edit their lines: it gets a placeholder for each.
"""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from markdown_it.token import Token
from nbformat import NotebookNode

from tabbook.source.cells.slide_marks import slides_of
from tabbook.source.markdown import parse

SHOWN = ("figure", "math_block", "amsmath")
"""Types of the blocks that are added."""

PLACEHOLDER = "\ue000{number}\ue001"
"""Characters for private use, which no text has."""

FOUND = re.compile("\ue000(\\d+)\ue001")

BLOCK = "tabbook_block"
"""Metadata of text that is a block as it stands, not marked texts line by line."""


def slides_with_supplements(own: NotebookNode) -> list[list[NotebookNode]]:
    """Return the cells of each slide, with figures and displayed formulas.

    :param own: one framework's cells with their outputs; it is not changed.
    :returns: an empty list if nothing is marked.
    :raises ValueError: a mark is not closed, or two overlap.
    """
    groups = slides_of(own)
    if not groups:
        return []
    blocks: list[str] = []
    replaced = copy.deepcopy(own)
    for cell in replaced.cells:
        if cell.cell_type == "markdown":
            cell.source = _with_placeholders(cell.source, blocks)
    try:
        groups = slides_of(replaced)
    except ValueError:  # a block stands within a mark: d2lbook shows it anyhow
        return groups
    slides = (
        [part for cell in cells for part in _split(cell, blocks)] for cells in groups
    )
    return _below_their_titles(slides)


def _below_their_titles(
    slides: Iterable[list[NotebookNode]],
) -> list[list[NotebookNode]]:
    """Return the slides with the blocks above a slide's title on the slide before.

    d2lbook joins the marks of a cell: what stands above a marked heading comes with it.
    """
    placed: list[list[NotebookNode]] = []
    for cells in slides:
        above = list(itertools.takewhile(is_block, cells))
        rest = cells[len(above) :]
        if not above or not rest or rest[0].cell_type == "code":
            placed.append(cells)
        elif placed:
            placed[-1].extend(above)
            placed.append(rest)
        else:
            placed.append([rest[0], *above, *rest[1:]])
    return placed


def summary_of(own: NotebookNode, title: str) -> NotebookNode | None:
    """Return the section's summary; None if it has none.

    :param title: the heading of summaries.
    """
    for cell in own.cells:
        if cell.cell_type != "markdown" or title not in cell.source:
            continue
        lines = cell.source.split("\n")
        (tokens,) = parse([cell.source])
        places = list(_headings(tokens))
        for number, (line, text) in enumerate(places):
            if text == title:
                end = [*places, (len(lines), "")][number + 1][0]
                return _block("\n".join(lines[line + 1 : end]).strip())
    return None


def is_block(cell: NotebookNode) -> bool:
    """Return whether a cell's text is one block, as it stands in the section."""
    return bool(cell.metadata.get(BLOCK))


def _headings(tokens: Sequence[Token]) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each heading."""
    for token, inline in itertools.pairwise(tokens):
        if token.type == "heading_open" and token.map:
            yield token.map[0], inline.content


def _with_placeholders(text: str, blocks: list[str]) -> str:
    """Return a text with a marked placeholder for each block, which is appended."""
    lines = text.split("\n")
    (tokens,) = parse([text])
    for token in reversed(tokens):
        if token.type in SHOWN and token.level == 0 and token.map:
            begin, end = token.map
            while end < len(lines) and lines[end].startswith(":"):
                end += 1  # the marks of its label and its width
            blocks.append("\n".join(lines[begin:end]).strip())
            mark = PLACEHOLDER.format(number=len(blocks) - 1)
            lines[begin:end] = [f"(**{mark}**)"]
    return "\n".join(lines)


def _split(cell: NotebookNode, blocks: Sequence[str]) -> Iterator[NotebookNode]:
    """Yield a cell of text as its marked texts and its blocks, in their order."""
    if cell.cell_type != "markdown":
        yield cell
        return
    for at, part in enumerate(FOUND.split(cell.source)):
        if at % 2:
            yield _block(blocks[int(part)])
        elif part.strip():
            yield NotebookNode({**cell, "source": part.strip("\n")})


def _block(text: str) -> NotebookNode:
    return NotebookNode(
        cell_type="markdown", metadata=NotebookNode({BLOCK: True}), source=text
    )

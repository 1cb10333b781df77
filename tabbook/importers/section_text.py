"""Write the text of a section from its pieces."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from tabbook.importers.conversion.inline.d2lbook_marks import ALONE
from tabbook.importers.conversion.pieces import Piece
from tabbook.source.cells import dialect
from tabbook.source.cells.expressions import HEADING
from tabbook.source.cells.fence import CELL, fenced

SWITCH = f"{dialect.LOAD}\ntab.interact_select([{{names}}])"
"""The cell with which Jupyter, with d2lbook, runs the cells of one framework."""


def section_text(
    pieces: Sequence[Piece], title: str, frameworks: Sequence[str], *, tabbed: bool
) -> str:
    """Return the source of a section.

    :param title: the heading of a page that has none of the first level.
    :param frameworks: the names of those that it has code for.
    :param tabbed: whether cells name their frameworks.
    """
    parts = list(_parts(pieces, frameworks, tabbed=tabbed))
    text = with_levels("\n\n".join(parts), title)
    if len(frameworks) > 1 and any(piece.runs for piece in pieces):
        names = ", ".join(map(repr, frameworks))
        text = _below_title(text, fenced(SWITCH.format(names=names), CELL))
    return f"{text.strip()}\n"


def _parts(
    pieces: Sequence[Piece], frameworks: Sequence[str], *, tabbed: bool
) -> Iterator[str]:
    """Yield cells and texts; neighbouring texts of one tab share its marks."""
    whole = ",".join(frameworks)
    for (runs, tabs), group in itertools.groupby(
        pieces, lambda piece: (piece.runs, piece.tabs)
    ):
        texts = _with_marks([piece.text for piece in group if piece.text.strip()])
        if runs:
            names = ", ".join(tabs) or whole
            head = f"%%tab {names}\n" if tabbed and names else ""
            yield from (fenced(head + text, CELL) for text in texts)
        elif tabs and texts:
            joined = "\n\n".join(texts)
            yield f":begin_tab:`{', '.join(tabs)}`\n{joined}\n:end_tab:"
        else:
            yield from texts


def _with_marks(texts: Sequence[str]) -> list[str]:
    """Return texts in which marks stand right below their elements."""
    joined: list[str] = []
    for text in texts:
        if joined and ALONE.fullmatch(text):
            joined[-1] += f"\n{text}"
        else:
            joined.append(text)
    return joined


def with_levels(text: str, title: str) -> str:
    """Return a text with one heading of the first level, and no level left out.

    :param title: the first heading, where the text has none of the first level.
    """
    lines = [line.text for line in dialect.lines(text)]
    headings = [
        (line.number - 1, match)
        for line in dialect.lines(text)
        if not line.inside and (match := HEADING.match(line.text))
    ]
    levels = [len(match["level"]) for _, match in headings]
    titled = bool(levels) and levels[0] == 1
    below = levels[1:] if titled else levels
    shift = 1 if 1 in below else 0
    before, shifts = 1, [] if not titled else [0]
    for level in below:
        wanted = max(2, min(level + shift, before + 1, 6))
        shifts.append(wanted - level)
        before = wanted
    for (at, match), move in zip(headings, shifts, strict=True):
        mark = match["level"]
        lines[at] = "#" * (len(mark) + move) + lines[at][len(mark) :]
    body = "\n".join(lines)
    return body if titled else f"# {title}\n\n{body}"


def _below_title(text: str, block: str) -> str:
    """Return a text with a block below its first heading and the heading's labels."""
    match = re.search(r"^# .*\n(?::label:`[^`]*`\n)*", text + "\n", re.MULTILINE)
    if not match:
        return f"{block}\n\n{text}"
    end = match.end()
    return f"{text[:end].rstrip()}\n\n{block}\n\n{text[end:].lstrip()}"


def first_heading(pieces: Sequence[Piece]) -> str:
    """Return the text of the first heading; empty if there is none."""
    headings = (
        HEADING.match(piece.text.split("\n", maxsplit=1)[0])
        for piece in pieces
        if not piece.runs
    )
    return next((match["text"] for match in headings if match), "")

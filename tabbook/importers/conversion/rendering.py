"""Write blocks of the dialect: quotations, tables, code that is shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tabbook.importers.conversion.escapes import without_slide_marks
from tabbook.importers.conversion.pieces import Piece
from tabbook.source.cells.fence import fenced


def indented(text: str, width: int) -> str:
    """Return a text moved to the right."""
    space = " " * width
    return "\n".join(space + line if line.strip() else "" for line in text.split("\n"))


def quoted(pieces: Iterable[Piece], title: str = "") -> Iterator[Piece]:
    """Yield pieces as a quotation; a cell within it stands between its parts.

    :param title: what stands above them, in the dialect.
    """
    parts = [f"**{title.replace('**', '')}**"] if title else []
    line = 0
    for piece in pieces:
        line = line or piece.line
        if piece.runs or piece.text.startswith(":begin_tab:"):
            if parts:
                yield Piece(_quotation(parts), line)
                parts, line = [], 0
            yield piece
        else:
            parts.append(piece.text)
    if parts:
        yield Piece(_quotation(parts), line)


def _quotation(parts: list[str]) -> str:
    text = "\n\n".join(parts)
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def piece_with_labels(piece: Piece, names: list[str]) -> Piece:
    """Return a text with labels below its first block."""
    marks = "\n".join(f":label:`{name}`" for name in names)
    return Piece(f"{piece.text}\n{marks}", piece.line, piece.runs, piece.tabs)


def shown_code(content: str, language: str, line: int) -> Piece:
    """Return code that does not run."""
    code = without_slide_marks(content.rstrip("\n"))
    if not code.strip():
        return Piece("", line)
    return Piece(fenced(code, language), line)


def table(rows: list[list[str]], styles: list[str] | None = None) -> str:
    """Return a table with pipes; its first row is its head."""
    width = max(map(len, rows), default=0)
    rules = [_rule(style) for style in styles or []]
    rules += ["---"] * (width - len(rules))
    filled = [row + [""] * (width - len(row)) for row in rows]
    body = [filled[0], rules, *filled[1:]]
    return "\n".join(f"| {' | '.join(row)} |" for row in body)


def _rule(style: str) -> str:
    left, right = "left" in style or "center" in style, "right" in style
    return f"{':' if left else ''}---{':' if right or 'center' in style else ''}"

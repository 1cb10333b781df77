"""Draw the cover of an EPUB from the book's title, author and colour."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from tabbook.base.config import Config, Framework
from tabbook.base.files import write_text
from tabbook.notebooks.prose import figures

NAME = "cover.png"

WIDTH, HEIGHT, MARGIN = 800, 1200, 80
"""Pixels of the drawing; shops ask for a picture of two to three in proportion."""

LARGEST, SMALLEST, MOST_LINES = 96, 40, 4
"""Pixels of the title's letters; with more lines they are set smaller."""

COVER = """<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"
 viewBox="0 0 {width} {height}" font-family="sans-serif">
<rect width="100%" height="100%" fill="{colour}"/>
<rect y="{foot}" width="100%" height="100%" fill="#fff"/>
{texts}
</svg>
"""
FOOT = 940
"""Where the white part begins, on which the author stands."""

TEXT = (
    '<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" '
    'fill="{colour}">{text}</text>'
)


def draw(config: Config, framework: Framework, versions: str, folder: Path) -> Path:
    """Draw the cover of a framework's edition.

    :param versions: the versions that made the outputs.
    :param folder: where the drawing and its SVG are written.
    :raises BookError: it cannot be drawn or written.
    """
    source, target = folder / "cover.svg", folder / NAME
    write_text(source, _svg(config, framework, versions))
    figures.draw_files({target: source})
    return target


def _svg(config: Config, framework: Framework, versions: str) -> str:
    lines, size = fitted(config.title)
    top = 200 + size
    title = _block(lines, top, size, "700", "#fff")
    below = top + len(lines) * size * 1.3
    label = _block([framework.label], below + 40, 44, "400", "#fff")
    small = _block(list(wrapped(versions, 26)), below + 100, 24, "400", "#fff")
    author = _block(list(wrapped(config.author, 18)), FOOT + 120, 36, "400", "#1d252d")
    return COVER.format(
        width=WIDTH,
        height=HEIGHT,
        foot=FOOT,
        colour=config.colour,
        texts="\n".join([*title, *label, *small, *author]),
    )


def _block(
    lines: Sequence[str], y: float, size: int, weight: str, colour: str
) -> Iterator[str]:
    """Yield lines of text, one below the other."""
    for number, line in enumerate(lines):
        yield TEXT.format(
            x=MARGIN,
            y=round(y + number * size * 1.3),
            size=size,
            weight=weight,
            colour=colour,
            text=escape(line),
        )


def fitted(title: str) -> tuple[list[str], int]:
    """Return the lines of a title, and the largest size at which they are few."""
    lines = [title]
    for size in range(LARGEST, SMALLEST - 1, -8):
        room = (WIDTH - 2 * MARGIN) / size
        lines = list(wrapped(title, room))
        if len(lines) <= MOST_LINES and all(text_width(line) <= room for line in lines):
            return lines, size
    return lines[:MOST_LINES], SMALLEST


def wrapped(text: str, room: float) -> Iterator[str]:
    """Yield lines of a text, broken at spaces and between wide characters.

    :param room: width of a line, in its size.
    """
    line = ""
    for part in _parts(text):
        if line.strip() and text_width((line + part).rstrip()) > room:
            yield line.strip()
            line = ""
        line += part
    if line.strip():
        yield line.strip()


def _parts(text: str) -> Iterator[str]:
    """Yield words with the space after them, and wide characters with what they end."""
    part = ""
    for char in text:
        if _is_wide(char) and part:
            yield part
            part = ""
        part += char
        if char == " ":
            yield part
            part = ""
    yield part


def _is_wide(char: str) -> bool:
    """Return whether a line may begin with a character: no mark, no small kana."""
    return unicodedata.east_asian_width(char) in "WF" and unicodedata.category(
        char
    ) not in ("Pe", "Pf", "Po", "Lm")


def text_width(text: str) -> float:
    """Return the width of a text in bold letters, in its size."""
    return sum(
        1.0 if unicodedata.east_asian_width(char) in "WF" else 0.62 for char in text
    )

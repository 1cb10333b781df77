"""Draw the picture that other sites show of a link to the book, with its title.

Letters are those of the engine's own tool, so that every machine draws the same.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

from tabbook.export.cover import wrapped
from tabbook.notebooks.prose import figures
from tabbook.source.book import Book

FILE = "cover.png"
"""Name of the picture, in the root folder of the site."""

WIDTH, HEIGHT = 600, 315
"""Pixels of the drawing, of which the picture has two a pixel: 1200 by 630."""

MARGIN = 48
LARGEST, SMALLEST = 46, 22
"""Sizes of the title's letters in pixels."""

LINES = 3
"""How many lines a title may have."""


def make(book: Book, folder: Path) -> str:
    """Draw the picture into a folder; return its name.

    :raises BookError: it cannot be drawn.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tabbook-", dir=folder) as scratch:
        drawing = Path(scratch) / "cover.svg"
        drawing.write_text(svg(book), encoding="utf-8")
        figures.draw_files({folder / FILE: drawing})
    return FILE


def svg(book: Book) -> str:
    """Return the picture as SVG."""
    config = book.config
    page = book.section(config.index)
    size, lines = _set((page and page.title) or config.title or config.name)
    tabs = config.frameworks if config.tabbed else ()
    labels = "  ·  ".join(framework.label for framework in tabs)
    top = (HEIGHT - size * 1.3 * len(lines)) / 2 + size * 0.75
    title = "".join(
        _text(top + size * 1.3 * at, size, 'font-weight="bold" fill="#ffffff"', line)
        for at, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{config.colour}"/>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#000000" fill-opacity="0.25"/>'
        f'<rect width="10" height="{HEIGHT}" fill="{config.colour_dark}"/>'
        + _text(60, 17, f'fill="{config.colour_dark}"', labels)
        + title
        + _text(HEIGHT - 42, 17, 'fill="#e5ecf2"', config.author)
        + "</svg>\n"
    )


def _text(top: float, size: float, style: str, text: str) -> str:
    """Return a line of text; ``style`` holds further attributes."""
    return (
        f'<text x="{MARGIN}" y="{top:.1f}" font-size="{size:g}" '
        f'font-family="sans-serif" {style}>{escape(text)}</text>'
    )


def _set(title: str) -> tuple[int, list[str]]:
    """Return the size of a title's letters and its lines; what is too long is cut."""
    for size in range(LARGEST, SMALLEST - 1, -2):
        lines = list(wrapped(title, (WIDTH - 2 * MARGIN) / size))
        if len(lines) <= LINES:
            return size, lines
    return SMALLEST, [*lines[: LINES - 1], lines[LINES - 1][:-1] + "…"]

"""Tell browsers the sizes of pictures, so that text does not move when they arrive.

All but a page's first are fetched when readers come near them: what other frameworks
draw is as much as the rest of a page.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.images import get_image_size
from sphinx.writers.html5 import HTML5Translator

PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
"""CSS pixels of the units that SVG knows."""

HEAD = 4096
"""Bytes of an SVG in which its root element is looked for."""

ROOT = re.compile(r"<(?:\w+:)?svg\b[^>]*>")
LENGTH = re.compile(r"([\d.]+)\s*([a-z]*)")
END = re.compile(r"\s*/?>\s*$")


def setup(app: Sphinx) -> None:
    """Register how pictures are written in HTML."""
    app.add_node(nodes.image, override=True, html=(visit_image, depart_image))


def visit_image(translator: HTML5Translator, node: nodes.image) -> None:
    """Write a picture with its own size, which style sheets change in proportion.

    A browser fetches the page's first picture at once, others when they are near.
    """
    file = Path(translator.builder.srcdir) / node["uri"].lstrip("/")
    written = len(translator.body)
    HTML5Translator.visit_image(translator, node)
    tag = translator.body[written] if len(translator.body) > written else ""
    if not tag.startswith("<img "):
        return
    attributes = "" if _is_first(translator, node) else ' loading="lazy"'
    size = None if "height" in node or "scale" in node else _size(file)
    if size:
        attributes += ' width="{:g}" height="{:g}"'.format(*size)
    translator.body[written] = END.sub(f"{attributes} />", tag)


def depart_image(translator: HTML5Translator, node: nodes.image) -> None:
    """Close the picture as Sphinx does."""
    HTML5Translator.depart_image(translator, node)


def _is_first(translator: HTML5Translator, node: nodes.image) -> bool:
    """Return whether no picture of the page stands above another."""
    return next(translator.document.findall(nodes.image), None) is node


@functools.lru_cache(maxsize=1024)
def _size(file: Path) -> tuple[float, float] | None:
    """Return width and height in pixels; None where they cannot be read."""
    if not file.is_file():
        return None
    if file.suffix.lower() != ".svg":
        return get_image_size(file)
    with file.open("rb") as stream:
        match = ROOT.search(stream.read(HEAD).decode("utf-8", errors="replace"))
    if not match:
        return None
    given = [_pixels(_attribute(match[0], name)) for name in ("width", "height")]
    if not all(given):
        numbers = _attribute(match[0], "viewBox").replace(",", " ").split()
        given = [_pixels(number) for number in numbers[2:]]
    width, height = (round(number) for number in [*given, 0.0, 0.0][:2])
    return (width, height) if width and height else None


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf"\s{name}\s*=\s*[\"']([^\"']*)[\"']", tag)
    return match[1].strip() if match else ""


def _pixels(length: str) -> float:
    """Return a length in pixels; 0 for a relative one."""
    match = LENGTH.fullmatch(length)
    return float(match[1]) * PIXELS.get(match[2], 0.0) if match else 0.0

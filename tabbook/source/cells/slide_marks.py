"""Slide marks: the parts of a text that slides show, such as ``(**text**)``."""

from __future__ import annotations

import copy
import functools

from nbformat import NotebookNode

from tabbook.source.cells import d2lbook_reader
from tabbook.source.cells.d2lbook_reader import unchecked

SLIDE_PAIRS = (("[**", "**]"), ("(**", "**)"), ("[~~", "~~]"), ("(~~", "~~)"))
"""Opening and closing slide marks."""


@functools.cache
@unchecked()
def without_slide_marks(text: str) -> str:
    """Remove slide marks from a text and keep the visible text.

    Text within ``(~~ ~~)`` is for slides only and is removed with its marks.

    :raises ValueError: a mark is not closed, or two overlap.
    """
    if not any(mark in text for pair in SLIDE_PAIRS for mark in pair):
        return text
    try:
        matches = d2lbook_reader.match_slide_marks(text)
    except AssertionError as error:
        raise ValueError(_reason(error)) from error
    for (opening, closing), inside in matches:
        kept = "" if opening.endswith("~~") else inside
        text = text.replace(f"{opening}{inside}{closing}", kept)
    return text


def plain(text: str) -> str:
    """Remove slide marks from a text; return it unchanged if they do not match."""
    try:
        return without_slide_marks(text)
    except ValueError:
        return text


@unchecked()
def slides_of(book: NotebookNode) -> list[list[NotebookNode]]:
    """Return the cells of each slide, as d2lbook selects them by slide marks.

    :param book: one framework's cells with their outputs; it is not changed.
    :returns: an empty list if nothing is marked.
    :raises ValueError: a mark is not closed, or two overlap.
    """
    try:
        notebook = d2lbook_reader.generate_slides(copy.deepcopy(book))
    except (AssertionError, IndexError) as error:
        raise ValueError(_reason(error) or "a mark is empty") from error
    slides: list[list[NotebookNode]] = []
    for cell in notebook.cells if notebook else ():
        begins = cell.metadata.get("slideshow", {}).get("slide_type") == "slide"
        if begins or not slides:
            slides.append([])
        if cell.source.strip() or cell.get("outputs"):
            slides[-1].append(cell)
    return [cells for cells in slides if cells]


def _reason(error: Exception) -> str:
    """Return the beginning of d2lbook's message, which goes on with the whole text."""
    return str(error).split(" in ")[0]

"""What a picture that code drew says to those who cannot see it."""

from __future__ import annotations

import html
import re

from nbformat import NotebookNode

from tabbook.base.translations import texts

SVG = "image/svg+xml"
TEXT = re.compile(r"<text[^>]*>(?P<text>.*?)</text>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")


def described(cell: NotebookNode, language: str) -> str:
    """Return the words in the pictures of a cell; empty where there is no picture.

    Titles, axes and legends say what a plot shows; the numbers along its axes do not.
    """
    data = [output.get("data", {}) for output in cell.get("outputs", ())]
    if not any(kind.startswith("image/") for one in data for kind in one):
        return ""
    labels = [
        html.unescape(TAG.sub("", match["text"])).strip()
        for one in data
        for match in TEXT.finditer("".join(one.get(SVG, "")))
    ]
    words = dict.fromkeys(text for text in labels if re.search("[^\\W\\d_]", text))
    name = texts(language, "plots")["plot"]
    return f"{name}: {', '.join(words)}" if words else name

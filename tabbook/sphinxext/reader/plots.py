"""Write the alternative text of images that code has drawn."""

from __future__ import annotations

import html
import re

from nbformat import NotebookNode

from tabbook.base.translations import texts

SVG = "image/svg+xml"
TEXT = re.compile(r"<text[^>]*>(?P<text>.*?)</text>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
LETTER = re.compile(r"[^\W\d_]")


def alternative_text(outputs: list[NotebookNode], language: str) -> str:
    """Return the text in the SVG images of outputs.

    Titles, axes and legends describe a plot; the numbers along its axes are left out.

    :returns: empty if there is no image.
    """
    bundles = [output.get("data", {}) for output in outputs]
    if not any(kind.startswith("image/") for bundle in bundles for kind in bundle):
        return ""
    labels = [
        html.unescape(TAG.sub("", match["text"])).strip()
        for bundle in bundles
        for match in TEXT.finditer("".join(bundle.get(SVG, "")))
    ]
    words = dict.fromkeys(label for label in labels if LETTER.search(label))
    name = texts(language, "plots")["plot"]
    return f"{name}: {', '.join(words)}" if words else name

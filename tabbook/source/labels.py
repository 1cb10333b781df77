"""Labels: places that references point at, and the numbers they get."""

from __future__ import annotations

from dataclasses import dataclass

from tabbook.base.translations import texts
from tabbook.source.expressions import HEADING, LABEL, MARK
from tabbook.source.section import Section
from tabbook.source.slide_marks import plain


@dataclass(frozen=True)
class Label:
    """A place that references can point at."""

    name: str
    section: str
    """Name of the section that contains it."""
    line: int
    kind: str
    """``section``, ``figure``, ``table`` or ``equation``."""
    text: str
    """Text of a reference to it: the heading, or kind and number."""


def labels_of(section: Section, language: str) -> list[Label]:
    """Return the labels of one section in the order of its lines."""
    counts = {"figure": 0, "table": 0, "equation": 0}
    templates = texts(language, "labels")
    labels = []
    above = ""
    for line in section.lines:
        match = None if line.inside else LABEL.match(line.text.strip())
        if not match:
            if line.text.strip() and not MARK.fullmatch(line.text.strip()):
                above = line.text.strip()
            continue
        kind = _kind(match["kind"], above)
        if kind == "section":
            heading = HEADING.match(above)
            text = plain(heading["text"]) if heading else section.title
        else:
            counts[kind] += 1
            text = templates[kind].format(number=counts[kind])
        labels.append(Label(match["name"], section.name, line.number, kind, text))
    return labels


def caption(language: str, number: str, text: str) -> str:
    """Return the caption of a figure or a table.

    :param number: kind and number, such as ``Figure 1``; empty for none.
    :param text: the caption in the source; empty for none.
    """
    if number and text:
        return texts(language, "labels")["caption"].format(number=number, text=text)
    return number or text


def _kind(mark: str, above: str) -> str:
    """Return the kind of a label from its mark and from the line above it."""
    if mark == "eqlabel":
        return "equation"
    if above.startswith("!["):
        return "figure"
    return "table" if above.startswith("|") else "section"

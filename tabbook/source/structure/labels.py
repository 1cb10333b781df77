"""Labels: places that references point at, and the numbers they get."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markdown_it.token import Token

from tabbook.base.translations import texts
from tabbook.source.cells.expressions import LABEL
from tabbook.source.markdown.tokens import attached_labels
from tabbook.source.prose import Prose
from tabbook.source.section import Section
from tabbook.source.structure.numbering import Count

KINDS = {
    "figure": "figure",
    "heading_open": "section",
    "math_block": "equation",
    "table_open": "table",
}
"""Kind of a labelled element, by the type of its token, for both marks."""


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
    """Markdown of a reference to it: the heading, or kind and number."""
    number: str = ""
    """The number, such as ``1.2.3``; empty for a section."""
    tabs: tuple[str, ...] = ()
    """The frameworks whose text has it; empty for all."""

    def shown_in(self, frameworks: Iterable[str]) -> bool:
        """Return whether the text of any of the frameworks has it."""
        return not self.tabs or any(name in self.tabs for name in frameworks)


def labels_of(section: Section, language: str, count: Count) -> list[Label]:
    """Return the labels of one section in the order of its lines.

    :param count: has counted the labels of the sections before; it goes on.
    """
    templates = texts(language, "labels")
    labels = []
    for prose, token, mark, heading in _marks(section):
        line, kind = prose.line_of(mark), _kind(token, mark)
        name = mark.meta["name"]
        if kind == "section":
            text, number = heading or section.title, ""
        else:
            number = count.next(kind, section.name, line)
            text = templates[kind].format(number=number)
        labels.append(Label(name, section.name, line, kind, text, number, prose.tabs))
    return labels


def caption(language: str, number: str, text: str) -> str:
    """Return the caption of a figure or a table.

    :param number: kind and number, such as ``Figure 1``; empty for none.
    :param text: the caption in the source; empty for none.
    """
    before, after = around_caption(language, number, has_text=bool(text))
    return f"{before}{text}{after}"


def around_caption(language: str, number: str, *, has_text: bool) -> tuple[str, str]:
    """Return the texts before and after the text of a caption.

    :param number: kind and number, such as ``Figure 1``; empty for none.
    """
    if not number or not has_text:
        return number, ""
    before, after = texts(language, "labels")["caption"].split("{text}")
    return before.format(number=number), after


def _marks(section: Section) -> Iterator[tuple[Prose, Token, Token, str]]:
    """Yield text, what is labelled, mark, and the heading's text for each label."""
    for prose in section.prose:
        tokens = prose.tokens
        for at, token in enumerate(tokens):
            heading = ""
            if token.type == "heading_open":
                heading = LABEL.sub("", tokens[at + 1].content).strip()
            for mark in attached_labels(token):
                yield prose, token, mark, heading
            for child in token.children or () if token.type == "inline" else ():
                if child.type == "label":
                    yield prose, token, child, ""


def _kind(token: Token, mark: Token) -> str:
    """Return the kind of a label by its element."""
    otherwise = "equation" if mark.meta["kind"] == "eqlabel" else "section"
    return KINDS.get(token.type, otherwise)

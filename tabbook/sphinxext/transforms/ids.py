"""Give headings ASCII ids that depend on their text, and every page a heading.

A label of the source is an id already. Sphinx numbers the Japanese headings without a
label, so a new heading would break every link to those below it.

Sphinx also numbers figures and tables, and the number comes first. docutils writes the
other ids inside of the element, at the foot of a picture, where a link would lead to
the caption: what has a label loses its number.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from pathlib import PurePosixPath

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from tabbook.sphinxext.settings import BEGIN, book_of

NUMBERED = re.compile(r"id\d+")
"""An id that Sphinx made from the position of a heading."""


def setup(app: Sphinx) -> None:
    """Register the transforms."""
    app.add_transform(PageTitle)
    app.add_transform(StableIds)
    app.add_transform(LabelIds)


class PageTitle(SphinxTransform):
    """Give a page without a heading the title that lint names.

    Tables of contents have no link to a page without a title.
    """

    default_priority = 240
    """Before ids are given."""

    def apply(self, **kwargs: object) -> None:
        """Put what stands outside of the page's sections into one with a title."""
        children = self.document.children
        own = list(itertools.takewhile(lambda node: not _of_solutions(node), children))
        if any(isinstance(node, nodes.section) for node in own):
            return
        title = self._title()
        page = nodes.section("", nodes.title(title, title), *own)
        for inner in list(page.findall(nodes.section)):
            if inner is not page and inner.children[0].astext() == title:
                inner.replace_self(inner.children[1:] or nodes.comment())
        self.document[: len(own)] = [page]
        self.document.note_implicit_target(page)

    def _title(self) -> str:
        book = book_of(self)
        section = book.section(self.env.docname)
        root = self.env.docname == book.config.index
        return (root and book.config.title) or (section.title if section else "")


def _of_solutions(node: nodes.Node) -> bool:
    return isinstance(node, nodes.section) and (node.line or 0) >= BEGIN


class StableIds(SphinxTransform):
    """Replace numbered ids by ones made of the page's name and the heading's digest."""

    default_priority = 250
    """Before docutils copies the targets of labels to the elements that follow them."""

    def apply(self, **kwargs: object) -> None:
        """Replace the numbered ids of every section on the page."""
        stem = nodes.make_id(PurePosixPath(self.env.docname).name) or "section"
        for section in self.document.findall(nodes.section):
            numbered = [name for name in section["ids"] if NUMBERED.fullmatch(name)]
            if numbered:
                self._replace(section, numbered, self._unused_id(stem, section))

    def _replace(
        self, section: nodes.section, numbered: list[str], stable: str
    ) -> None:
        """Replace ids of a section in the section itself and in docutils' tables."""
        kept = [name for name in section["ids"] if name not in numbered]
        section["ids"] = [*kept, stable]
        for name in numbered:
            self.document.ids.pop(name, None)
        self.document.ids[stable] = section
        for title, name in list(self.document.nameids.items()):
            if name in numbered:
                self.document.nameids[title] = stable

    def _unused_id(self, stem: str, section: nodes.section) -> str:
        """Return an id that is unique on the page; equal headings differ by a count."""
        heading = section.next_node(nodes.title)
        title = heading.astext() if heading else ""
        for count in itertools.count():
            text = f"{title} {count}" if count else title
            digest = hashlib.sha256(text.encode()).hexdigest()[:6]
            name = f"{stem}-{digest}"
            if name not in self.document.ids:
                break
        return name


class LabelIds(SphinxTransform):
    """Remove the numbered ids of labelled elements."""

    default_priority = 261
    """Right after docutils copies the targets of labels to the elements after them."""

    def apply(self, **kwargs: object) -> None:
        """Remove the numbered ids of the page's figures and tables."""
        for node in self.document.findall(nodes.Element):
            if isinstance(node, nodes.figure | nodes.table):
                labels = [name for name in node["ids"] if not NUMBERED.fullmatch(name)]
                node["ids"] = labels or node["ids"]

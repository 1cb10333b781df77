"""Fold the parts of a page whose headings call them advanced, such as 「発展：」.

They stay sections, so that contents, numbers, labels and search know them as such; only
the pages' HTML differs. Notebooks and the formats of one framework show them in full.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.writers.html5 import HTML5Translator

from tabbook.base.translations import texts

ADVANCED = "advanced"
"""Class of a section that is folded."""


def setup(app: Sphinx) -> None:
    """Register the transform and how its sections are written in HTML."""
    app.add_transform(MarkAdvanced)
    for node, visit, depart in (
        (nodes.section, visit_section, depart_section),
        (nodes.title, visit_title, depart_title),
    ):
        app.add_node(node, override=True, html=(visit, depart))


def is_advanced(node: nodes.Node | None) -> bool:
    """Return whether a node is a section that is folded."""
    return isinstance(node, nodes.section) and ADVANCED in node["classes"]


class MarkAdvanced(SphinxTransform):
    """Mark the sections whose headings begin with the book's word for it."""

    default_priority = 855
    """Before solutions are put on the page."""

    def apply(self, **kwargs: object) -> None:
        """Give the sections their class; a page is never folded as a whole."""
        if self.config.tabbook_framework:
            return
        words = texts(self.config.language, "headings")["advanced"].split(", ")
        begins = re.compile(rf"(?:{'|'.join(map(re.escape, words))})\s*[:：]", re.I)
        for section in self.document.findall(nodes.section):
            title = section.next_node(nodes.title)
            inner = section.parent is not self.document
            if inner and title and begins.match(title.astext()):
                section["classes"].append(ADVANCED)


def visit_section(translator: HTML5Translator, node: nodes.section) -> None:
    """Open a section, and below its tag the ``details`` element."""
    HTML5Translator.visit_section(translator, node)
    if is_advanced(node):
        translator.body.append('<details class="fold">')


def depart_section(translator: HTML5Translator, node: nodes.section) -> None:
    """Close the elements that ``visit_section`` has opened."""
    if is_advanced(node):
        translator.body.append("</details>\n")
    HTML5Translator.depart_section(translator, node)


def visit_title(translator: HTML5Translator, node: nodes.title) -> None:
    """Open a heading; that of a folded section is the ``summary`` element."""
    if is_advanced(node.parent):
        translator.body.append("<summary>")
    HTML5Translator.visit_title(translator, node)


def depart_title(translator: HTML5Translator, node: nodes.title) -> None:
    """Close the elements that ``visit_title`` has opened."""
    HTML5Translator.depart_title(translator, node)
    if is_advanced(node.parent):
        translator.body.append("</summary>\n")

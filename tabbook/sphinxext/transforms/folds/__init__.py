"""Parts of a page that a reader opens, as ``details`` elements."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator


def setup(app: Sphinx) -> None:
    """Register the nodes of folds."""
    app.add_node(fold, html=(visit_fold, depart_fold))
    app.add_node(fold_title, html=(visit_fold_title, depart_fold_title))


class fold(nodes.General, nodes.Element):  # type: ignore[misc]  # noqa: N801
    """Content that a reader unfolds: a ``fold_title`` and the rest."""


class fold_title(nodes.TextElement):  # type: ignore[misc]  # noqa: N801
    """The visible title of a fold."""


def visit_fold(translator: HTML5Translator, node: fold) -> None:
    """Open the ``details`` element."""
    translator.body.append(translator.starttag(node, "details"))


def depart_fold(translator: HTML5Translator, node: fold) -> None:
    """Close the element."""
    translator.body.append("</details>\n")


def visit_fold_title(translator: HTML5Translator, node: fold_title) -> None:
    """Open the ``summary`` element."""
    translator.body.append(translator.starttag(node, "summary", ""))


def depart_fold_title(translator: HTML5Translator, node: fold_title) -> None:
    """Close the element."""
    translator.body.append("</summary>\n")

"""Text that is struck out, which docutils has no node for."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxTranslator


class strike(nodes.Inline, nodes.TextElement):  # type: ignore[misc]  # noqa: N801
    """Struck-out text."""


def setup(app: Sphinx) -> None:
    """Register the node with its forms in HTML, EPUB and LaTeX."""
    app.add_node(
        strike, html=(_open_html, _close_html), latex=(_open_latex, _close_latex)
    )
    app.add_latex_package("ulem", "normalem")


def _open_html(translator: SphinxTranslator, node: strike) -> None:
    translator.body.append("<s>")


def _close_html(translator: SphinxTranslator, node: strike) -> None:
    translator.body.append("</s>")


def _open_latex(translator: SphinxTranslator, node: strike) -> None:
    translator.body.append(r"\sout{")


def _close_latex(translator: SphinxTranslator, node: strike) -> None:
    translator.body.append("}")

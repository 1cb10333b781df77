"""Write formulas as MathML, and remove duplicate ids of formulas and tables."""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from tabbook.source.formulas import UnsetFormula, convert
from tabbook.sphinxext.epub.mathml import as_mathml_3
from tabbook.sphinxext.transforms.lines import NEVER_FIRST, NEVER_LAST

NAMESPACE = ' xmlns="http://www.w3.org/1998/Math/MathML"'
"""What XHTML needs and HTML knows."""

LOGGER = logging.getLogger(__name__)


def setup(app: Sphinx) -> None:
    """Register the renderer of formulas under the name ``mathml``."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    app.add_post_transform(UniqueIds)
    app.add_post_transform(KeepMarks)


class UniqueIds(SphinxPostTransform):
    """Remove duplicate ids: Furo copies those of a table or formula to its wrapper."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Keep an id on the inner of two elements that share it."""
        for wrapper in self.document.findall(nodes.container):
            for inner in wrapper.children[:1]:
                if isinstance(inner, nodes.table | nodes.math_block):
                    wrapper["ids"] = [
                        name for name in wrapper["ids"] if name not in inner["ids"]
                    ]


class KeepMarks(SphinxPostTransform):
    """Keep a mark of punctuation on the line of the formula that it follows.

    Browsers break lines before and after a formula, whatever stands there.
    """

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Put each formula into an element with the marks that touch it."""
        for formula in list(self.document.findall(nodes.math)):
            self._keep(formula)

    def _keep(self, formula: nodes.math) -> None:
        parent, place = formula.parent, formula.parent.index(formula)
        before = parent[place - 1] if place else None
        after = parent[place + 1] if place + 1 < len(parent) else None
        opening = _marks(before, NEVER_LAST, at_end=True)
        closing = _marks(after, NEVER_FIRST, at_end=False)
        if not opening and not closing:
            return
        kept = nodes.inline("", "", classes=["kept"])
        parent[place] = kept
        kept += [nodes.Text(opening), formula, nodes.Text(closing)]
        if before is not None and opening:
            parent.replace(before, nodes.Text(before.astext()[: -len(opening)]))
        if after is not None and closing:
            parent.replace(after, nodes.Text(after.astext()[len(closing) :]))


def _marks(text: nodes.Node | None, marks: frozenset[str], *, at_end: bool) -> str:
    """Return the marks with which a text begins or ends; none for other nodes."""
    if not isinstance(text, nodes.Text):
        return ""
    letters: str = text.astext()
    chars = "".join(marks)
    if at_end:
        return letters[len(letters.rstrip(chars)) :]
    return letters[: len(letters) - len(letters.lstrip(chars))]


def visit_math(translator: HTML5Translator, node: nodes.math) -> None:
    """Write an inline formula as MathML."""
    translator.body.append(_mathml(translator, node, display=False))
    raise nodes.SkipNode


def visit_math_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write a displayed formula as MathML, followed by its number if it has any."""
    translator.body.append(translator.starttag(node, "div", CLASS="math-block"))
    translator.body.append(_mathml(translator, node, display=True))
    if number := node.get("number"):
        translator.body.append(f'<span class="eqno">({number})</span>')
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def _mathml(translator: HTML5Translator, node: nodes.Element, *, display: bool) -> str:
    """Return the MathML of a formula, or its TeX as code if it cannot be set."""
    macros = translator.config.tabbook_book().config.macros
    result = convert(node.astext(), display=display, macros=macros)
    if isinstance(result, UnsetFormula):
        warn_unset(node, result)
        return f'<code class="formula">{escape(node.astext())}</code>'
    if translator.builder.name == "epub":
        return as_mathml_3(result)
    return result.replace(NAMESPACE, "", 1)


def warn_unset(node: nodes.Element, unset: UnsetFormula) -> None:
    """Warn of a formula that is shown as its TeX."""
    LOGGER.warning(
        "%s",
        unset.message(node.astext()),
        location=node,
        type="tabbook",
        subtype="formula",
    )

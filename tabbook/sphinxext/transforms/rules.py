"""Keep a horizontal rule where docutils allows none: first, last or twice in a row."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

HTML, LATEX = '<hr class="docutils">', r"\par\noindent\hrulefill\par"


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(LooseRules)


class LooseRules(SphinxTransform):
    """Replace the rules that docutils would refuse by the formats' own code."""

    default_priority = 829
    """Right before docutils checks the place of each rule."""

    def apply(self, **kwargs: object) -> None:
        """Replace the rules of the page that stand first, last or below another."""
        for rule in list(self.document.findall(nodes.transition)):
            if _is_loose(rule):
                html = nodes.raw("", HTML, format="html")
                rule.replace_self([html, nodes.raw("", LATEX, format="latex")])


def _is_loose(rule: nodes.transition) -> bool:
    parent = rule.parent
    at = parent.index(rule)
    before = parent[at - 1] if at else None
    return (
        not isinstance(parent, nodes.section | nodes.document)
        or isinstance(before, nodes.title | nodes.transition | nodes.raw | None)
        or at == len(parent) - 1
    )

"""Let figures and tables have the ids of their labels only.

Sphinx gives each a number as its first id. docutils writes the others inside of the
element, at the foot of a picture, where a link would lead to the caption.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from tabbook.sphinxext.transforms.headings import NUMBERED


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(LabelIds)


class LabelIds(SphinxTransform):
    """Remove the numbered ids of what has a label."""

    default_priority = 261
    """Right after docutils copies the targets of labels to what follows them."""

    def apply(self, **kwargs: object) -> None:
        """Remove the numbered ids of the page's figures and tables."""
        for node in self.document.findall(nodes.Element):
            if isinstance(node, nodes.figure | nodes.table):
                labels = [name for name in node["ids"] if not NUMBERED.fullmatch(name)]
                node["ids"] = labels or node["ids"]

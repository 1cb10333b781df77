"""Fold the code or the outputs of cells that marks such as ``#@fold`` name."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from tabbook.base.translations import texts
from tabbook.sphinxext.transforms.folds import fold, fold_title

FOLDS = "tabbook_folds"
"""Metadata of a cell: its folded parts, ``code``, ``output`` or both."""

PARTS = {"cell_code_source": "code", "cell_code_output": "output"}
"""Parts of a cell by their classes in MyST-NB."""


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(FoldCells)


class FoldCells(SphinxTransform):
    """Put the parts of a cell that are folded into one fold."""

    default_priority = 850
    """Before cells become tabs."""

    def apply(self, **kwargs: object) -> None:
        """Fold cells on pages; formats of one framework have no folds."""
        if self.config.tabbook_framework:
            return
        words = texts(self.config.language, "cells")
        for cell in self.document.findall(nodes.container):
            folds = cell.get("cell_metadata", {}).get(FOLDS, ())
            folded = [part for part in cell.children if _kind(part) in folds]
            if not folded:
                continue
            title = words["_and_".join(map(_kind, folded))]
            at = cell.index(folded[0])
            box = fold("", fold_title(title, title), *folded, ids=[], classes=["fold"])
            cell[at : at + len(folded)] = [box]


def _kind(part: nodes.Node) -> str:
    element = part.get("nb_element") if isinstance(part, nodes.container) else ""
    return PARTS.get(element or "", "")

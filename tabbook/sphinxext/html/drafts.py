"""Labels on the cells of a draft whose outputs are not those of their code."""

from __future__ import annotations

from docutils import nodes
from sphinx.writers.html5 import HTML5Translator

from tabbook.base.translations import texts
from tabbook.sphinxext.reader.drafts import STATE
from tabbook.sphinxext.transforms.rows import FIRST
from tabbook.sphinxext.transforms.tabs import ROW


def open_tag(translator: HTML5Translator, cell: nodes.container) -> str:
    """Return the opening tag of a cell or a part of it, with a label for its state."""
    state = cell.get("cell_metadata", {}).get(STATE)
    placed = cell.get(ROW, FIRST) != FIRST
    row = {"style": f"--row:{cell[ROW]}"} if placed else {}
    if not state:
        return str(translator.starttag(cell, "div", suffix="", **row))
    label = texts(translator.config.language, "preview")[state]
    tag = translator.starttag(cell, "div", **{"data-state": state}, **row)
    return f'{tag}<p class="state">{label}</p>\n'

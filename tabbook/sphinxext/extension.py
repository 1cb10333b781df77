"""Register the features with Sphinx; each module has a ``setup`` of its own."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from tabbook import __version__
from tabbook.sphinxext import epub, latex, mime
from tabbook.sphinxext.html import (
    code,
    contents,
    image_sizes,
    languages,
    mathml,
    page,
    policy,
    search,
    site,
    theme,
    translations,
)
from tabbook.sphinxext.reader import files, parser, reader, toctree, without_execution
from tabbook.sphinxext.transforms import (
    advanced,
    cover,
    folded_cells,
    folds,
    headings,
    hints,
    images,
    instructions,
    labels,
    lines,
    rules,
    solutions,
    strike,
    tabs,
    terms,
)

FEATURES = (
    *(reader, parser, toctree, folds, folded_cells, advanced, solutions, terms, tabs),
    *(cover, hints, image_sizes),
    *(strike, headings, labels, rules, lines, images, instructions, mime, files),
    *(code, mathml, epub, latex, theme, contents, page, policy, site, search),
    translations,
    languages,
)
"""In the order in which Sphinx calls their event handlers."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Register MyST-NB without its execution, then every feature."""
    without_execution.install()
    app.setup_extension("myst_nb")
    for feature in FEATURES:
        feature.setup(app)
    return {
        "version": __version__,
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }

"""Register the features with Sphinx; each module has a ``setup`` of its own."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from tabbook import __version__
from tabbook.sphinxext import assets, epub, latex, mime
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
)
from tabbook.sphinxext.reader import files, parser, reader, toctree
from tabbook.sphinxext.transforms import (
    cover,
    folds,
    ids,
    images,
    instructions,
    lines,
    rules,
    strike,
    tabs,
    terms,
)
from tabbook.sphinxext.transforms.folds import advanced, cells, hints, solutions

FEATURES = (
    *(reader, parser, toctree, folds, cells, advanced, solutions, terms, tabs),
    *(cover, hints, image_sizes),
    *(strike, ids, rules, lines, images, instructions, mime, files),
    *(code, mathml, epub, latex, theme, assets, contents, page, policy, site, search),
    languages,
)
"""In the order in which Sphinx calls their event handlers."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Register MyST-NB, then every feature."""
    app.setup_extension("myst_nb")
    for feature in FEATURES:
        feature.setup(app)
    return {
        "version": __version__,
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }

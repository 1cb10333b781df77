"""Write the LaTeX of one framework's book: transforms of the document, settings."""

from __future__ import annotations

from sphinx.application import Sphinx

from tabbook.sphinxext.latex.alternatives import AlternativeTexts
from tabbook.sphinxext.latex.breaks import Breaks
from tabbook.sphinxext.latex.formulas import Formulas
from tabbook.sphinxext.latex.terms import DottedTerms
from tabbook.sphinxext.latex.transforms import (
    Anchors,
    DrawPictures,
    FrontMatter,
    Warned,
)


def setup(app: Sphinx) -> None:
    """Register the transforms that only LaTeX needs."""
    app.connect("builder-inited", _add_front_matter)
    app.add_post_transform(Formulas)
    app.add_post_transform(Anchors)
    app.add_post_transform(Breaks)
    app.add_post_transform(DottedTerms)
    app.add_post_transform(DrawPictures)
    app.add_post_transform(AlternativeTexts)
    app.add_post_transform(Warned)


def _add_front_matter(app: Sphinx) -> None:
    """Register a transform that runs while reading, where Sphinx checks no format."""
    if app.builder.format == "latex":
        app.add_transform(FrontMatter)

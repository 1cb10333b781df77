"""Style sheets and scripts of pages, as small as they can be.

The theme's own files are written without comments and blanks. Of Furo's style sheet,
there are two: all of it, and what is left for pages without admonitions, footnotes and
the like (``plain_sheet``). Each page links the one it needs, so that no page depends on
what others show. Files of the book are left as they are.
"""

from __future__ import annotations

from sphinx.application import Sphinx

from tabbook.sphinxext.assets import builder, sheets


def setup(app: Sphinx) -> None:
    """Register the builder, which writes the files, and the choice of the sheet."""
    builder.setup(app)
    sheets.setup(app)

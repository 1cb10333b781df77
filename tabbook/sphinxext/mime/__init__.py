"""Show outputs of every MIME type: on pages, in PDF and in EPUB.

``forms`` chooses what is shown of an output, before MyST-NB sees it; ``plugin`` renders
what MyST-NB does not; ``epub`` writes HTML as e-readers accept it.
"""

from __future__ import annotations

from sphinx.application import Sphinx


def setup(app: Sphinx) -> None:
    """Register the renderers."""
    from tabbook.sphinxext.mime import epub, plugin

    plugin.install()
    epub.setup(app)

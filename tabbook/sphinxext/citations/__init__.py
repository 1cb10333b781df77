"""Citations on pages, in EPUB and PDF: sphinxcontrib-bibtex with the book's entries.

An extension of its own, which only a book that cites loads. ``nodes`` creates the nodes
of citations and of lists of references, ``references`` writes the lists, and ``update``
gives sphinxcontrib-bibtex the entries and finds the pages to write again.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from tabbook.sphinxext.citations import references, update


def setup(app: Sphinx) -> dict[str, Any]:
    """Register sphinxcontrib-bibtex and the changes to it."""
    app.setup_extension("sphinxcontrib.bibtex")
    for feature in (update, references):
        feature.setup(app)
    return {"env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}

"""The theme of the pages, a child of Furo."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx

FOLDER = Path(__file__).parent.parent / "theme"
"""Templates at its root, and in ``static`` what every page may load."""


def setup(app: Sphinx) -> None:
    """Register the theme under the name that ``settings`` selects."""
    app.add_html_theme("tabbook", str(FOLDER))

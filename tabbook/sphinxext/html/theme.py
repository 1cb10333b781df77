"""The theme of the pages, a child of Furo, and the translations that it lacks."""

from __future__ import annotations

import gettext
from pathlib import Path

from sphinx.application import Sphinx

from tabbook.base.translations import texts

FOLDER = Path(__file__).parent.parent / "theme"
"""Templates at its root, and in ``static`` what every page may load."""


class Fallback(gettext.NullTranslations):
    """Catalogue that Sphinx consults after its own."""

    def __init__(self, language: str) -> None:
        """Load the messages of a language; without any, messages stay English."""
        super().__init__()
        self._messages = texts(language, "sphinx")

    def gettext(self, message: str) -> str:
        """Return the translation of a message, or the message itself."""
        return self._messages.get(message, message)


def setup(app: Sphinx) -> None:
    """Register the theme under its name in ``settings``, and the translations."""
    app.add_html_theme("tabbook", str(FOLDER))
    app.connect("builder-inited", _add_fallback)


def _add_fallback(app: Sphinx) -> None:
    app.translator.add_fallback(Fallback(app.config.language))

"""Translate messages of Furo and Sphinx that are missing in Sphinx's catalogue."""

from __future__ import annotations

import gettext

from sphinx.application import Sphinx

from tabbook.base.translations import texts


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
    """Add the catalogue when the book's language is known."""
    app.connect("builder-inited", _add_fallback)


def _add_fallback(app: Sphinx) -> None:
    app.translator.add_fallback(Fallback(app.config.language))

"""Link each page of a site to the same page in the book's other languages."""

from __future__ import annotations

import posixpath
from typing import Any
from urllib.parse import urljoin

from babel import Locale
from babel.core import UnknownLocaleError
from docutils import nodes
from sphinx.application import Sphinx

from tabbook.sphinxext.modes import Language, Served


def setup(app: Sphinx) -> None:
    """Register the links with every page."""
    app.connect("html-page-context", add_links)


def add_links(
    app: Sphinx,
    name: str,
    template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    """Add the links that readers see, and the addresses that search engines read."""
    mode = app.config.tabbook_mode
    languages = mode.languages if isinstance(mode, Served) else ()
    here = app.builder.get_target_uri(name)
    paths = [(each.tag, _path(app, each, name)) for each in languages]
    context["languages"] = [
        (tag, native_name(tag), posixpath.relpath(path, posixpath.dirname(here) or "."))
        for tag, path in paths
    ]
    shown = doctree is not None and bool(languages) and bool(mode.address)
    context["alternates"] = [
        (tag, urljoin(mode.address, path))
        for tag, path in [(app.config.language, here), *paths]
        if shown
    ]


def native_name(tag: str) -> str:
    """Return a language's own name; its tag where the name is unknown."""
    try:
        return Locale.parse(tag, sep="-").get_display_name() or tag
    except (UnknownLocaleError, ValueError):
        return tag


def _path(app: Sphinx, language: Language, name: str) -> str:
    """Return the way from the root of the site to a page in another language.

    It leads to the root page where the page is not translated.
    """
    page = name if name in language.pages else language.index
    return posixpath.normpath(language.folder + app.builder.get_target_uri(page))

"""Choose for each page between Furo's whole style sheet and the plain one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.environment import BuildEnvironment

from tabbook.base.config import Config
from tabbook.sphinxext.assets.plain_sheet import PlainSheet, reduce, words
from tabbook.sphinxext.html.theme import FOLDER
from tabbook.sphinxext.settings import book_of

WHOLE = "styles/furo.css"
PLAIN = "styles/furo-plain.css"
"""Files in ``_static``, and in the folders that themes copy to it."""

LINK = re.compile(rf"{re.escape(WHOLE)}(?:\?v=\w+)?(?=\")")
"""The address of the whole sheet in a page."""

WRITTEN = frozenset({
    *("align-center", "align-default", "arabic", "caption-text", "code", "compound"),
    *("container", "current-page", "docutils", "external", "figure", "glossary"),
    *("has-children", "headerlink", "highlight", "internal", "literal", "math-wrapper"),
    *("reference", "section", "sidebar-sticky", "simple", "table-wrapper", "text-left"),
    *("text-center", "text-right", "toc-sticky", "toc-title", "toc-title-container"),
    *("toc-tree-container", "toctree-checkbox", "toctree-l1", "toctree-wrapper"),
})  # fmt: skip
"""Classes that docutils, Sphinx and Furo write for plain text, lists, figures, tables
and links. A name that is missing here makes pages heavier and never wrong."""

STATE = "tabbook_plain_sheet"
"""Attribute of Sphinx's environment: the digest of the sources and the plain sheet."""


def setup(app: Sphinx) -> None:
    """Register the handlers that make the sheet and pass it to templates."""
    app.connect("env-updated", make)
    app.connect("html-page-context", _add)


def make(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Keep the plain sheet in the environment; it takes long to make.

    :returns: no page: those that link it are written again where its sources, the
        theme and the book's styles, have changed.
    """
    if not _applies(app.builder):
        return []
    whole, known = _sources(app)
    sources = "\0".join([app.config.tabbook_engine, whole, *sorted(known)])
    made_from = hashlib.sha256(sources.encode()).hexdigest()
    if getattr(env, STATE, ("", None))[0] != made_from:
        setattr(env, STATE, (made_from, reduce(whole, known)))
    return []


def plain_sheet(builder: Builder) -> PlainSheet | None:
    """Return the plain sheet of a build; None if pages need the whole."""
    sheet: PlainSheet | None = getattr(builder.env, STATE, ("", None))[1]
    return sheet if _applies(builder) else None


def lightest(page: str, context: dict[str, Any]) -> str:
    """Return a finished page with a link to the plain sheet, if that suits it."""
    sheet: PlainSheet | None = context.get("plain_sheet")
    if sheet is None or not sheet.suits(page):
        return page
    digest = hashlib.sha256(sheet.text.encode()).hexdigest()[:8]
    return LINK.sub(f"{PLAIN}?v={digest}", page)


def _add(
    app: Sphinx,
    name: str,
    template: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    context["plain_sheet"] = plain_sheet(app.builder)


def _applies(builder: Builder) -> bool:
    """Return whether no script of authors can write what its page did not contain."""
    config = book_of(builder).config
    scripts = config.output_scripts or config.source_scripts or config.origins
    return builder.name == "html" and not scripts


def _sources(app: Sphinx) -> tuple[str, frozenset[str]]:
    """Return Furo's style sheet, and the names in the theme's and the book's files."""
    builder: Any = app.builder
    inherited = [
        Path(folder)
        for folder in builder.theme.get_theme_dirs()
        if Path(folder) != FOLDER
    ]
    whole = next(
        file.read_text(encoding="utf-8")
        for folder in inherited
        if (file := folder / "static" / WHOLE).is_file()
    )
    files = [
        *(file for suffix in ("html", "css", "js") for file in _files(suffix)),
        *(file for folder in inherited for file in folder.glob("sidebar/*.html")),
        *(file for folder in inherited for file in folder.glob("static/scripts/*.js")),
        *_of_book(book_of(app).config),
    ]
    texts = (file.read_text(encoding="utf-8", errors="replace") for file in files)
    return whole, WRITTEN.union(*map(words, texts))


def _files(suffix: str) -> Iterator[Path]:
    return FOLDER.rglob(f"*.{suffix}")


def _of_book(config: Config) -> Iterator[Path]:
    """Yield the style sheets and scripts that a book brings."""
    for path in (*config.styles, *config.scripts):
        file = config.file(path)
        if file.is_file():
            yield file

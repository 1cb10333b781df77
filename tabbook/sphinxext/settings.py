"""Sphinx's configuration of a book, for ``conf.py``, ``builder`` and exports alike."""

from __future__ import annotations

import os
import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tabbook.base.config import Config
from tabbook.base.engine import PAGES, engine_digest
from tabbook.source import book
from tabbook.source.prose import glossary
from tabbook.sphinxext.modes import FOLDER, Draft, Mode, Served

if TYPE_CHECKING:
    from sphinx.config import Config as SphinxConfig

DRAFT_STATIC = Path(__file__).parent / "theme" / "draft"
"""Folder of the style sheet and the script that only a draft's pages load."""

BRAND = "color-brand-primary"
"""Furo's variable for the colour of a book; ``tabbook.css`` takes it for links."""

STYLES = ("tabbook.css", "reading.css")
SCRIPTS = (
    *("tabbook.js", "compare.js", "reading.js", "enlarge.js", "options.js"),
    *("preview.js", "palette.js"),
)
"""Files of the theme that every page loads."""

BEGIN = 1_000_000
"""Added to the line numbers of solutions, because they are in a separate file."""

LINTED = ["myst.header", "toc.not_included", "toc.secnum"]
"""Warnings of Sphinx and MyST that lint reports by its own names."""

HARMLESS = [
    *("misc.highlighting_failure", "myst.xref_ambiguous", "ref.footnote"),
    *("ref.doc", "ref.numref", "ref.ref", "ref.term"),
]
"""Warnings about what readers do not miss: code that has colours in parts only, labels
that are also the name of a page, notes that no text refers to, and references in
reStructuredText that are shown as text."""

PARSER = "tabbook"
"""Sphinx's name for the parser of the sources."""

EXTENSIONS = ["tabbook.sphinxext"]
CITATIONS = "tabbook.sphinxext.citations"
"""The extension that only a book with citations loads."""


class Configured(Protocol):
    """Sphinx's application, a directive or a transform."""

    @property
    def config(self) -> SphinxConfig:
        """Return Sphinx's configuration."""


def book_of(owner: Configured) -> book.Book:
    """Return the book that Sphinx builds."""
    loaded: book.Book = owner.config.tabbook_book()
    return loaded


def settings(
    config: Config,
    *,
    loaded: book.Book | None = None,
    without_outputs: bool = False,
    mode: Mode = FOLDER,
) -> dict[str, Any]:
    """Return Sphinx's configuration for the HTML pages of a book.

    :param loaded: the book, if it has been loaded.
    :param without_outputs: show code only, even where outputs are committed.
    :returns: the variables of a conf.py; paths are relative to the book's folder.
    :raises BookError: the sources cannot be read.
    """
    return {
        **content(loaded or book.load(config)),
        "tabbook_mode": mode,
        "tabbook_without_outputs": without_outputs,
        **_theme(config, draft=isinstance(mode, Draft)),
        **(_site(mode) if isinstance(mode, Served) else {}),
    }


def content(loaded: book.Book, *, framework: str = "") -> dict[str, Any]:
    """Return the settings that HTML, EPUB and LaTeX share.

    :param framework: name of the only framework to show; empty for all, in tabs.
    """
    # A function, because Sphinx would pickle the book itself with its environment.
    shared = {"tabbook_book": lambda: loaded}
    return (
        shared
        | _sources(loaded)
        | _parsing(loaded.config, framework)
        | _extensions(loaded)
        | _glossary(loaded)
    )


def _sources(loaded: book.Book) -> dict[str, Any]:
    """List the sources one by one, because Sphinx's patterns differ from the book's."""
    config = loaded.config
    return {
        "project": config.title,
        "author": config.author,
        "copyright": config.copyright,
        "release": config.release,
        "language": config.language,
        "root_doc": config.index,
        # Sphinx's default is one for the process: extensions of any project change it.
        "source_suffix": {".md": PARSER},
        "include_patterns": [_escape(section.path) for section in loaded.pages],
        # These folders hold no sources, and scanning them takes long.
        "exclude_patterns": [
            *(".*", "**/.*", "notebooks", config.products_path),
            *(os.path.relpath(path, config.root) for path in config.translations),
        ],
    }


def _extensions(loaded: book.Book) -> dict[str, Any]:
    cites = loaded.bibliography.used
    return {"extensions": [*EXTENSIONS, *([CITATIONS] if cites else [])]}


def _glossary(loaded: book.Book) -> dict[str, Any]:
    page = glossary.page(loaded)
    return {
        "tabbook_terms": glossary.anchors(loaded),
        "tabbook_glossary": page.name if page else "",
    }


def _site(served: Served) -> dict[str, Any]:
    return {
        "html_baseurl": served.address,
        "tabbook_address": served.address,
        "tabbook_picture": served.picture,
        "tabbook_downloads": [asdict(download) for download in served.downloads],
    }


def _theme(config: Config, *, draft: bool) -> dict[str, Any]:
    own_styles, own_scripts = (
        list(filter(None, (_existing(config, path) for path in paths)))
        for paths in (config.styles, config.scripts)
    )
    styles = [*STYLES, *(Path(style).name for style in own_styles)]
    scripts = [*SCRIPTS, *(Path(script).name for script in own_scripts)]
    scripts += ["live.js"] if draft else []
    return {
        "html_theme": "tabbook",
        "html_theme_options": {
            "light_css_variables": {BRAND: config.colour},
            "dark_css_variables": {BRAND: config.colour_dark},
        },
        "html_title": config.title,
        "html_logo": _existing(config, config.logo),
        "html_favicon": _existing(config, config.favicon),
        "html_static_path": [
            *own_styles,
            *own_scripts,
            *([str(DRAFT_STATIC)] if draft else []),
        ],
        "html_css_files": [*styles, *(["live.css"] if draft else [])],
        "html_js_files": [[name, {"defer": "defer"}] for name in scripts],
        "html_math_renderer": "mathml",
        "html_use_index": False,
        "html_domain_indices": False,
        "html_copy_source": False,
        "html_show_sourcelink": False,
        "html_show_sphinx": False,
        "html_scaled_image_link": False,
        "html_permalinks_icon": "#",
    }


def _existing(config: Config, path: str) -> str | None:
    """Return a path in the book; None if no file has it, which lint reports."""
    file = config.file(path)
    return os.path.relpath(file, config.root) if path and file.is_file() else None


def _parsing(config: Config, framework: str) -> dict[str, Any]:
    return {
        "tabbook_engine": engine_digest(*PAGES),
        "tabbook_framework": framework,
        "tabbook_frameworks": [
            [framework.name, framework.label] for framework in config.frameworks
        ],
        "suppress_warnings": [
            *LINTED,
            *HARMLESS,
            *(f"tabbook.{name}" for name in sorted(config.silenced)),
        ],
        "nb_execution_mode": "off",
        "nb_merge_streams": True,
    }


def _escape(path: str) -> str:
    return re.sub(r"([\[*?])", r"[\1]", path)

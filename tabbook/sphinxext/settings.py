"""What Sphinx is told about a book: the one home of its settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tabbook.base.config import Config
from tabbook.base.fingerprint import PAGES, engine_digest
from tabbook.source import book, glossary

if TYPE_CHECKING:
    from sphinx.application import Sphinx

STATIC = Path(__file__).parent / "theme" / "static"
"""The engine's own style sheet and script."""

STYLE = "tabbook.css"
SCRIPT = "tabbook.js"
READING = ("reading.js", "preview.js")
SEARCH = ("search.css", "search.js")
"""What the search page alone loads."""
LIVE = ("live.css", "live.js")
"""What pages load that show a book while it is written."""
SOURCES = (".py", ".html")
"""Files of the engine that decide on what a page holds."""

BEGIN = 1_000_000
"""Added to the lines of solutions, which come from a file of their own."""

PARSE = "tabbook.sphinxext.reader.reader.notebook"
"""MyST-NB imports this function to parse what the reader put into ``source[0]``."""

EXTENSIONS = ["tabbook.sphinxext"]


@dataclass(frozen=True)
class Download:
    """A form of the book that readers take away."""

    kind: str
    """Such as ``pdf``; the heading it is found under."""
    framework: str
    path: str
    """Relative to the root of the site."""
    size: int
    """Bytes; 0 for what is read in the browser."""


@dataclass(frozen=True)
class Site:
    """What pages are served with."""

    address: str
    """Where, with a slash at its end; empty where that is not known."""
    downloads: tuple[Download, ...]


@dataclass(frozen=True)
class Failed:
    """A notebook whose last run did not come to its end."""

    key: str
    """Of the code that ran; no other is said to have failed."""
    cell: int
    """The cell to blame, counted among those that results come from."""
    text: str
    """What is said in place of its outputs."""


@dataclass(frozen=True)
class Draft:
    """What pages show of a book that is being written: stale outputs are marked."""

    failed: Mapping[tuple[str, str], Failed]
    """By section and framework; what is stale besides is running."""


def book_of(app: Sphinx) -> book.Book:
    """Return the book that Sphinx builds."""
    found: book.Book = app.config.tabbook_book()
    return found


def settings(
    config: Config,
    *,
    found: book.Book | None = None,
    without_outputs: bool = False,
    site: Site | Draft | None = None,
) -> dict[str, Any]:
    """Return Sphinx's configuration of a book.

    :param found: the book, where it was read already.
    :param without_outputs: whether pages show code alone, committed outputs or not.
    :param site: what the pages are served with, if they are.
    :returns: what conf.py would define; paths are relative to the book's folder.
    :raises BookError: the sources cannot be read.
    """
    return content(found or book.load(config)) | {
        "tabbook_without_outputs": without_outputs,
        **_look(config),
        **(_live(config, site) if isinstance(site, Draft) else _site(site)),
    }


def content(found: book.Book, *, framework: str = "") -> dict[str, Any]:
    """Return what decides on a book's content, whatever is made of it.

    :param framework: the one whose code is shown; every one's, in tabs, where empty.
    """
    # As a function, so that Sphinx does not keep it with the pages it has read.
    given = {"tabbook_book": lambda: found}
    return (
        given | _sources(found) | _reading(found.config, framework) | _glossary(found)
    )


def _sources(found: book.Book) -> dict[str, Any]:
    """Name the sources one by one: the book's own globs are not Sphinx's."""
    config = found.config
    return {
        "project": config.title,
        "author": config.author,
        "copyright": config.copyright,
        "release": config.release,
        "language": config.language,
        "root_doc": config.index,
        "include_patterns": [_escape(section.path) for section in found.pages],
        # Nothing to be found there, and much to walk through.
        "exclude_patterns": [".*", "**/.*", "notebooks", config.output.name],
    }


def _glossary(found: book.Book) -> dict[str, Any]:
    page = glossary.page(found)
    return {
        "tabbook_terms": glossary.anchors(found),
        "tabbook_glossary": page.name if page else "",
    }


def _site(site: Site | None) -> dict[str, Any]:
    if site is None:
        return {}
    return {
        "html_baseurl": site.address,
        "tabbook_address": site.address,
        "tabbook_downloads": [asdict(one) for one in site.downloads],
    }


def _live(config: Config, draft: Draft) -> dict[str, Any]:
    look = _look(config)
    style, script = LIVE
    return {
        "tabbook_failed": dict(draft.failed),
        "html_static_path": [
            *look["html_static_path"],
            *(str(STATIC / name) for name in LIVE),
        ],
        "html_css_files": [*look["html_css_files"], style],
        "html_js_files": [*look["html_js_files"], [script, {"defer": "defer"}]],
    }


def _look(config: Config) -> dict[str, Any]:
    return {
        "html_theme": "furo",
        "html_title": config.title,
        "html_logo": config.logo or None,
        "html_favicon": config.favicon or None,
        "templates_path": [str(STATIC.parent / "templates")],
        "html_static_path": [
            *(str(STATIC / name) for name in (STYLE, SCRIPT, *READING, *SEARCH)),
            *config.styles,
        ],
        "html_css_files": [STYLE, *(Path(style).name for style in config.styles)],
        "html_js_files": [[name, {"defer": "defer"}] for name in (SCRIPT, *READING)],
        "html_math_renderer": "mathml",
        "html_use_index": False,
        "html_domain_indices": False,
        "html_copy_source": False,
        "html_show_sourcelink": False,
        "html_show_sphinx": False,
        "html_scaled_image_link": False,
        "html_permalinks_icon": "#",
    }


def _reading(config: Config, framework: str) -> dict[str, Any]:
    return {
        "extensions": EXTENSIONS,
        "tabbook_engine": engine_digest(*PAGES),
        "tabbook_framework": framework,
        "tabbook_frameworks": [[one.name, one.label] for one in config.frameworks],
        "suppress_warnings": [f"tabbook.{name}" for name in sorted(config.silenced)],
        "nb_custom_formats": {".md": [PARSE, {}, False]},
        "nb_execution_mode": "off",
        "nb_merge_streams": True,
        "myst_enable_extensions": ["attrs_inline", "deflist", "dollarmath"],
        # What is a mark to MyST but plain text to d2lbook.
        "myst_disable_syntax": ["myst_line_comment", "myst_block_break"],
        # A dollar is a dollar where pandoc says so.
        "myst_dmath_allow_space": False,
        "myst_dmath_allow_digits": False,
    }


def _escape(path: str) -> str:
    return re.sub(r"([\[*?])", r"[\1]", path)

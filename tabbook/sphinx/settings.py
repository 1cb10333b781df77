"""What Sphinx is told about a book: the one home of its settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tabbook import book
from tabbook.config import Config

STATIC = Path(__file__).parent / "static"
"""The engine's own style sheet and script."""

STYLE = "tabbook.css"

EXTENSIONS = ["myst_nb", "sphinx_design", "sphinx_copybutton", "tabbook.sphinx"]


def settings(config: Config, *, without_outputs: bool = False) -> dict[str, Any]:
    """Return Sphinx's configuration of a book.

    :param without_outputs: whether pages show code alone, committed outputs or not.
    :returns: what conf.py would define; paths are relative to the book's folder.
    :raises BookError: the sources cannot be read.
    """
    return _sources(config) | _look(config) | _reading(config, without_outputs)


def _sources(config: Config) -> dict[str, Any]:
    """Name the sources one by one: the book's own globs are not Sphinx's."""
    sections = book.load(config).sections
    return {
        "project": config.title,
        "author": config.author,
        "copyright": config.copyright,
        "release": config.release,
        "language": config.language,
        "root_doc": config.index,
        "include_patterns": [_escape(section.path) for section in sections],
        # Nothing to be found there, and much to walk through.
        "exclude_patterns": [".*", "**/.*", "notebooks", config.output.name],
    }


def _look(config: Config) -> dict[str, Any]:
    return {
        "html_theme": "furo",
        "html_title": config.title,
        "html_logo": config.logo or None,
        "html_favicon": config.favicon or None,
        "html_static_path": [str(STATIC / STYLE), *config.styles],
        "html_css_files": [STYLE, *(Path(style).name for style in config.styles)],
        "html_math_renderer": "mathml",
        "html_use_index": False,
        "html_domain_indices": False,
        "html_copy_source": False,
        "html_show_sourcelink": False,
        "html_show_sphinx": False,
        "html_scaled_image_link": False,
        "html_permalinks_icon": "#",
        # Code, not what it printed.
        "copybutton_selector": "div:not(.output) > div.highlight pre",
    }


def _reading(config: Config, without_outputs: bool) -> dict[str, Any]:
    return {
        "extensions": EXTENSIONS,
        "tabbook_without_outputs": without_outputs,
        "tabbook_frameworks": [[one.name, one.label] for one in config.frameworks],
        "suppress_warnings": [f"tabbook.{name}" for name in sorted(config.silenced)],
        "nb_custom_formats": {".md": ["nbformat.reads", {"as_version": 4}, False]},
        "nb_execution_mode": "off",
        "nb_merge_streams": True,
        "myst_enable_extensions": ["attrs_inline", "dollarmath"],
        # What is a mark to MyST but plain text to d2lbook.
        "myst_disable_syntax": ["myst_line_comment", "myst_block_break"],
        # A dollar is a dollar where pandoc says so.
        "myst_dmath_allow_space": False,
        "myst_dmath_allow_digits": False,
    }


def _escape(path: str) -> str:
    return re.sub(r"([\[*?])", r"[\1]", path)

"""Refuse pages that show files from outside of the book, whichever directive asks.

A stranger's book must not put other files of its reader on pages: ``include``,
``literalinclude``, ``csv-table`` and ``raw`` of reStructuredText take any path.
"""

from __future__ import annotations

from pathlib import Path

from docutils.nodes import document
from sphinx.application import Sphinx

from tabbook.base.config import Config
from tabbook.base.errors import BookError
from tabbook.sphinxext.settings import book_of


def setup(app: Sphinx) -> None:
    """Register the check, after Sphinx has collected the files of a page."""
    app.connect("doctree-read", check_files, priority=900)


def check_files(app: Sphinx, doctree: document) -> None:
    """Check the files that a page was read from.

    :raises BookError: one lies outside of the book.
    """
    config, docname = book_of(app).config, app.env.docname
    for name in sorted(map(str, app.env.dependencies[docname])):
        file = app.srcdir / name
        if not (_is_inside(config, file) or _is_of_the_engine(config, file)):
            raise BookError(
                f"{docname}.md: shows the file {name!r}, which lies outside of the "
                "book's folder; copy it there"
            )


def _is_inside(config: Config, file: Path) -> bool:
    return any(file.resolve().is_relative_to(root) for root in config.roots)


def _is_of_the_engine(config: Config, file: Path) -> bool:
    """Return whether the engine reads a file for itself, wherever it lies."""
    named = [*(framework.environment for framework in config.frameworks)]
    named += [framework.colab for framework in config.frameworks if framework.colab]
    folders = (config.products, config.notebooks)
    return file in named or any(file.is_relative_to(folder) for folder in folders)

"""Build the pages: each section once, with a tab for every framework.

A Sphinx extension on top of MyST-NB and Furo. ``reader`` turns a section into the
notebook that MyST-NB parses, ``transforms`` change its document tree, and ``html``,
``latex`` and ``epub`` write it. ``build`` runs Sphinx with the configuration from
``settings``, which conf.py uses too. Sphinx is imported only when a page is stale, so
that a build without changes ends early.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tabbook.sphinxext.builder import BuildResult, build, preload
from tabbook.sphinxext.modes import (
    FOLDER,
    Download,
    Draft,
    Failed,
    Folder,
    Mode,
    Served,
)
from tabbook.sphinxext.settings import settings

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = [
    "FOLDER",
    "BuildResult",
    "Download",
    "Draft",
    "Failed",
    "Folder",
    "Mode",
    "Served",
    "build",
    "preload",
    "settings",
    "setup",
]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    from tabbook.sphinxext import extension

    return extension.setup(app)

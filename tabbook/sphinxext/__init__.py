"""The page: each section once, with a tab for every framework.

A Sphinx extension on MyST-NB, sphinx-copybutton and Furo. ``settings``
is the one home of what Sphinx is told, for conf.py and for ``build`` alike. Sphinx
itself is imported only when pages have to be made: a build with nothing to do is over
before that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tabbook.sphinxext.builder import BuildResult, build, preload
from tabbook.sphinxext.settings import Download, Draft, Failed, Site, settings

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = [
    "BuildResult",
    "Download",
    "Draft",
    "Failed",
    "Site",
    "build",
    "preload",
    "settings",
    "setup",
]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension with Sphinx."""
    from tabbook.sphinxext import extension

    return extension.setup(app)

"""Frameworks that config.ini describes and ``[build] tabs`` does not list.

The sources may keep their cells and texts, which no reader sees. So a framework is
dropped by deleting one word, and comes back the same way.
"""

from __future__ import annotations

import difflib

from tabbook.base.config.file import ConfigFile
from tabbook.base.config.key import FRAMEWORK


def dropped_frameworks(file: ConfigFile, tabs: tuple[str, ...]) -> frozenset[str]:
    """Return the names of the frameworks with a section that ``tabs`` does not list.

    A book without ``tabs`` drops nothing. A name like that of a listed framework
    without a section is taken for a misspelling of it, which is reported as unknown.
    """
    described = {
        section.removeprefix(FRAMEWORK)
        for section in file.sections
        if section.startswith(FRAMEWORK)
    }
    bare = [tab for tab in tabs if tab not in described]
    return frozenset(
        name
        for name in described - set(tabs)
        if tabs and not difflib.get_close_matches(name, bare, n=1)
    )

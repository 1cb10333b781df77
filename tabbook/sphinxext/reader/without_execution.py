"""Import MyST-NB without its execution of notebooks.

Pages show committed outputs only. Importing the database and the kernel clients takes
longer than building a page.
"""

from __future__ import annotations

import sys
from types import ModuleType

EXECUTION = {
    "myst_nb.core.execute.cache": "NotebookClientCache",
    "myst_nb.core.execute.direct": "NotebookClientDirect",
    "myst_nb.core.execute.inline": "NotebookClientInline",
}
"""Modules that execute notebooks, with the name that MyST-NB imports from each."""


def install() -> None:
    """Replace the modules by empty ones, unless they have been imported already."""
    for name, attribute in EXECUTION.items():
        module = ModuleType(name)
        setattr(module, attribute, None)
        sys.modules.setdefault(name, module)

"""MyST-NB without what it runs notebooks with: pages are made of committed outputs.

A database and the clients of kernels would be imported for nothing, which takes longer
than to read and write a page.
"""

from __future__ import annotations

import sys
from types import ModuleType

RUNNING = {
    "myst_nb.core.execute.cache": "NotebookClientCache",
    "myst_nb.core.execute.direct": "NotebookClientDirect",
    "myst_nb.core.execute.inline": "NotebookClientInline",
}
"""The modules that run notebooks, and what MyST-NB imports from each."""


def install() -> None:
    """Stand empty modules where MyST-NB looks for those, unless they are there."""
    for name, wanted in RUNNING.items():
        made = ModuleType(name)
        setattr(made, wanted, None)
        sys.modules.setdefault(name, made)

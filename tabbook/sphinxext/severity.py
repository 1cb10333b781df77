"""Tell Sphinx's warnings that fail a build from those that are only printed.

A warning of the engine bears the name of a problem that ``lint.problems`` declares with
its severity; every other warning of Sphinx fails the build.
"""

from __future__ import annotations

import re

from tabbook.base import console
from tabbook.lint.problems import PROBLEMS

NAMED = re.compile(r" \[tabbook\.(?P<name>[\w-]+)\]$")
"""End of a warning of the engine: Sphinx adds its type and name."""


def fatal(warnings: str) -> str:
    """Return the lines of Sphinx's warnings that fail a build."""
    return "\n".join(line for line in warnings.splitlines() if not _printed_only(line))


def complain(warnings: str) -> None:
    """Print Sphinx's warnings, if there are any."""
    if warnings:
        console.complain(warnings)


def _printed_only(line: str) -> bool:
    named = NAMED.search(line)
    kind = PROBLEMS.get(named["name"]) if named else None
    return kind is not None and kind.severity == "warning"

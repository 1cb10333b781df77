"""Tell Sphinx's warnings that fail a build from those that are only printed.

A warning of the engine bears the name of a problem that ``lint.problems`` declares with
its severity; another name fails the build. Sphinx's own warnings are printed: pages are
whole in spite of them. Its errors fail the build.
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
    if named is None:
        return "ERROR: " not in line and "CRITICAL: " not in line
    kind = PROBLEMS.get(named["name"])
    return kind is not None and kind.severity == "warning"

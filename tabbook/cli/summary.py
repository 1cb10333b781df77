"""The summary table that ends a command."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tabbook.base.console import print_table

HEADINGS = ("section", "framework", "cells", "seconds", "result")
NUMBERS = ("cells", "seconds")
"""The columns that hold numbers."""


def print_summary(rows: Iterable[Sequence[str]]) -> None:
    """Print a row per section and framework."""
    print_table(HEADINGS, rows, NUMBERS)

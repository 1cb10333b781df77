"""Print to the user: lines, problems, tables."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console

from tabbook.base.errors import Problem

COLUMNS = 160
"""Width of the output where it is no terminal, so that no name is cut off."""

console = Console(
    highlight=False,
    emoji=False,
    soft_wrap=True,
    width=None if sys.stdout.isatty() else COLUMNS,
)
errors = Console(highlight=False, emoji=False, soft_wrap=True, stderr=True)


def say(text: str) -> None:
    """Print one line to standard output."""
    console.print(text, markup=False)


def complain(text: str) -> None:
    """Print one line to standard error."""
    errors.print(text, markup=False)


def print_problems(problems: Iterable[Problem]) -> None:
    """Print problems to standard error, one a line, as compilers do."""
    for problem in problems:
        style = "red" if problem.severity == "error" else "yellow"
        errors.print(str(problem), style=style, markup=False)


def plural(count: int, noun: str) -> str:
    """Return a count with its noun, such as ``1 error`` or ``2 errors``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def print_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: Collection[str] = (),
) -> None:
    """Print rows below their headings, in columns as wide as their longest cell.

    rich's own table takes longer than the whole command where a book has hundreds of
    rows.

    :param numbers: headings of the columns that are aligned to the right.
    """
    lines = [headings, *rows]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    right = [heading in numbers for heading in headings]
    heading, *below = ("  ".join(_padded(row, widths, right)).rstrip() for row in lines)
    console.print(heading, style="bold", markup=False)
    if below:
        console.print("\n".join(below), markup=False)


def _padded(
    row: Sequence[str], widths: Sequence[int], right: Sequence[bool]
) -> Iterator[str]:
    """Yield the cells of a row at the widths of their columns."""
    for cell, width, to_the_right in zip(row, widths, right, strict=True):
        space = " " * (width - cell_len(cell))
        yield space + cell if to_the_right else cell + space

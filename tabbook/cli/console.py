"""What the command line shows: progress, problems, failures, the summary."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console

if TYPE_CHECKING:
    from tabbook.base.config import Framework
    from tabbook.base.errors import Problem
    from tabbook.execution.planner import ExecutionProgress, Outcome, Step
    from tabbook.verification.verdict import Verdict

Row = tuple[str, ...]
"""Cells of one row of the table, in the order of ``HEADINGS``."""

HEADINGS = ("section", "framework", "cells", "seconds", "result")
NUMBERS = ("cells", "seconds")
"""Columns that stand to the right."""

WIDE = 160
"""Columns where the output is no terminal: no name is cut off."""

console = Console(
    highlight=False,
    emoji=False,
    soft_wrap=True,
    width=None if sys.stdout.isatty() else WIDE,
)
errors = Console(highlight=False, emoji=False, soft_wrap=True, stderr=True)


def say(text: str) -> None:
    """Print one line that is not a problem."""
    console.print(text, markup=False)


def complain(text: str) -> None:
    """Print one line to the error stream."""
    errors.print(text, markup=False)


def count(number: int, noun: str) -> str:
    """Return a number with its noun, such as ``1 error`` or ``2 errors``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def problems(found: Sequence[Problem]) -> None:
    """Print problems, one a line, as compilers do."""
    for one in found:
        style = "red" if one.severity == "error" else "yellow"
        errors.print(str(one), style=style, markup=False)


@contextmanager
def progress() -> Iterator[ExecutionProgress]:
    """Show a run: a live bar on a terminal, plain lines elsewhere."""
    if console.is_terminal:
        with _bar() as live:
            yield live
    else:
        from tabbook.execution.planner import ExecutionProgress

        yield ExecutionProgress(
            tell_setting_up, _tell_running, _tell_finished, problems
        )


def failures(outcomes: Sequence[Outcome]) -> None:
    """Print each failure with its place, its cell and its traceback."""
    for outcome in outcomes:
        failure = outcome.failure
        if failure is None:
            continue
        step = outcome.step
        place = f"{step.section.path}:{failure.line}" if failure.line else step.name
        label = step.framework.label
        complain(f"\n{place}: error: [{label}] {failure.message} [{failure.kind}]")
        shown = failure.traceback or failure.source
        complain("\n".join("    " + line for line in shown.splitlines()))
        complain("  The committed notebook stays as it was.")


def summary(outcomes: Sequence[Outcome]) -> None:
    """Print the table of sections and frameworks."""
    table(rows(outcomes))


def rows(outcomes: Iterable[Outcome]) -> list[Row]:
    """Return the rows of the table of sections and frameworks."""
    return [_row(outcome) for outcome in outcomes]


def reused(outcomes: Iterable[Outcome]) -> list[Row]:
    """Return the rows that the next build shows if nothing changes."""
    return rows(replace(outcome, seconds=None) for outcome in outcomes)


def table(told: Iterable[Row]) -> None:
    """Print rows below their headings, in columns as wide as they have to be.

    rich's own table takes longer than all else where a book has hundreds of rows.
    """
    lines = [HEADINGS, *told]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    heading, *below = ("  ".join(_padded(line, widths)).rstrip() for line in lines)
    console.print(heading, style="bold", markup=False)
    if below:
        console.print("\n".join(below), markup=False)


def _padded(row: Row, widths: Sequence[int]) -> Iterator[str]:
    """Yield the cells of a row at their widths, numbers to the right."""
    for heading, cell, width in zip(HEADINGS, row, widths, strict=True):
        space = " " * (width - cell_len(cell))
        yield space + cell if heading in NUMBERS else cell + space


def verdict(found: Verdict) -> None:
    """Print what verification found: problems, then the table."""
    problems(found.problems)
    told = []
    for one in found.notebooks:
        seconds = "" if one.seconds is None else f"{one.seconds:.1f}"
        result = "same outputs" if one.passed else "failed: " + one.problems[0].name
        place = one.section.name, one.framework.label, str(one.cells)
        told.append((*place, seconds, result))
    table(told)


def _row(outcome: Outcome) -> Row:
    step = outcome.step
    seconds = "" if outcome.seconds is None else f"{outcome.seconds:.1f}"
    place = step.section.name, step.framework.label, str(step.cells)
    return (*place, seconds, _result(outcome))


def _result(outcome: Outcome) -> str:
    if outcome.failure:
        return f"failed: {outcome.failure.kind}"
    return "reused" if outcome.seconds is None else "run"


@contextmanager
def _bar() -> Iterator[ExecutionProgress]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    from tabbook.execution.planner import ExecutionProgress

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("notebooks", total=None)
        waiting: list[str] = []

        def running(steps: Sequence[Step]) -> None:
            waiting.extend(step.name for step in steps)
            bar.update(task, total=len(steps), description="running")

        def finished(outcome: Outcome) -> None:
            waiting.remove(outcome.step.name)
            bar.update(task, advance=1, description=waiting[0] if waiting else "done")

        yield ExecutionProgress(tell_setting_up, running, finished, problems)


def tell_setting_up(framework: Framework, reason: str) -> None:
    """Say that an environment is being made, and why."""
    say(f"setting up {framework.label}: {reason} (this takes a minute)")


def _tell_running(steps: Sequence[Step]) -> None:
    say(f"running {count(len(steps), 'notebook')}")


def _tell_finished(outcome: Outcome) -> None:
    say(f"  {outcome.step.name}: {_result(outcome)}, {outcome.seconds:.1f} s")
    sys.stdout.flush()

"""Show a run on the console: progress, failures, the rows of the summary."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from tabbook.base.config import Framework
from tabbook.base.console import complain, console, plural, print_problems, say
from tabbook.execution.planner import ExecutionProgress, Outcome
from tabbook.execution.step import Step

Row = tuple[str, ...]
"""Cells of one row of the summary: section, framework, cells, seconds, result."""


@contextmanager
def progress() -> Iterator[ExecutionProgress]:
    """Show a run: a live bar on a terminal, plain lines elsewhere."""
    if console.is_terminal:
        with _bar() as bar:
            yield bar
    else:
        yield ExecutionProgress(
            report_set_up, _report_running, _report_finished, print_problems
        )


def report_set_up(framework: Framework, reason: str) -> None:
    """Print that an environment is being installed, and why."""
    say(f"setting up {framework.label}: {reason} (this takes a minute)")


def print_repairs(steps: Iterable[Step]) -> None:
    """Print how committed files that were not notebooks were repaired."""
    for step in steps:
        if step.repair:
            complain(str(step.repair))


def print_failures(outcomes: Iterable[Outcome]) -> None:
    """Print each failure with its place, its cell and its traceback."""
    for outcome in outcomes:
        failure = outcome.failure
        if failure is None:
            continue
        step = outcome.step
        place = f"{step.section.path}:{failure.line}" if failure.line else step.name
        label = step.framework.label
        complain(f"\n{place}: error: [{label}] {failure.message} [{failure.kind}]")
        details = failure.traceback or failure.source
        complain("\n".join("    " + line for line in details.splitlines()))
        complain("  The committed notebook stays as it was.")


def rows(outcomes: Iterable[Outcome]) -> list[Row]:
    """Return the rows of the summary table."""
    return [_row(outcome) for outcome in outcomes]


def rows_if_unchanged(outcomes: Iterable[Outcome]) -> list[Row]:
    """Return the rows that the next build shows if nothing changes."""
    return rows(replace(outcome, seconds=None) for outcome in outcomes)


def _row(outcome: Outcome) -> Row:
    step = outcome.step
    seconds = "" if outcome.seconds is None else f"{outcome.seconds:.1f}"
    place = step.section.name, step.framework.label, str(step.cells)
    return (*place, seconds, _result(outcome))


def _result(outcome: Outcome) -> str:
    if outcome.failure:
        return f"failed: {outcome.failure.kind}"
    return "reused" if outcome.seconds is None else "run"


def _report_running(steps: Sequence[Step]) -> None:
    say(f"running {plural(len(steps), 'notebook')}")


def _report_finished(outcome: Outcome) -> None:
    say(f"  {outcome.step.name}: {_result(outcome)}, {outcome.seconds:.1f} s")
    sys.stdout.flush()


@contextmanager
def _bar() -> Iterator[ExecutionProgress]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("notebooks", total=None)
        waiting: list[str] = []

        def running(steps: Sequence[Step]) -> None:
            """Show how many notebooks run."""
            waiting.extend(step.name for step in steps)
            bar.update(task, total=len(steps), description="running")

        def finished(outcome: Outcome) -> None:
            """Show that a notebook has ended, and one that has not."""
            waiting.remove(outcome.step.name)
            bar.update(task, advance=1, description=waiting[0] if waiting else "done")

        yield ExecutionProgress(report_set_up, running, finished, print_problems)

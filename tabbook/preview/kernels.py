"""Execute stale notebooks in the background; a newer save cancels older runs."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tabbook.base import console
from tabbook.base.config import Config
from tabbook.base.errors import BookError
from tabbook.base.process import worker_count
from tabbook.execution import planner, report, runner
from tabbook.execution.job import Failure
from tabbook.execution.planner import ExecutionProgress
from tabbook.execution.step import Step
from tabbook.notebooks import store
from tabbook.notebooks.compile import source_lines
from tabbook.source.book import Book
from tabbook.sphinxext import Failed

STOP_INTERVAL = 0.1
"""Seconds between attempts to stop a run, whose kernel may not have started yet."""

SHUTDOWN_SECONDS = 5
"""Seconds that all runs together have to stop when the server ends."""

NotebookName = tuple[str, str]
"""Names of the section and the framework of a notebook."""


@dataclass(eq=False)
class NotebookRun:
    """One execution of a notebook, as compiled from one state of the sources."""

    book: Book
    step: Step
    key: str
    """Key of the notebook: a digest of its code and environment."""
    cancelled: bool = False
    """Whether newer sources replaced it or no longer need it."""
    task: asyncio.Task[None] = field(init=False)

    @property
    def name(self) -> NotebookName:
        """Return the names of its section and framework."""
        return self.step.section.name, self.step.framework.name


class NotebookRuns:
    """Execute notebooks in threads, in parallel to the event loop.

    This process starts the kernels and lives on, so that its fork servers stay warm. No
    notebook runs twice at a time: a new run waits until the older one has stopped.
    """

    def __init__(self, config: Config, on_end: Callable[[], None]) -> None:
        """Start without a run.

        :param on_end: called at the end of each run, when outputs may have changed.
        """
        self.failed: dict[NotebookName, Failed] = {}
        self._root = config.root
        self._on_end = on_end
        self._current: dict[NotebookName, NotebookRun] = {}
        self._ended_at: dict[NotebookName, float] = {}
        self._stopping: dict[NotebookName, asyncio.Task[None]] = {}
        self._pool = ThreadPoolExecutor(worker_count(config.jobs))

    def schedule(self, book: Book, steps: Sequence[Step], planned_at: float) -> None:
        """Run these notebooks and cancel all others.

        Notebooks that already run, or failed with the same key, are not started again.

        :param planned_at: monotonic time at which the steps were planned. A notebook
            whose run ended later is not started: the next update plans it again.
        """
        keys = [store.key(book.config, step.framework, step.compiled) for step in steps]
        runs = [
            NotebookRun(book, step, key) for step, key in zip(steps, keys, strict=True)
        ]
        keys_by_name = {run.name: run.key for run in runs}
        for current in list(self._current.values()):
            if keys_by_name.get(current.name) != current.key:
                self._cancel(current)
        for run in runs:
            failed = self.failed.get(run.name)
            ended = self._ended_at.get(run.name, 0) > planned_at
            if ended or run.name in self._current:
                continue
            if failed is None or failed.key != run.key:
                self._current[run.name] = run
                before = self._stopping.pop(run.name, None)
                run.task = asyncio.create_task(self._execute(run, before))

    def retry(self, saved: Iterable[Path]) -> None:
        """Forget the failures that the saved files may have corrected.

        These are its own section and files that are not sections, such as modules that
        cells import.
        """
        for name in list(self.failed):
            source = self._root / f"{name[0]}.md"
            if any(path == source or path.suffix != source.suffix for path in saved):
                del self.failed[name]

    async def close(self) -> None:
        """Cancel all runs."""
        for run in list(self._current.values()):
            self._cancel(run)
        if self._stopping:
            await asyncio.wait(self._stopping.values(), timeout=SHUTDOWN_SECONDS)

    def _cancel(self, run: NotebookRun) -> None:
        del self._current[run.name]
        run.cancelled = True
        self._stopping[run.name] = asyncio.create_task(_stop(run))

    async def _execute(
        self, run: NotebookRun, before: asyncio.Task[None] | None
    ) -> None:
        """Execute a notebook once the run before it has stopped; keep a failure."""
        if before:
            await before
        loop = asyncio.get_running_loop()
        try:
            failed = await loop.run_in_executor(self._pool, _run_notebook, run)
        except Exception:  # a bug here; the page must not show "running" for ever
            message = traceback.format_exc()
            console.complain(message)
            failed = Failed(run.key, 0, message)
        self._ended_at[run.name] = time.monotonic()
        if not run.cancelled:
            del self._current[run.name]
            if failed:
                self.failed[run.name] = failed
        self._on_end()


async def _stop(run: NotebookRun) -> None:
    """Stop a run and wait for its end."""
    while not run.task.done():
        runner.stop(run.step.name)
        await asyncio.wait([run.task], timeout=STOP_INTERVAL)


def _run_notebook(run: NotebookRun) -> Failed | None:
    """Execute a notebook unless the run was cancelled; print and return a failure."""
    if run.cancelled:
        return None
    progress = ExecutionProgress(report.report_set_up)
    try:
        (outcome,) = planner.run(run.book, [run.step], progress=progress)
    except Exception as error:  # a bug here unless it is a BookError
        is_user_error = isinstance(error, BookError)
        message = str(error) if is_user_error else traceback.format_exc()
        console.complain(message)
        return Failed(run.key, 0, message)
    if run.cancelled:
        return None
    if outcome.failure is None:
        console.say(f"{run.step.name}: run, {outcome.seconds:.1f} s")
        return None
    report.print_failures([outcome])
    return _failed(run, outcome.failure)


def _failed(run: NotebookRun, failure: Failure) -> Failed:
    """Return the failure with the index of its cell, counted without set-up cells."""
    section, framework = run.step.section, run.step.framework
    lines = source_lines(run.book, section, framework)
    setup_cells = len(lines) - len(store.code_cells(run.step.compiled))
    cell = lines.index(failure.line) - setup_cells if failure.line else 0
    return Failed(run.key, cell, failure.traceback or failure.message)

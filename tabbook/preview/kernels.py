"""The notebooks that run while a book is written: those of the newest text alone."""

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
from tabbook.execution.planner import ExecutionProgress, Step
from tabbook.notebooks import store
from tabbook.notebooks.compile import source_lines
from tabbook.source.book import Book
from tabbook.sphinxext import Failed

PATIENCE = 0.1
"""Seconds until it is tried again to stop what was about to start."""

ENDING = 5
"""Seconds that all runs together have to stop in the end."""

Name = tuple[str, str]
"""A notebook, by its section and framework."""


@dataclass(eq=False)
class Run:
    """One notebook of one text."""

    book: Book
    step: Step
    key: str
    unwanted: bool = False
    """Whether newer text took its place, or none needs it any more."""
    task: asyncio.Task[None] = field(init=False)

    @property
    def name(self) -> Name:
        """Return which notebook it is."""
        return self.step.section.name, self.step.framework.name


class Runs:
    """Runs notebooks beside the event loop, each as soon as it can.

    Kernels are started by this process, which goes on, so that what is kept warm for
    them stays warm. No notebook runs twice at a time: the older run is stopped first.
    """

    def __init__(self, config: Config, ended: Callable[[], None]) -> None:
        """Begin with nothing that runs.

        :param ended: called whenever a run may have changed what there is to show.
        """
        self.failed: dict[Name, Failed] = {}
        self._root = config.root
        self._ended = ended
        self._current: dict[Name, Run] = {}
        self._over: dict[Name, float] = {}
        self._stopping: dict[Name, asyncio.Task[None]] = {}
        self._pool = ThreadPoolExecutor(worker_count(config.jobs))

    def want(self, book: Book, steps: Sequence[Step], planned: float) -> None:
        """Run these notebooks and no others, unless they run or failed already.

        :param planned: when it was found out that they have to run; what came to its
            end since is looked at again.
        """
        keys = [store.key(book.config, one.framework, one.compiled) for one in steps]
        runs = [Run(book, step, key) for step, key in zip(steps, keys, strict=True)]
        wanted = {run.name: run.key for run in runs}
        for current in list(self._current.values()):
            if wanted.get(current.name) != current.key:
                self._drop(current)
        for run in runs:
            failed = self.failed.get(run.name)
            done = self._over.get(run.name, 0) > planned or run.name in self._current
            if not done and (failed is None or failed.key != run.key):
                self._current[run.name] = run
                before = self._stopping.pop(run.name, None)
                run.task = asyncio.create_task(self._go(run, before))

    def retry(self, saved: Iterable[Path]) -> None:
        """Forget the failures that what was saved may have mended."""
        for name in list(self.failed):
            own = self._root / f"{name[0]}.md"
            if any(path == own or path.suffix != own.suffix for path in saved):
                del self.failed[name]

    async def close(self) -> None:
        """Stop what runs."""
        for run in list(self._current.values()):
            self._drop(run)
        if self._stopping:
            await asyncio.wait(self._stopping.values(), timeout=ENDING)

    def _drop(self, run: Run) -> None:
        del self._current[run.name]
        run.unwanted = True
        self._stopping[run.name] = asyncio.create_task(_stop(run))

    async def _go(self, run: Run, before: asyncio.Task[None] | None) -> None:
        if before:
            await before
        loop = asyncio.get_running_loop()
        try:
            failed = await loop.run_in_executor(self._pool, _execute, run)
        except Exception:  # ours to mend; the page must not say for ever that it runs
            told = traceback.format_exc()
            console.complain(told)
            failed = Failed(run.key, 0, told)
        self._over[run.name] = time.monotonic()
        if not run.unwanted:
            del self._current[run.name]
            if failed:
                self.failed[run.name] = failed
        self._ended()


async def _stop(run: Run) -> None:
    """Stop a run, and return when it is over."""
    while not run.task.done():
        runner.stop(run.step.name)
        await asyncio.wait([run.task], timeout=PATIENCE)


def _execute(run: Run) -> Failed | None:
    """Run a notebook, unless it is too late; say how it went."""
    if run.unwanted:
        return None
    progress = ExecutionProgress(report.report_set_up)
    try:
        (outcome,) = planner.run(run.book, [run.step], progress=progress)
    except Exception as error:  # ours to mend where it is not the user's
        told = str(error) if isinstance(error, BookError) else traceback.format_exc()
        console.complain(told)
        return Failed(run.key, 0, told)
    if run.unwanted:
        return None
    if outcome.failure is None:
        console.say(f"{run.step.name}: run, {outcome.seconds:.1f} s")
        return None
    report.print_failures([outcome])
    return _failed(run, outcome.failure)


def _failed(run: Run, failure: Failure) -> Failed:
    section, framework = run.step.section, run.step.framework
    lines = source_lines(run.book, section, framework)
    setup = len(lines) - len(store.code_cells(run.step.compiled))
    cell = lines.index(failure.line) - setup if failure.line else 0
    return Failed(run.key, cell, failure.traceback or failure.message)

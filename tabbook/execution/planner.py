"""The flow from sources to committed notebooks: what is stale runs, the rest stays."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from tabbook import environments
from tabbook.base.config import Config, Framework
from tabbook.base.errors import BookError, Problem
from tabbook.base.files import write_text
from tabbook.base.process import worker_count
from tabbook.execution.forkserver import client as forkserver
from tabbook.execution.runner import Failure, Job, run_all, using
from tabbook.notebooks import store
from tabbook.notebooks.compile import compile_section, source_lines
from tabbook.source.book import Book
from tabbook.source.section import Section


@dataclass(frozen=True)
class Step:
    """One notebook of the book and what has to be done for it."""

    section: Section
    framework: Framework
    compiled: NotebookNode
    reused: NotebookNode | None
    """Today's prose with the committed outputs; None where it has to run."""

    @property
    def name(self) -> str:
        """Return how reports and the record of times call it."""
        return f"{self.section.name} [{self.framework.name}]"

    @property
    def cells(self) -> int:
        """Return the number of cells that run."""
        return len(store.sources(self.compiled))


@dataclass(frozen=True)
class Outcome:
    """What became of one notebook."""

    step: Step
    seconds: float | None
    """Wall time of its run; None where the committed outputs were reused."""
    failure: Failure | None = None


@dataclass(frozen=True)
class Progress:
    """What a run tells while it goes on; each call may come at any time."""

    setting_up: Callable[[Framework, str], None] = lambda framework, reason: None
    """An environment is being made, and why."""
    running: Callable[[Sequence[Step]], None] = lambda steps: None
    """These notebooks are about to run."""
    finished: Callable[[Outcome], None] = lambda outcome: None
    """One notebook ended."""
    warned: Callable[[Sequence[Problem]], None] = lambda problems: None
    """This went otherwise than asked for."""


def plan(
    book: Book,
    sections: Sequence[Section],
    frameworks: Sequence[Framework],
    *,
    force: bool = False,
) -> list[Step]:
    """Compile notebooks and find out which of them have to run.

    :raises BookError: a committed notebook is broken, or pins are missing.
    """
    steps = []
    for section in sections:
        for framework in book.frameworks_of(section):
            compiled = (
                compile_section(book, section, framework)
                if framework in frameworks
                else None
            )
            if compiled is None:
                continue
            committed = store.load(book.config, section, framework)
            reused = store.reuse(book.config, framework, compiled, committed)
            steps.append(Step(section, framework, compiled, None if force else reused))
    return steps


def run(
    book: Book,
    steps: Sequence[Step],
    *,
    executor: Executor | None = None,
    progress: Progress = Progress(),
) -> list[Outcome]:
    """Bring the committed notebooks up to date; return outcomes in the order given.

    A notebook that fails leaves its committed file as it was; the others are saved
    as they end.

    :param executor: a cluster, which has its own environments; this machine's pool and
        environments where there is none.
    :raises BookError: an environment cannot be made, a file not be written, or the
        cluster is lost.
    """
    config = book.config
    outcomes: dict[str, Outcome] = {}
    for step in steps:
        if step.reused is not None:
            store.save(config, _file(config, step), step.reused)
            outcomes[step.name] = Outcome(step, None)
    stale = [step for step in steps if step.reused is None]
    if stale:
        for outcome in _run_stale(book, stale, executor, progress):
            outcomes[outcome.step.name] = outcome
    return [outcomes[step.name] for step in steps]


def local_executor(config: Config) -> Executor:
    """Return this machine's pool: threads, since kernels are processes of their own."""
    return ThreadPoolExecutor(worker_count(config.jobs))


def remove_orphans(book: Book) -> list[Path]:
    """Delete committed notebooks of ours that no section makes any more."""
    gone = list(store.orphans(book))
    for file in gone:
        file.unlink()
    return gone


def _run_stale(
    book: Book, steps: list[Step], executor: Executor | None, progress: Progress
) -> list[Outcome]:
    config = book.config
    needed = () if executor else dict.fromkeys(step.framework for step in steps)
    made = {
        one: environments.prepare(config, one, progress.setting_up) for one in needed
    }
    times = _Times(config)
    ordered = sorted(steps, key=times.expected, reverse=True)
    by_name = {step.name: step for step in ordered}
    jupyter = {one: forkserver.kernels(config, one, made[one]).jupyter for one in made}
    jobs = [_job(book, step, jupyter.get(step.framework)) for step in ordered]
    progress.running(ordered)
    outcomes: list[Outcome] = []
    try:
        with using(executor or local_executor(config)) as pool:
            for job, result in run_all(jobs, pool):
                step = by_name[job.name]
                if result.failure is None:
                    has = result.versions or made[step.framework].versions
                    _keep(config, step, result.notebook, has)
                    times.note(step, result.seconds)
                outcomes.append(Outcome(step, result.seconds, result.failure))
                progress.finished(outcomes[-1])
    except BrokenExecutor as error:
        raise BookError(
            f"{error}: {len(outcomes)} of {len(steps)} notebooks had ended, and what "
            "they gave is saved; the next run goes on from there"
        ) from error
    finally:
        times.save()
    if problems := list(forkserver.refused(config, made)):
        progress.warned(problems)
    return outcomes


def _keep(
    config: Config, step: Step, executed: NotebookNode, has: Mapping[str, str]
) -> None:
    """Save a result with the versions of the framework's packages that ran."""
    names = ("python", *step.framework.packages)
    versions = {name: has[name] for name in names if name in has}
    stamped = store.stamp(config, step.framework, executed, versions)
    store.save(config, _file(config, step), stamped)


def _file(config: Config, step: Step) -> Path:
    return store.path(config, step.section, step.framework)


def _job(book: Book, step: Step, jupyter: Path | None) -> Job:
    return Job(
        section=step.section.name,
        framework=step.framework.name,
        notebook=step.compiled,
        lines=tuple(source_lines(book, step.section, step.framework)),
        jupyter=str(jupyter or ""),
        root=str(book.config.root),
        resources=book.config.resources,
        timeout=book.config.timeout,
        key=store.key(book.config, step.framework, step.compiled),
        environment=store.environment(book.config, step.framework),
        fresh_kernels=book.config.fresh_kernels,
    )


class _Times:
    """How long notebooks took on this machine, so that the longest start first."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._file = config.output / "seconds.json"
        try:
            self._seconds = dict(json.loads(self._file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            self._seconds = {}

    def expected(self, step: Step) -> tuple[float, int]:
        """Return a sort key: seconds where known, else longer than any; cells."""
        return (self._seconds.get(step.name, math.inf), step.cells)

    def note(self, step: Step, seconds: float) -> None:
        """Remember one run."""
        self._seconds[step.name] = round(seconds, 1)

    def save(self) -> None:
        """Write the record."""
        text = json.dumps(self._seconds, indent=1, sort_keys=True)
        write_text(self._file, text, scratch=self._config.output / "tmp")

"""Plan which notebooks of a book are stale, execute those, and store the results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from nbformat import NotebookNode

from tabbook.base.config import Config, Framework
from tabbook.base.errors import BookError, Problem
from tabbook.environments.kernelspec import KernelStart
from tabbook.execution import local, observe
from tabbook.execution.durations import Durations
from tabbook.execution.job import (
    Failure,
    Job,
    NotebookRunner,
    Observation,
    Result,
    RunnerLostError,
)
from tabbook.execution.step import Step, compare
from tabbook.notebooks import store
from tabbook.notebooks.compile import compile_section, source_lines
from tabbook.source.book import Book
from tabbook.source.section import Section


@dataclass(frozen=True)
class Outcome:
    """Outcome of a step."""

    step: Step
    """The step."""
    seconds: float | None
    """Wall time of the execution; None if the committed outputs were reused."""
    failure: Failure | None = None
    """Why the notebook failed; None if it did not."""


@dataclass(frozen=True)
class ExecutionProgress:
    """Callbacks for progress; each may be called from any thread."""

    setting_up: Callable[[Framework, str], None] = lambda framework, reason: None
    """An environment is about to be set up, for a reason."""
    running: Callable[[Sequence[Step]], None] = lambda steps: None
    """Notebooks are about to run."""
    finished: Callable[[Outcome], None] = lambda outcome: None
    """A notebook ended."""
    warned: Callable[[Sequence[Problem]], None] = lambda problems: None
    """Warnings were raised while notebooks ran."""


def plan(
    book: Book,
    sections: Sequence[Section],
    frameworks: Sequence[Framework],
    *,
    force: bool = False,
    twice: bool = False,
) -> list[Step]:
    """Compile notebooks and compare them with the committed ones.

    A committed file that is not a notebook is repaired from git, or else stale.

    :param force: treat every committed notebook as stale.
    :param twice: run stale notebooks twice, and warn of cells that differ.
    :raises BookError: a committed notebook cannot be read, or pins are missing.
    """
    steps = []
    for section in sections:
        for framework in book.frameworks_of(section):
            if framework not in frameworks:
                continue
            compiled = compile_section(book, section, framework)
            if compiled is None:
                continue
            step = compare(book.config, section, framework, compiled)
            runs = force and not book.config.origin
            reused = None if runs else step.reused
            steps.append(replace(step, reused=reused, twice=twice))
    return steps


def start_imports(
    book: Book,
    sections: Sequence[Section],
    frameworks: Sequence[Framework],
    *,
    start: KernelStart = KernelStart.FORKED,
    force: bool = False,
) -> None:
    """Let fork servers import the frameworks that surely have something to run.

    :param start: how kernels are started.
    :param force: everything will run; otherwise sections without a notebook.
    """
    if book.config.origin:
        return  # a translation runs nothing
    running = dict.fromkeys(
        framework
        for section in sections
        for framework in book.frameworks_of(section)
        if framework in frameworks
        and (force or not store.path(book.config, section, framework).exists())
    )
    local.start_imports(book.config, running, start=start)


def run(
    book: Book,
    steps: Sequence[Step],
    *,
    runner: NotebookRunner | None = None,
    start: KernelStart = KernelStart.FORKED,
    progress: ExecutionProgress = ExecutionProgress(),
) -> list[Outcome]:
    """Update the committed notebooks; return outcomes in the order of the steps.

    Each notebook is saved when it ends. If it fails, its committed file stays as it
    was and the other notebooks continue.

    :param runner: a cluster; this machine if there is none.
    :param start: how kernels are started.
    :raises BookError: an environment cannot be set up, a file cannot be written, or
        the cluster is lost.
    """
    outcomes: dict[str, Outcome] = {}
    for step in steps:
        if step.reused is not None:
            _save(book.config, step, step.reused)
            outcomes[step.name] = Outcome(step, None)
    stale = [step for step in steps if step.reused is None]
    machine = None
    if stale and runner is None:
        frameworks = dict.fromkeys(step.framework for step in stale)
        runner = machine = local.prepare(
            book.config, frameworks, progress.setting_up, start=start
        )
    if stale and runner is not None:
        if any(step.twice for step in stale):
            runner = observe.TwiceRunner(runner)
        outcomes |= _run_stale(book, stale, runner, progress, start=start)
    if machine is not None and (warnings := machine.warnings()):
        progress.warned(warnings)
    return [outcomes[step.name] for step in steps]


def remove_orphans(book: Book) -> list[Path]:
    """Delete the engine's committed notebooks that no section compiles to.

    :returns: the deleted files.
    """
    files = list(store.orphans(book))
    for file in files:
        file.unlink()
    return files


def job_of(book: Book, step: Step, *, start: KernelStart = KernelStart.FORKED) -> Job:
    """Return the job that executes a step.

    :param start: how a worker starts the kernel.
    """
    return Job(
        section=step.section.name,
        framework=step.framework.name,
        notebook=step.compiled,
        lines=tuple(source_lines(book, step.section, step.framework)),
        resources=book.config.resources,
        timeout=book.config.timeout,
        key=store.key(book.config, step.framework, step.compiled),
        environment=store.environment(book.config, step.framework),
        start=start,
    )


def _run_stale(
    book: Book,
    steps: Sequence[Step],
    runner: NotebookRunner,
    progress: ExecutionProgress,
    *,
    start: KernelStart,
) -> dict[str, Outcome]:
    """Execute stale notebooks, the longest first, and save those that succeed.

    :returns: the outcome of each step by its name.
    """
    durations = Durations(book.config)
    ordered = sorted(
        steps,
        key=lambda step: (
            durations.expected(step.section.name, step.framework.name),
            step.cells,
        ),
        reverse=True,
    )
    by_name = {step.name: step for step in ordered}
    progress.running(ordered)
    outcomes: dict[str, Outcome] = {}
    try:
        jobs = [job_of(book, step, start=start) for step in ordered]
        with closing(runner.run(jobs)) as results:
            for job, result in results:
                step = by_name[job.name]
                outcomes[step.name] = _outcome(book.config, step, result)
                if result.failure is None:
                    _save(book.config, step, _stamped(book.config, step, result))
                    durations.add(job.section, job.framework, result.seconds)
                progress.finished(outcomes[step.name])
                if result.failure is None:
                    seen = observe.observations(job, result)
                    progress.warned(_problems(book, step, seen))
    except RunnerLostError as error:
        raise BookError(
            f"{error}: {len(outcomes)} of {len(steps)} notebooks had ended, and their "
            "results are saved; the next run goes on from there"
        ) from error
    finally:
        durations.save()
    return outcomes


def _outcome(config: Config, step: Step, result: Result) -> Outcome:
    failure = result.failure
    if failure is not None:
        failure = observe.with_advice(failure, config, step.framework)
    return Outcome(step, result.seconds, failure)


def _problems(
    book: Book, step: Step, observations: Iterable[Observation]
) -> list[Problem]:
    """Return the remarks on a run as warnings of the section."""
    return [
        Problem(
            step.section.path,
            observation.line,
            observation.name,
            f"[{step.framework.label}] {observation.message}",
            "warning",
        )
        for observation in observations
        if observation.name not in book.config.silenced
    ]


def _stamped(config: Config, step: Step, result: Result) -> NotebookNode:
    """Return the executed notebook with its key and its framework's versions."""
    versions = store.recorded_versions(step.framework, result.versions)
    return store.with_key(config, step.framework, result.notebook, versions)


def _save(config: Config, step: Step, notebook: NotebookNode) -> None:
    file = store.path(config, step.section, step.framework)
    store.save(config, file, notebook)

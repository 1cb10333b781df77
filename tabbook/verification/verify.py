"""Verify the committed notebooks: execute every cell again, compare every output.

Notebooks that are missing, broken, stale or not executed are reported from the files
alone (``examine``). The others are executed by nbval, one pytest process per notebook
(``nbval_runner``), made strict by ``nbval_plugin``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from tabbook import environments
from tabbook.base.config import Config, Framework
from tabbook.base.errors import Problem
from tabbook.base.process import worker_count
from tabbook.environments import Environment
from tabbook.environments.kernelspec import KernelStart
from tabbook.execution.durations import Durations
from tabbook.execution.forkserver.kernels import (
    KernelLaunch,
    fork_warnings,
    kernel_launch,
    pending_imports,
)
from tabbook.execution.pool import Imports, run_imported_first
from tabbook.notebooks import store
from tabbook.source.book import Book
from tabbook.source.section import Section
from tabbook.verification.examine import examine, orphans
from tabbook.verification.rerun import nbval_runner
from tabbook.verification.verdict import Verdict, VerifiedNotebook


@dataclass(frozen=True)
class VerificationProgress:
    """Functions that are called while notebooks are verified."""

    setting_up: Callable[[Framework, str], None] = lambda framework, reason: None
    """An environment is being installed, and why."""
    finished: Callable[[VerifiedNotebook], None] = lambda notebook: None
    """One notebook is verified."""
    warned: Callable[[Sequence[Problem]], None] = lambda problems: None
    """Warnings raised while running, such as kernels that could not be forked."""


def verify(
    book: Book,
    sections: Sequence[Section],
    frameworks: Sequence[Framework],
    *,
    start: KernelStart = KernelStart.FORKED,
    progress: VerificationProgress = VerificationProgress(),
) -> Verdict:
    """Compare the committed notebooks with the outputs that their code gives now.

    Orphans are reported only if all sections are verified. A translation runs nothing:
    its notebooks are compared with those of its origin, which are verified there.

    :param start: how kernels are started.
    :raises BookError: an environment cannot be installed, or its pins are missing.
    """
    config = book.config
    examined = examine(book, sections, frameworks)
    is_whole_book = set(sections) >= set(book.sections)
    unused = tuple(orphans(book)) if is_whole_book else ()
    if config.origin:
        return Verdict(tuple(examined), unused)
    executable = dict.fromkeys(
        notebook.framework for notebook in examined if notebook.passed
    )
    prepared = {
        framework: environments.prepare(config, framework, progress.setting_up)
        for framework in executable
    }
    kernels = {
        framework.name: kernel_launch(config, framework, environment, start=start)
        for framework, environment in prepared.items()
    }
    for launch in kernels.values():
        nbval_runner.start_imports(launch)
    notebooks = tuple(
        _with_versions(config, notebook, prepared[notebook.framework])
        if notebook.seconds is not None
        else notebook
        for notebook in run_all(
            book,
            examined,
            kernels,
            imports=pending_imports(config, prepared, start=start),
            progress=progress,
        )
    )
    if problems := list(fork_warnings(config, prepared, start=start)):
        progress.warned(problems)
    return Verdict(notebooks, unused)


def _with_versions(
    config: Config, notebook: VerifiedNotebook, environment: Environment
) -> VerifiedNotebook:
    """Add the versions that ran, and a problem if the notebook names others.

    Only another Python is none: its releases are not pinned.
    """
    framework = notebook.framework
    ran = store.recorded_versions(framework, environment.versions)
    named = store.versions(store.load(config, notebook.section, framework))
    others = {
        name: version
        for name, version in named.items()
        if name != "python" and ran.get(name) != version
    }
    notebook = replace(notebook, versions=ran)
    if not others:
        return notebook
    listed = ", ".join(f"{name} {version}" for name, version in others.items())
    message = f"{notebook.file(config)} names versions that did not run: {listed}"
    return notebook.with_problem(0, "other-versions", message)


def run_all(
    book: Book,
    examined: Sequence[VerifiedNotebook],
    kernels: Mapping[str, KernelLaunch],
    *,
    imports: Imports | None = None,
    progress: VerificationProgress = VerificationProgress(),
) -> tuple[VerifiedNotebook, ...]:
    """Execute the notebooks without a problem; return all in the order given.

    :param kernels: how the kernels of each framework are started, by its name.
    :param imports: the frameworks that fork servers may still be importing.
    """

    def run(at: int) -> VerifiedNotebook:
        """Execute the notebook at a place, unless it has a problem already."""
        notebook = examined[at]
        if not notebook.passed:
            return notebook
        return nbval_runner.run(book, notebook, kernels[notebook.framework.name])

    durations = Durations(book.config)
    seconds = [
        durations.expected(notebook.section.name, notebook.framework.name)
        for notebook in examined
    ]
    results = run_imported_first(
        sorted(range(len(examined)), key=seconds.__getitem__, reverse=True),
        run,
        workers=worker_count(book.config.jobs),
        needs=lambda at: examined[at].framework.name if examined[at].passed else "",
        imports=imports or {},
    )
    verified: dict[int, VerifiedNotebook] = {}
    with closing(results):
        for at, notebook in results:
            verified[at] = notebook
            progress.finished(notebook)
    return tuple(verified[at] for at in range(len(examined)))

"""Execute notebooks on this machine, in the book's own environments."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from tabbook import environments
from tabbook.base.config import Config, Framework
from tabbook.base.errors import Problem
from tabbook.base.process import worker_count
from tabbook.environments import Environment
from tabbook.environments.kernelspec import KernelStart
from tabbook.execution import runner
from tabbook.execution.forkserver import kernels
from tabbook.execution.job import Job, Result
from tabbook.execution.pool import run_imported_first


@dataclass(frozen=True)
class LocalRunner:
    """Executes notebooks in threads; each waits for a kernel, which is a process."""

    config: Config
    """Configuration of the book."""
    environments: Mapping[Framework, Environment]
    """The environment of each framework, ready to run kernels."""
    jupyter: Mapping[str, Path]
    """Name of a framework: the Jupyter folder in which it is the kernel python3."""
    start: KernelStart = KernelStart.FORKED
    """How kernels are started."""

    def run(self, jobs: Sequence[Job]) -> Generator[tuple[Job, Result], None, None]:
        """Execute notebooks, started in the order given; yield each as it ends.

        None waits for a fork server that imports while another could run.
        """
        versions = {
            framework.name: environment.versions
            for framework, environment in self.environments.items()
        }
        results = run_imported_first(
            jobs,
            self.run_job,
            workers=worker_count(self.config.jobs),
            needs=lambda job: job.framework,
            imports=kernels.pending_imports(
                self.config, self.environments, start=self.start
            ),
        )
        with closing(results):
            for job, result in results:
                yield job, replace(result, versions=versions[job.framework])

    def run_job(self, job: Job) -> Result:
        """Execute one notebook."""
        return runner.run(
            job, root=self.config.root, jupyter=self.jupyter[job.framework]
        )

    def warnings(self) -> list[Problem]:
        """Return a warning for each framework whose kernels could not be forked."""
        return list(
            kernels.fork_warnings(self.config, self.environments, start=self.start)
        )


def start_imports(
    config: Config, frameworks: Iterable[Framework], *, start: KernelStart
) -> None:
    """Start the fork servers of the environments that are set up.

    They import while this process does something else; ``prepare`` finds them running.
    """
    for framework in frameworks:
        if environment := environments.ready(config, framework):
            kernels.kernel_launch(config, framework, environment, start=start)


def prepare(
    config: Config,
    frameworks: Iterable[Framework],
    setting_up: Callable[[Framework, str], None] = lambda framework, reason: None,
    *,
    start: KernelStart = KernelStart.FORKED,
) -> LocalRunner:
    """Set environments up and start their fork servers, which import meanwhile.

    :param setting_up: called with the framework and the reason before an environment
        is set up.
    :param start: how kernels are started; no fork server is needed for fresh ones.
    :raises BookError: an environment cannot be set up.
    """
    prepared = {
        framework: environments.prepare(config, framework, setting_up)
        for framework in frameworks
    }
    jupyter = {
        framework.name: kernels.kernel_launch(
            config, framework, environment, start=start
        ).jupyter
        for framework, environment in prepared.items()
    }
    return LocalRunner(config, prepared, jupyter, start)

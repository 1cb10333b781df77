"""Measure the seconds of a book's cells and the memory of its kernels."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from tabbook.base import config
from tabbook.base.config import Config, Framework
from tabbook.environments.kernelspec import KernelStart
from tabbook.execution import local, planner, runner
from tabbook.execution.forkserver.servers import close_servers, started_servers
from tabbook.execution.job import Job
from tabbook.execution.local import LocalRunner
from tabbook.source import book

AT_ONCE = 4
"""Kernels whose memory is measured together."""

SECTION = "chapter_builders-guide/parameters"


@dataclass(frozen=True)
class ExecutionFloor:
    """Seconds of executing a book that no way of scheduling it can save."""

    cells: float
    """Seconds of all cells of all frameworks, one kernel at a time."""
    imports: float
    """Seconds of importing each framework once."""


def execution_floor(folder: Path) -> ExecutionFloor:
    """Execute every notebook alone, in a forked kernel; time imports and cells."""
    settings = config.load(folder)
    imports, cells = 0.0, 0.0
    for framework in settings.frameworks:
        started = time.monotonic()
        local_runner, jobs = _jobs(settings, framework, KernelStart.FORKED)
        (server,) = started_servers()
        _ = server.refusal  # blocks until the server has imported its modules
        imports += time.monotonic() - started
        cells += sum(_cell_seconds(local_runner, job) for job in jobs)
        close_servers()
    return ExecutionFloor(cells, imports)


def memory(settings: Config) -> Iterator[str]:
    """Yield the lines of a table: memory of a kernel, fresh and forked.

    The figure is the peak of all processes of a framework together, the fork server
    included and shared pages counted once, divided by the number of kernels.
    """
    yield f"| MiB a kernel, {AT_ONCE} at once | fresh | forked | ratio |"
    yield "|---|---:|---:|---:|"
    for framework in settings.frameworks:
        fresh = _peak_mib(settings, framework, KernelStart.FRESH)
        forked = _peak_mib(settings, framework, KernelStart.FORKED)
        yield f"| {framework.label} | {fresh} | {forked} | {forked / fresh:.2f} |"


def _jobs(
    settings: Config, framework: Framework, start: KernelStart
) -> tuple[LocalRunner, list[Job]]:
    loaded = book.load(settings)
    local_runner = local.prepare(settings, [framework], start=start)
    steps = planner.plan(loaded, loaded.sections, [framework], force=True)
    return local_runner, [planner.job_of(loaded, step) for step in steps]


def _cell_seconds(local_runner: LocalRunner, job: Job) -> float:
    """Return the seconds of a notebook's cells, from the start to the end of each."""
    client = runner._client
    starts: list[float] = []
    durations: list[float] = []

    def create_timed_client(*arguments):  # type: ignore[no-untyped-def]
        timed_client = client(*arguments)
        timed_client.on_cell_execute = lambda **_: starts.append(time.monotonic())
        timed_client.on_cell_executed = lambda **_: durations.append(
            time.monotonic() - starts[-1]
        )
        return timed_client

    runner._client = create_timed_client
    try:
        failure = local_runner.run_job(job).failure
    finally:
        runner._client = client
    if failure:
        sys.exit(f"{job.name}: {failure.message}")
    return sum(durations)


def _peak_mib(settings: Config, framework: Framework, start: KernelStart) -> int:
    """Return the peak memory of a kernel while several execute the same notebook."""
    local_runner, jobs = _jobs(settings, framework, start)
    jobs = [job for job in jobs if job.section == SECTION]
    ended, totals = threading.Event(), [0]

    def sample() -> None:
        while not ended.is_set():
            totals.append(sum(map(_share, psutil.Process().children(recursive=True))))
            time.sleep(0.1)

    sampler = threading.Thread(target=sample)
    sampler.start()
    list(local_runner.run(jobs * AT_ONCE))
    ended.set()
    sampler.join()
    close_servers()
    return (max(totals) >> 20) // AT_ONCE


def _share(process: psutil.Process) -> int:
    """Return the proportional set size of a process in bytes; 0 if it has ended."""
    with contextlib.suppress(psutil.Error):
        return int(process.memory_full_info().pss)
    return 0

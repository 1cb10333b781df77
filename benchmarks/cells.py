"""What the cells of a book take by themselves, and what its kernels hold."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from tabbook.base import config
from tabbook.base.config import Config, Framework
from tabbook.execution import local, planner, runner
from tabbook.execution.forkserver.servers import close_servers, started_servers
from tabbook.execution.job import Job
from tabbook.execution.local import LocalRunner
from tabbook.source import book

AT_ONCE = 4
"""Kernels that are looked at together."""

SECTION = "chapter_builders-guide/parameters"


@dataclass(frozen=True)
class Spent:
    """Seconds of a book's run that no way to run it takes away."""

    cells: float
    """Of all cells of all frameworks, one kernel at a time."""
    imports: float
    """Of importing each framework once."""


def spent(folder: Path) -> Spent:
    """Run every notebook by itself, forked; return what imports and cells take."""
    settings = config.load(folder)
    imports, ran = 0.0, 0.0
    for framework in settings.frameworks:
        started = time.monotonic()
        machine, jobs = _jobs(settings, framework)
        (server,) = started_servers()
        _ = server.refusal  # comes when all is imported
        imports += time.monotonic() - started
        ran += sum(_cells(machine, job) for job in jobs)
        close_servers()
    return Spent(ran, imports)


def memory(settings: Config) -> Iterator[str]:
    """Yield a table of what a kernel holds, fresh and forked, while several run.

    It is the most that all processes of a framework held at once, the fork
    server included and what they share counted once, divided by the number of kernels.
    """
    yield f"| MiB a kernel, {AT_ONCE} at once | fresh | forked | ratio |"
    yield "|---|---:|---:|---:|"
    for framework in settings.frameworks:
        fresh = _held(replace(settings, fresh_kernels=True), framework)
        forked = _held(settings, framework)
        yield f"| {framework.label} | {fresh} | {forked} | {forked / fresh:.2f} |"


def _jobs(settings: Config, framework: Framework) -> tuple[LocalRunner, list[Job]]:
    loaded = book.load(settings)
    machine = local.prepare(settings, [framework])
    steps = planner.plan(loaded, loaded.sections, [framework], force=True)
    return machine, [planner.job_of(loaded, step) for step in steps]


def _cells(machine: LocalRunner, job: Job) -> float:
    """Return the seconds of a notebook's cells, from the first's start to each end."""
    client = runner._client
    began: list[float] = []
    took: list[float] = []

    def timed(*arguments):  # type: ignore[no-untyped-def]
        made = client(*arguments)
        made.on_cell_execute = lambda **_: began.append(time.monotonic())
        made.on_cell_executed = lambda **_: took.append(time.monotonic() - began[-1])
        return made

    runner._client = timed
    try:
        failure = machine.run_job(job).failure
    finally:
        runner._client = client
    if failure:
        sys.exit(f"{job.name}: {failure.message}")
    return sum(took)


def _held(settings: Config, framework: Framework) -> int:
    """Return MiB a kernel while several run the same notebook."""
    machine, jobs = _jobs(settings, framework)
    jobs = [job for job in jobs if job.section == SECTION]
    ended, most = threading.Event(), [0]

    def look() -> None:
        while not ended.is_set():
            most.append(sum(map(_share, psutil.Process().children(recursive=True))))
            time.sleep(0.1)

    watching = threading.Thread(target=look)
    watching.start()
    list(machine.run(jobs * AT_ONCE))
    ended.set()
    watching.join()
    close_servers()
    return (max(most) >> 20) // AT_ONCE


def _share(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.Error):
        return int(process.memory_full_info().pss)
    return 0

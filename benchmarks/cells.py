"""Measure the seconds of a book's cells and the memory of its kernels."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from nbclient import NotebookClient

from tabbook.base import config
from tabbook.base.config import Config, Framework
from tabbook.base.process import cores
from tabbook.environments.kernelspec import KernelStart
from tabbook.execution import local, planner, runner
from tabbook.execution.forkserver.servers import close_servers, started_servers
from tabbook.execution.job import Job
from tabbook.execution.local import LocalRunner
from tabbook.execution.shell_commands import FailedCommands
from tabbook.source import book

AT_ONCE = 4
"""Kernels whose memory is measured together."""

SECTION = "chapter_builders-guide/parameters"


@dataclass(frozen=True)
class Cost:
    """What something takes."""

    seconds: float = 0.0
    """Wall time."""
    cpu: float = 0.0
    """CPU seconds, user and system: the same on a busy machine."""

    def __add__(self, other: Cost) -> Cost:
        """Return both together, one after the other."""
        return Cost(self.seconds + other.seconds, self.cpu + other.cpu)

    def __sub__(self, other: Cost) -> Cost:
        """Return the cost of what happened since another time."""
        return Cost(self.seconds - other.seconds, self.cpu - other.cpu)

    @property
    def occupied(self) -> Cost:
        """Return the cost with the seconds of cores that it occupies as its seconds.

        One core while it waits or computes in one thread, several while its threads
        compute side by side, as those of a compiler do.
        """
        return Cost(max(self.seconds, self.cpu), self.cpu)


@dataclass(frozen=True)
class ExecutionFloor:
    """What no way of scheduling a book's execution can save."""

    cells: Cost
    """The cores that all cells of all frameworks occupy, one kernel at a time."""
    imports: Cost
    """Importing each framework once."""

    @property
    def limit(self) -> Cost:
        """Return the cost of cells that share all cores, and of the imports."""
        return Cost(
            self.cells.seconds / cores() + self.imports.seconds,
            self.cells.cpu / cores() + self.imports.cpu,
        )


def execution_floor(folder: Path) -> ExecutionFloor:
    """Execute every notebook alone, in a forked kernel; measure imports and cells."""
    settings = config.load(folder)
    imports, cells = Cost(), Cost()
    for framework in settings.frameworks:
        started = time.monotonic()
        local_runner, jobs = _jobs(settings, framework, KernelStart.FORKED)
        (server,) = started_servers()
        _ = server.refusal  # blocks until the server has imported its modules
        imports += Cost(time.monotonic() - started, _cpu(server.pid))
        for job in jobs:
            cells += _cost_of_cells(local_runner, job)
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


def _cost_of_cells(local_runner: LocalRunner, job: Job) -> Cost:
    """Return what a notebook's cells take, from the start to the end of each."""
    watch = runner._watch
    costs: list[Cost] = []

    def watch_and_measure(job: Job, client: NotebookClient) -> FailedCommands:
        failed_commands = watch(job, client)
        manager, check, began = client.km, client.on_cell_executed, [Cost()]

        def now() -> Cost:
            return Cost(time.monotonic(), _cpu(manager.provisioner.pid))

        async def executed(**arguments: Any) -> None:
            costs.append(now() - began[0])
            await check(**arguments)

        client.on_cell_execute = lambda **_: began.__setitem__(0, now())
        client.on_cell_executed = executed
        return failed_commands

    runner._watch = watch_and_measure
    try:
        failure = local_runner.run_job(job).failure
    finally:
        runner._watch = watch
    if failure:
        sys.exit(f"{job.name}: {failure.message}")
    return sum((cost.occupied for cost in costs), Cost())


def _cpu(process: int) -> float:
    """Return the CPU seconds of a process and of its descendants."""
    parent, total = psutil.Process(process), 0.0
    for each in (parent, *parent.children(recursive=True)):
        with contextlib.suppress(psutil.Error):  # it has ended
            times = each.cpu_times()
            total += times.user + times.system
    ended = parent.cpu_times()
    return total + ended.children_user + ended.children_system


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

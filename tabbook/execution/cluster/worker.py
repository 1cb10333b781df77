"""A worker: executes the notebooks that a scheduler sends, in this book's environments.

Dask's documentation does not cover all of what is used here: ``Worker.status``, and
``unregister`` of the scheduler's remote calls. Dask's own ways to end a worker wait for
the notebooks that run.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tabbook import environments
from tabbook.base.config import Config, Framework
from tabbook.base.errors import BookError
from tabbook.base.folders.scratch import scratch_folder
from tabbook.base.program import command_line
from tabbook.environments.kernelspec import KernelStart
from tabbook.execution import runner
from tabbook.execution.cluster import protocol, scheduler, security
from tabbook.execution.forkserver.kernels import kernel_launch
from tabbook.execution.job import Failure, Job, Result
from tabbook.notebooks import store

CONNECT = 30
"""Seconds in which a scheduler has to accept the connection."""
LEAVE = 5
"""Seconds for which a worker waits until the scheduler knows that it leaves."""


@dataclass(frozen=True)
class Offer:
    """Resources of a worker."""

    frameworks: Sequence[Framework]
    """Frameworks whose environments are ready."""
    jobs: int
    """How many notebooks run at once."""
    gpus: int
    """How many GPUs there are for them."""
    start: KernelStart = KernelStart.FORKED
    """How kernels are started; a job may require fresh ones."""

    def resources(self, config: Config) -> dict[str, int]:
        """Return the names of the Dask resources and how many units there are."""
        names = (
            protocol.resource(framework.name, store.environment(config, framework))
            for framework in self.frameworks
        )
        gpus = {protocol.GPU: self.gpus} if self.gpus else {}
        return dict.fromkeys(names, self.jobs) | gpus

    def __str__(self) -> str:
        """Return the offer as a message shows it."""
        names = ", ".join(framework.name for framework in self.frameworks)
        return f"{names}; {self.jobs} notebooks at once; {self.gpus} GPUs"


_served: list[tuple[Config, Offer]] = []
"""The one book that this process serves, if it is a worker, and its resources."""


def serve(
    config: Config, address: str, offer: Offer, report: Callable[[str], None]
) -> bool:
    """Work for a scheduler until a signal comes or the scheduler is gone.

    Notebooks may still run in threads then; ``process.end_at_once`` ends them.

    :param report: called with messages for the user.
    :returns: whether a signal ended it.
    :raises BookError: no scheduler accepts the connection.
    """
    scheduler.configure()
    _served[:] = [(config, offer)]
    with scratch_folder("tabbook-worker-") as scratch:
        return scheduler.run(_serve(config, address, offer, report, str(scratch)))


def execute(job_data: bytes, files: bytes) -> bytes:
    """Execute a notebook that a client sent; return the reply.

    :param job_data: from ``protocol.pack_job``.
    :param files: from ``protocol.pack_files``.
    """
    from distributed import get_worker

    worker = get_worker()
    ((config, offer),) = _served
    job = protocol.unpack_job(job_data)
    key = store.key(config, config.framework(job.framework), job.notebook)
    result = _execute(config, offer, job, files)
    return protocol.pack_reply(protocol.Reply(result, key, worker.address))


def count_gpus() -> int:
    """Return how many NVIDIA GPUs this machine has."""
    if shutil.which("nvidia-smi"):
        command = ["nvidia-smi", "-L"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return len(re.findall(r"^GPU \d+:", done.stdout, re.M))
    return len(list(Path("/dev").glob("nvidia[0-9]*")))


def _execute(config: Config, offer: Offer, job: Job, files: bytes) -> Result:
    """Execute a job in a copy of the client's files and in this book's environment."""
    framework = config.framework(job.framework)
    environment = environments.ready(config, framework)
    if environment is None:
        failure = Failure("no-kernel", 0, "the worker's environment is gone")
        return Result(job.notebook, 0.0, failure)
    required = (job.start, offer.start)
    start = KernelStart.FRESH if KernelStart.FRESH in required else KernelStart.FORKED
    launch = kernel_launch(config, framework, environment, start=start)
    with scratch_folder("tabbook-book-") as scratch:
        root = scratch / "book"
        root.mkdir()
        protocol.unpack_files(files, root)
        result = runner.run(job, root=root, jupyter=launch.jupyter)
    return replace(result, versions=environment.versions)


async def _serve(
    config: Config,
    address: str,
    offer: Offer,
    report: Callable[[str], None],
    scratch: str,
) -> bool:
    stop = scheduler.stop_event()  # before there is anything to leave behind
    connecting = asyncio.ensure_future(
        _connect(
            address,
            nthreads=offer.jobs,
            resources=offer.resources(config),
            local_directory=scratch,
        )
    )
    if await scheduler.first(stop, connecting):
        return True
    worker = connecting.result()
    report(f"worker of {address}: {offer}")
    stopped = await scheduler.first(stop, _closing(worker))
    if stopped:
        # The scheduler must know before kernels are killed: the failures that follow
        # are no results, and the notebooks did not cause the end of the worker.
        # Not ``wait_for``, which waits on where Dask ignores that it is cancelled.
        await asyncio.wait([asyncio.ensure_future(_leave(worker))], timeout=LEAVE)
    else:
        report(f"the scheduler at {address} is gone")
    return stopped


async def _connect(address: str, **options: Any) -> Any:
    """Return a Dask worker that is connected to a scheduler."""
    from distributed import Worker

    try:
        host = security.own_host(address)
    except OSError as error:
        raise BookError(f"{address}: this host is unknown: {error}") from error
    worker = scheduler.without_web(Worker)(
        address,
        **options,
        host=host,
        memory_limit=0,  # no limit: notebooks run in other processes
        death_timeout=CONNECT,
    )
    try:
        return await worker
    except (TimeoutError, OSError, RuntimeError) as error:
        raise BookError(
            f"no scheduler answers at {address}; start one on its machine: "
            f"{command_line(f'scheduler {address}')}"
        ) from error


async def _leave(worker: Any) -> None:
    """Unregister from the scheduler and close, without waiting for notebooks."""
    await worker.scheduler.unregister(
        address=worker.address, expected=True, close=False, stimulus_id="stopped"
    )
    await worker.close(executor_wait=False, timeout=2)


async def _closing(worker: Any) -> None:
    """Wait until a worker closes itself: its scheduler is gone or has removed it.

    ``Worker.finished`` returns too late: it waits for the notebooks that run.
    """
    while worker.status.name in ("running", "paused"):
        await asyncio.sleep(0.2)

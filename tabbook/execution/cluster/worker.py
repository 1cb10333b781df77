"""A worker: runs the notebooks that a scheduler sends, in this book's environments."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tabbook import environments
from tabbook.base.config import Config, Framework
from tabbook.base.errors import BookError
from tabbook.execution import runner
from tabbook.execution.cluster import protocol, scheduler
from tabbook.execution.forkserver import client as forkserver
from tabbook.execution.runner import Failure, Result
from tabbook.notebooks import store

PATIENCE = 30
"""Seconds in which a scheduler has to answer."""


@dataclass(frozen=True)
class Offer:
    """What a worker has for those who ask."""

    frameworks: Sequence[Framework]
    """Their environments stand."""
    jobs: int
    """Notebooks at once."""
    gpus: int

    def resources(self, config: Config) -> dict[str, int]:
        """Return it in Dask's terms."""
        names = (
            protocol.offer(one.name, store.environment(config, one))
            for one in self.frameworks
        )
        graphics = {protocol.GPU: self.gpus} if self.gpus else {}
        return dict.fromkeys(names, self.jobs) | graphics

    def __str__(self) -> str:
        """Return it in words."""
        names = ", ".join(one.name for one in self.frameworks)
        return f"{names}; {self.jobs} notebooks at once; {self.gpus} GPUs"


def serve(
    config: Config, address: str, offer: Offer, tell: Callable[[str], None]
) -> bool:
    """Work for a scheduler until stopped, or until it is gone.

    :returns: whether it was stopped by a signal.
    :raises BookError: no scheduler answers.
    """
    scheduler.configure()
    with tempfile.TemporaryDirectory(prefix="tabbook-worker-") as scratch:
        return asyncio.run(_serve(config, address, offer, tell, scratch))


def run(job: bytes, files: bytes) -> bytes:
    """Run one notebook as it came; return what to send back."""
    from distributed import get_worker

    worker = get_worker()
    config: Config = worker.book
    with tempfile.TemporaryDirectory(prefix="tabbook-book-") as root:
        asked = protocol.unpack_job(job, Path(root))
        protocol.unpack_files(files, Path(root))
        framework = config.framework(asked.framework)
        key = store.key(config, framework, asked.notebook)
        made = environments.ready(config, framework)
        if made is None:
            failure = Failure("no-kernel", 0, "the worker's environment is gone")
            result = Result(asked.notebook, 0.0, failure)
        else:
            fresh = asked.fresh_kernels or config.fresh_kernels
            how = replace(config, fresh_kernels=fresh)
            jupyter = forkserver.kernels(how, framework, made).jupyter
            result = runner.run(replace(asked, jupyter=str(jupyter)))
            result = replace(result, versions=made.versions)
    return protocol.pack_answer(protocol.Answer(result, key, worker.address))


def found_gpus() -> int:
    """Return how many GPUs of NVIDIA this machine has."""
    if shutil.which("nvidia-smi"):
        command = ["nvidia-smi", "-L"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return len(re.findall(r"^GPU \d+:", done.stdout, re.M))
    return len(list(Path("/dev").glob("nvidia[0-9]*")))


async def _serve(
    config: Config,
    address: str,
    offer: Offer,
    tell: Callable[[str], None],
    scratch: str,
) -> bool:
    worker = await _joined(
        config,
        address,
        nthreads=offer.jobs,
        resources=offer.resources(config),
        local_directory=scratch,
    )
    tell(f"worker of {address}: {offer}")
    stopped = await scheduler.first(_ending(worker))
    if stopped:
        # First the scheduler hears of it: what the end of the kernels looks like is
        # no result, and that they ended is not their fault.
        with contextlib.suppress(OSError, TimeoutError):
            await asyncio.wait_for(_leave(worker), 5)
    else:
        tell(f"the scheduler at {address} is gone")
    _end_kernels()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(worker.finished(), 5)
    # Each thread takes its scratch folder away.
    await asyncio.to_thread(worker.executor.shutdown, wait=True, timeout=5)
    return stopped


async def _joined(config: Config, address: str, **options: Any) -> Any:
    """Return a worker of Dask that is connected, and that knows its book."""
    from distributed import Worker

    worker = scheduler.without_web(Worker)(
        address,
        **options,
        memory_limit=0,  # kernels are processes of their own
        death_timeout=PATIENCE,
    )
    worker.book = config
    try:
        return await worker
    except (TimeoutError, OSError, RuntimeError) as error:
        raise BookError(
            f"no scheduler answers at {address}; start one on its machine: "
            f"./build.sh scheduler {address}"
        ) from error


async def _leave(worker: Any) -> None:
    await worker.scheduler.unregister(
        address=worker.address, expected=True, close=False, stimulus_id="stopped"
    )
    await worker.close(executor_wait=False, timeout=2)


async def _ending(worker: Any) -> None:
    """Wait until a worker stops by itself: its scheduler is gone, or has sent it away.

    ``Worker.finished`` comes too late: it waits for the notebooks that run.
    """
    while worker.status.name in ("running", "paused"):
        await asyncio.sleep(0.2)


def _end_kernels() -> None:
    import psutil

    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()

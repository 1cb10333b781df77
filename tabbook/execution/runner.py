"""Run notebooks: one new kernel each, many at once, no failure harms another.

The code asks for a ``concurrent.futures.Executor`` and sends it what can be pickled,
so that the pool of this machine and a cluster are interchangeable.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import copy
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import (
    CellExecutionError,
    CellTimeoutError,
    DeadKernelError,
)
from nbformat import NotebookNode

from tabbook.base.terminal import strip_ansi

KERNEL = "python3"


@dataclass(frozen=True)
class Job:
    """One notebook to run."""

    section: str
    framework: str
    notebook: NotebookNode
    """Compiled, without outputs; it is left as it is."""
    lines: tuple[int, ...]
    """Source line of each code cell, in order; 0 where it stands in no source."""
    jupyter: str
    """Folder in which the kernel python3 is the framework's."""
    root: str
    """The book's folder."""
    resources: tuple[str, ...]
    """What of the book the cells may read, relative to the root."""
    timeout: int
    """Seconds one cell may take."""
    key: str = ""
    """What the store calls the result; another machine has to agree."""
    environment: str = ""
    """What the store calls the environment, for a machine with its own."""
    fresh_kernels: bool = False
    """Whether its kernel must not be forked, for a machine with its own templates."""

    @property
    def gpu(self) -> bool:
        """Return whether it asks for a GPU, as it asks Colab."""
        return bool(self.notebook.metadata.get("accelerator") == "GPU")

    @property
    def name(self) -> str:
        """Return how reports call the job."""
        return f"{self.section} [{self.framework}]"


@dataclass(frozen=True)
class Failure:
    """Why a notebook did not run to its end."""

    kind: str
    """``raised``, ``dead-kernel``, ``timeout``, ``no-kernel`` or ``stopped``; from a
    cluster also ``no-worker``, ``lost-workers`` or ``other-key``."""
    line: int
    """Source line of the cell; 0 where no cell is to blame."""
    message: str
    source: str = ""
    """The cell."""
    traceback: str = ""
    """What the kernel showed, without colours."""


@dataclass(frozen=True)
class Result:
    """What a run gave; the caller decides what a failure means."""

    notebook: NotebookNode
    """With outputs, as far as it ran."""
    seconds: float
    """Wall time, start and end of the kernel included."""
    failure: Failure | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of what ran, where the job named no environment of this machine."""


@contextmanager
def using(executor: Executor) -> Iterator[Executor]:
    """Use an executor; where that is broken off, do not wait for what still runs."""
    try:
        yield executor
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    executor.shutdown()


def run_all(jobs: Sequence[Job], executor: Executor) -> Iterator[tuple[Job, Result]]:
    """Run notebooks in the order given; yield each as it ends."""
    waiting = {executor.submit(run, job): job for job in jobs}
    try:
        for future in as_completed(waiting):
            yield waiting[future], future.result()
    finally:
        for future in waiting:
            future.cancel()


def run(job: Job) -> Result:
    """Run one notebook in a kernel and a scratch folder of its own."""
    started = time.monotonic()
    at = [-1]  # the cell that runs, counted among all cells
    with tempfile.TemporaryDirectory(prefix="tabbook-") as scratch:
        folder = workplace(Path(scratch), Path(job.root), job.resources, job.section)
        client = _client(job, Path(scratch), folder)
        manager = client.km  # nbclient forgets it in the end
        client.on_cell_start = lambda cell, cell_index: at.__setitem__(0, cell_index)
        try:
            # A manager that nbclient did not make it would leave running.
            asyncio.run(_stoppable(job.name, client, manager))
            failure = None
        except asyncio.CancelledError:
            failure = Failure("stopped", 0, "it was stopped")
        except Exception as error:  # reported, never raised: the others go on
            failure = _failure(job, client, manager, at[0], error)
        finally:
            # It would look, at the end of all, for a kernel that never came up.
            atexit.unregister(client._cleanup_kernel)
    return Result(_clean(job, client.nb), time.monotonic() - started, failure)


_stops: dict[str, Callable[[], object]] = {}
"""What stops each job that runs in this process, by its name."""


def stop(name: str) -> None:
    """Stop a job that another thread of this process runs; its result says so."""
    with contextlib.suppress(KeyError, RuntimeError):  # it ended by itself
        _stops.pop(name)()


async def _stoppable(name: str, client: NotebookClient, manager: Any) -> None:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    _stops[name] = lambda: loop.call_soon_threadsafe(task.cancel) if task else None
    try:
        await client.async_execute(cleanup_kc=True)
    except asyncio.CancelledError:
        if manager.has_kernel:  # nbclient ends no kernel that is about to start
            await manager.shutdown_kernel(now=True)
        raise
    finally:
        _stops.pop(name, None)


def workplace(
    scratch: Path, root: Path, resources: Sequence[str], section: str
) -> Path:
    """Lay out a folder in which a section finds the book's resources.

    :returns: where the section's kernel works; what it writes goes with the scratch.
    """
    for name in resources:
        for found in sorted(root.glob(name)):
            link = scratch / found.relative_to(root)
            link.parent.mkdir(parents=True, exist_ok=True)
            if not link.exists():
                link.symlink_to(found)
    folder = (scratch / section).parent
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _client(job: Job, scratch: Path, folder: Path) -> NotebookClient:
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    specs = KernelSpecManager(kernel_dirs=[str(Path(job.jupyter) / "kernels")])
    return NotebookClient(
        copy.deepcopy(job.notebook),
        km=AsyncKernelManager(
            kernel_name=KERNEL,
            kernel_spec_manager=specs,
            # Sockets in the scratch folder: ports could be taken by another process
            # between their choice and their use.
            transport="ipc",
            ip=str(scratch / "socket"),
            connection_file=str(scratch / "kernel.json"),
        ),
        timeout=job.timeout,
        coalesce_streams=True,
        record_timing=False,
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(folder)}},
    )


def _failure(
    job: Job, client: NotebookClient, manager: Any, at: int, error: Exception
) -> Failure:
    if at < 0:
        return Failure("no-kernel", 0, f"the kernel could not be started: {error!r}")
    before = client.nb.cells[:at]
    line = job.lines[sum(cell.cell_type == "code" for cell in before)]
    source = client.nb.cells[at].source
    if isinstance(error, CellExecutionError):
        message = f"{error.ename}: {error.evalue}"
        return Failure("raised", line, message, source, _traceback(client.nb.cells[at]))
    if isinstance(error, CellTimeoutError):
        message = (
            f"the cell was still running after {job.timeout} s; make it shorter, or "
            "raise [tabbook] timeout in config.ini"
        )
        return Failure("timeout", line, message, source)
    if isinstance(error, DeadKernelError):
        return Failure("dead-kernel", line, how_it_ended(manager), source)
    return Failure("no-kernel", line, f"the kernel could not be used: {error!r}")


def _traceback(cell: NotebookNode) -> str:
    shown = [output for output in cell.outputs if output.output_type == "error"]
    return strip_ansi("\n".join(shown[-1].traceback)).rstrip() if shown else ""


def how_it_ended(manager: Any) -> str:
    """Say how the kernel of a jupyter_client manager ended, as far as it is known."""
    process = getattr(getattr(manager, "provisioner", None), "process", None)
    code = getattr(process, "returncode", None)
    if code is None:
        return "the kernel died"
    if code >= 0:
        return f"the kernel ended by itself with exit status {code}"
    name = signal.Signals(-code).name
    hint = "; most likely memory ran out" if name in ("SIGKILL", "SIGABRT") else ""
    return f"the kernel was ended by {name}{hint}"


def _clean(job: Job, notebook: NotebookNode) -> NotebookNode:
    """Take away what differs from run to run, or comes from this machine."""
    notebook.metadata = copy.deepcopy(job.notebook.metadata)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("metadata", {}).pop("execution", None)
    return notebook

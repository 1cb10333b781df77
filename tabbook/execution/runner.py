"""Execute one notebook in a new kernel and a temporary folder of its own.

Private parts of dependencies, used here only: nbclient's ``_cleanup_kernel``, which
it registers to run at exit and which fails for a kernel that never started.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import copy
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import (
    CellExecutionError,
    CellTimeoutError,
    DeadKernelError,
)
from nbformat import NotebookNode

from tabbook.environments.kernelspec import without_user_settings
from tabbook.execution import expected_errors
from tabbook.execution.expected_errors import NotRaisedError
from tabbook.execution.job import Failure, Job, Result
from tabbook.execution.shell_commands import FailedCommands
from tabbook.execution.working_folder import WorkingFolder, working_folder
from tabbook.notebooks.outputs.visible import strip_ansi, visible

KERNEL = "python3"
"""Name of the kernel in every environment's Jupyter folder."""

_cancel: dict[str, Callable[[], object]] = {}
"""Name of a running job: a function that cancels it, callable from any thread."""


def run(job: Job, *, root: Path, jupyter: Path) -> Result:
    """Execute one notebook; failures of its kernel are results, not exceptions.

    :param root: folder that holds the book's resources.
    :param jupyter: Jupyter folder in which the kernel python3 is the framework's.
    """
    started = time.monotonic()
    current = [-1]  # index of the running cell among all cells
    with working_folder(root, job.resources, job.section, jupyter) as place:
        client = _client(job, jupyter, place)
        manager = client.km  # nbclient sets it to None at the end
        failed_commands = _watch(job, client)
        client.on_cell_start = lambda cell, cell_index: current.__setitem__(
            0, cell_index
        )
        try:
            asyncio.run(_execute(job.name, client, manager, place))
            failure = None
        except asyncio.CancelledError:
            failure = Failure("stopped", 0, "it was stopped")
        except Exception as error:  # a failure is a value: other notebooks continue
            failure = _failure(job, client, manager, current[0], error)
        finally:
            atexit.unregister(client._cleanup_kernel)
    return Result(
        _clean(job, client.nb, place),
        time.monotonic() - started,
        failure,
        observations=tuple(failed_commands.observations),
    )


def _watch(job: Job, client: NotebookClient) -> FailedCommands:
    """Check each cell when it has run; return the commands that failed in them."""
    failed_commands = FailedCommands(job, client)

    async def check(
        cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any]
    ) -> None:
        """Compare the reply with the cell's mark, and ask for failed commands."""
        expected_errors.require(cell, execute_reply)
        await failed_commands.query(cell, cell_index)

    client.on_cell_executed = check
    return failed_commands


def stop(name: str) -> None:
    """Stop a job that another thread of this process executes.

    :param name: the name of the job; ignored if no such job is running.
    """
    with contextlib.suppress(KeyError, RuntimeError):  # its event loop has ended
        _cancel.pop(name)()


def was_killed(manager: Any) -> bool:
    """Return whether a signal ended the kernel of a jupyter_client manager."""
    status = _exit_status(manager)
    return status is not None and status < 0


def describe_exit(manager: Any) -> str:
    """Describe how the kernel of a jupyter_client manager ended."""
    status = _exit_status(manager)
    if status is None:
        return "the kernel died"
    if status >= 0:
        return f"the kernel ended by itself with exit status {status}"
    name = signal.Signals(-status).name
    hint = "; most likely memory ran out" if name in ("SIGKILL", "SIGABRT") else ""
    return f"the kernel was ended by {name}{hint}"


def _exit_status(manager: Any) -> int | None:
    """Return the exit status of a kernel, the negative signal; None if not known."""
    process = getattr(getattr(manager, "provisioner", None), "process", None)
    status: int | None = getattr(process, "returncode", None)
    return status


async def _execute(
    name: str, client: NotebookClient, manager: Any, place: WorkingFolder
) -> None:
    """Execute a notebook such that ``stop`` can cancel it."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    _cancel[name] = lambda: loop.call_soon_threadsafe(task.cancel) if task else None
    try:
        # cleanup_kc also shuts the kernel down, which nbclient does not do by itself
        # for a manager that it did not create.
        variables = {**without_user_settings(os.environ), **place.variables}
        await client.async_execute(cleanup_kc=True, env=variables)
    except asyncio.CancelledError:
        if manager.has_kernel:  # nbclient leaves a kernel running that is starting
            await manager.shutdown_kernel(now=True)
        raise
    finally:
        _cancel.pop(name, None)


def _client(job: Job, jupyter: Path, place: WorkingFolder) -> NotebookClient:
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    return NotebookClient(
        copy.deepcopy(job.notebook),
        km=AsyncKernelManager(
            kernel_name=KERNEL,
            kernel_spec_manager=KernelSpecManager(
                kernel_dirs=[str(jupyter / "kernels")]
            ),
            # Sockets in the temporary folder: another process could take a port
            # between its choice and its use.
            transport="ipc",
            ip=str(place.scratch / "socket"),
            connection_file=str(place.scratch / "kernel.json"),
        ),
        timeout=job.timeout,
        # While cells run, updates of displays go by the position of an output.
        coalesce_streams=False,
        record_timing=False,
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(place.folder)}},
    )


def _failure(
    job: Job, client: NotebookClient, manager: Any, current: int, error: Exception
) -> Failure:
    if current < 0:
        return Failure("no-kernel", 0, f"the kernel could not be started: {error!r}")
    cell = client.nb.cells[current]
    line = job.line_of(current)
    if isinstance(error, CellExecutionError):
        message = f"{error.ename}: {error.evalue}"
        return Failure("raised", line, message, cell.source, _traceback(cell))
    if isinstance(error, NotRaisedError):
        return Failure("not-raised", line, str(error), cell.source, _traceback(cell))
    if isinstance(error, CellTimeoutError):
        message = (
            f"the cell was still running after {job.timeout} s; make it shorter, or "
            "raise [tabbook] timeout in config.ini"
        )
        return Failure("timeout", line, message, cell.source)
    if isinstance(error, DeadKernelError):
        return Failure("dead-kernel", line, describe_exit(manager), cell.source)
    return Failure("no-kernel", line, f"the kernel could not be used: {error!r}")


def _traceback(cell: NotebookNode) -> str:
    errors = [output for output in cell.outputs if output.output_type == "error"]
    return strip_ansi("\n".join(errors[-1].traceback)).rstrip() if errors else ""


def _clean(job: Job, notebook: NotebookNode, place: WorkingFolder) -> NotebookNode:
    """Remove values that differ from run to run or from machine to machine."""
    notebook.metadata = copy.deepcopy(job.notebook.metadata)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if "outputs" in cell:
            cell.outputs = visible(cell.outputs)
            place.paths.replace_in(cell.outputs)
        for output in cell.get("outputs", []):
            output.get("metadata", {}).pop("execution", None)
    return notebook

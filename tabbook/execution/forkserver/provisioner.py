"""Fork kernels for anything that starts kernels through jupyter_client.

A kernel specification selects it: ``metadata.kernel_provisioner`` names the entry point
``tabbook`` and the command of the fork server. If there is no command, or the server
refuses, the kernel is started afresh, as the specification says.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import Any

import psutil
from jupyter_client.provisioning import LocalProvisioner
from traitlets import List, Unicode

from tabbook.execution.forkserver.client import ForkedProcess, ForkRefusedError, fork
from tabbook.execution.forkserver.kernels import ADDRESS_VARIABLE
from tabbook.execution.forkserver.protocol import PARENT
from tabbook.execution.forkserver.servers import fork_server_for

POLL = 0.01
"""Seconds between two checks whether a kernel has ended; jupyter_client waits 0.1."""


class ForkingProvisioner(LocalProvisioner):  # type: ignore[misc]
    """Fork kernels; all kernels of a specification share one fork server."""

    fork_server = List(Unicode())
    """Command of the fork server, from the kernel specification; empty for none."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork a kernel; start it afresh if the fork server refuses."""
        kwargs["env"].pop(ADDRESS_VARIABLE, None)
        try:
            # In a thread: the fork server may still be importing.
            process = await asyncio.to_thread(self._fork, cmd, **kwargs)
        except ForkRefusedError:
            return await super().launch_kernel(cmd, **kwargs)
        self.process, self.pid, self.cwd = process, process.pid, kwargs.get("cwd")
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the end of the kernel; return its exit status."""
        while self.process and self.process.poll() is None:
            await asyncio.sleep(POLL)
        status: int | None = await super().wait()
        return status

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel, and what a kernel that was started afresh has started.

        The fork server ends what forked kernels leave.
        """
        started: list[psutil.Process] = []
        if self.process and not isinstance(self.process, ForkedProcess):
            with contextlib.suppress(psutil.NoSuchProcess):
                started = psutil.Process(self.process.pid).children(recursive=True)
        await super().kill(restart)
        for process in started:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def _fork(self, cmd: list[str], **kwargs: Any) -> ForkedProcess:
        cwd = kwargs.get("cwd") or os.getcwd()  # noqa: PTH109
        # As jupyter_client's launcher does; the fork server replaces it by itself.
        env = {**kwargs["env"], PARENT: str(os.getpid())}
        output = (
            _descriptor(kwargs.get("stdout"), default=1),
            _descriptor(kwargs.get("stderr"), default=2),
        )
        address = os.environ.get(ADDRESS_VARIABLE, "")
        if not address and (server := fork_server_for(self.fork_server, env)):
            address = server.address
        argv = cmd[cmd.index("-m") :]
        return fork(address, argv, env=env, cwd=cwd, output=output)


def _descriptor(stream: Any, *, default: int) -> int:
    """Return the descriptor of a stream, given as in ``subprocess.Popen``.

    :raises ForkRefusedError: it is a constant such as ``subprocess.PIPE``, for which
        ``subprocess`` has to create the stream.
    """
    if stream is None:
        return default
    descriptor = stream if isinstance(stream, int) else stream.fileno()
    if descriptor < 0:
        raise ForkRefusedError("")
    return int(descriptor)

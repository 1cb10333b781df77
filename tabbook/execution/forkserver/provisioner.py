"""Kernels forked from a template, for whatever starts kernels by jupyter_client.

A kernel's specification asks for it: ``metadata.kernel_provisioner`` names it
``tabbook`` and gives the template's command. Where nothing can be forked, the kernel is
started afresh, as the specification says.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

from jupyter_client.provisioning import LocalProvisioner
from traitlets import List, Unicode

from tabbook.execution.forkserver import client as forkserver
from tabbook.execution.forkserver.client import Forked, NoForkError
from tabbook.execution.forkserver.server import PARENT

GLANCE = 0.01
"""Seconds between two looks at whether a kernel has ended."""


class ForkingProvisioner(LocalProvisioner):  # type: ignore[misc]
    """Starts kernels by forking, one template for all kernels of a specification."""

    template = List(Unicode())
    """What starts the template; ``environments`` writes it."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork a kernel; start it afresh where that cannot be."""
        kwargs["env"].pop(forkserver.ADDRESS, None)
        try:
            # The template may still be importing: others go on meanwhile.
            forked = await asyncio.to_thread(self._fork, cmd, **kwargs)
        except NoForkError:
            return await super().launch_kernel(cmd, **kwargs)
        self.process, self.pid, self.cwd = forked, forked.pid, kwargs.get("cwd")
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the kernel's end, more closely than others do."""
        while self.process and self.process.poll() is None:
            await asyncio.sleep(GLANCE)
        ended: int | None = await super().wait()
        return ended

    def _fork(self, cmd: list[str], **kwargs: Any) -> Forked:
        cwd = kwargs.get("cwd") or os.getcwd()  # noqa: PTH109
        # As jupyter_client's own launcher does; the template puts itself there.
        env = {**kwargs["env"], PARENT: str(os.getpid())}
        out = _descriptor(kwargs.get("stdout"), 1)
        error = _descriptor(kwargs.get("stderr"), 2)
        address = os.environ.get(forkserver.ADDRESS, "")
        if not address and (template := forkserver.template(self.template, env)):
            address = template.address
        argv = cmd[cmd.index("-m") :]
        return forkserver.fork(address, argv, env=env, cwd=cwd, output=(out, error))


def _descriptor(stream: Any, otherwise: int) -> int:
    """Return the descriptor of what a kernel's starter names as its stream.

    :raises NoForkError: it is one that ``subprocess`` would have to make.
    """
    if stream is None:
        return otherwise
    number = stream if isinstance(stream, int) else stream.fileno()
    if number < 0:
        raise NoForkError("")
    return int(number)

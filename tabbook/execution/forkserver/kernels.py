"""Decide how the kernels of a framework are started: forked or fresh."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tabbook.base.config import FILE_NAME, Config, Framework
from tabbook.base.errors import Problem
from tabbook.environments import Environment
from tabbook.environments.kernelspec import (
    KernelStart,
    fork_server_command,
    kernel_variables,
)
from tabbook.execution.forkserver.servers import fork_server_for, started_server

ADDRESS_VARIABLE = "TABBOOK_FORK_SERVER"
"""Variable that gives a process the address of the fork server of its kernels."""

NOT_FORKED = "not-forked"
"""Name of the warning that kernels are started afresh."""


@dataclass(frozen=True)
class KernelLaunch:
    """How the kernels of one framework are started."""

    jupyter: Path
    """Jupyter folder in which the kernel python3 is the framework's."""
    fork_server: str = ""
    """Address of the fork server; empty if each kernel is started afresh."""


def kernel_launch(
    config: Config,
    framework: Framework,
    environment: Environment,
    *,
    start: KernelStart = KernelStart.FORKED,
) -> KernelLaunch:
    """Return how a framework's kernels are started; start their fork server."""
    if start is KernelStart.FRESH:
        return KernelLaunch(environment.jupyter)
    command = fork_server_command(config, framework, environment)
    variables = kernel_variables(framework, environment)
    server = fork_server_for(command, {**os.environ, **variables})
    return KernelLaunch(environment.jupyter_forking, server.address if server else "")


def pending_imports(
    config: Config,
    prepared: Mapping[Framework, Environment],
    *,
    start: KernelStart = KernelStart.FORKED,
) -> dict[str, Callable[[], None]]:
    """Return how to wait for the imports of each framework that has a fork server.

    :param prepared: the environments of the frameworks that run.
    :param start: how their kernels are started; there is nothing to wait for if fresh.
    """
    if start is KernelStart.FRESH:
        return {}
    servers = {
        framework.name: started_server(
            fork_server_command(config, framework, environment)
        )
        for framework, environment in prepared.items()
    }
    return {name: server.wait_for_imports for name, server in servers.items() if server}


def fork_warnings(
    config: Config,
    prepared: Mapping[Framework, Environment],
    *,
    start: KernelStart = KernelStart.FORKED,
) -> Iterator[Problem]:
    """Yield a warning for each framework whose fork server refuses to fork.

    :param prepared: the environments of the frameworks that ran.
    :param start: how their kernels were to be started; no warning if fresh.
    """
    if start is KernelStart.FRESH or NOT_FORKED in config.silenced:
        return
    for framework, environment in prepared.items():
        server = started_server(fork_server_command(config, framework, environment))
        if server and (reason := server.refusal):
            text = (
                f"[{framework.label}] kernels are started afresh, not forked: "
                f"{reason}; correct that, or empty [framework-{framework.name}] preload"
            )
            yield Problem(FILE_NAME, 0, NOT_FORKED, text, "warning")

"""Notice commands after ``!`` that fail: IPython goes on as if they had succeeded."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

from nbclient import NotebookClient
from nbformat import NotebookNode

from tabbook.base.program import command_line
from tabbook.execution.job import Job, Observation

FAILED_COMMAND = "failed-command"
"""Name of the warning."""

SHELL = re.compile(r"^\s*(?:\w+\s*=\s*)?[!%]", re.M)
"""A line that may run a command: ``!`` or a magic."""

QUERY = (
    "__import__('json').dumps("
    "__import__('ipykernel.zmqshell').zmqshell.failed_commands)"
)
"""Expression that a kernel evaluates; ``kernelspec.FAILED_COMMANDS`` fills the list."""

PIP = re.compile(r"-m pip\b|^pip3?\b")
"""A command that runs pip."""


def watch(job: Job, client: NotebookClient) -> list[Observation]:
    """Query the kernel after each cell that runs commands.

    :returns: a list that fills while the notebook is executed.
    """
    observations: list[Observation] = []
    seen = 0

    async def query(cell: NotebookNode, cell_index: int, execute_reply: Any) -> None:
        nonlocal seen
        if not SHELL.search(cell.source):
            return
        failed = await _failed_commands(client)
        line = job.line_of(cell_index)
        observations.extend(
            Observation(line, FAILED_COMMAND, _message(job, command, status))
            for command, status in failed[seen:]
        )
        seen = len(failed)

    client.on_cell_executed = query
    return observations


async def _failed_commands(client: NotebookClient) -> list[tuple[str, int]]:
    """Return the commands that failed since the kernel started, with their status."""
    request = client.kc.execute("", silent=True, user_expressions={"failed": QUERY})
    reply = await client.async_wait_for_reply(request)
    content = reply["content"] if reply else {}
    answer = content.get("user_expressions", {}).get("failed", {})
    text = answer.get("data", {}).get("text/plain", "'[]'")
    return [(command, status) for command, status in json.loads(ast.literal_eval(text))]


def _message(job: Job, command: str, status: int) -> str:
    message = f"the command {command!r} failed with status {status}"
    if PIP.search(command):
        pin = command_line(f"pin --framework {job.framework}")
        return (
            f"{message}: a build installs what is pinned; add the package to "
            f"environments/{job.framework}.in, run {pin}, and delete the command"
        )
    return f"{message}; its output is stored as it is: correct it, or delete it"

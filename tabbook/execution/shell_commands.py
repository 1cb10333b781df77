"""Notice commands after ``!`` that fail: IPython goes on as if they had succeeded."""

from __future__ import annotations

import ast
import json
import re

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
"""Expression that a kernel evaluates; ``kernel_startup`` fills the list."""

PIP = re.compile(r"-m pip\b|^pip3?\b")
"""A command that runs pip."""


class FailedCommands:
    """The commands of one notebook that failed so far."""

    def __init__(self, job: Job, client: NotebookClient) -> None:
        """Start without a command."""
        self.observations: list[Observation] = []
        self._job, self._client = job, client
        self._seen = 0

    async def query(self, cell: NotebookNode, index: int) -> None:
        """Ask the kernel after a cell that may have run commands.

        :param index: position of the cell among all cells.
        """
        if not SHELL.search(cell.source):
            return
        failed = await _failed_commands(self._client)
        line = self._job.line_of(index)
        for command, status in failed[self._seen :]:
            message = _message(self._job, command, status)
            self.observations.append(Observation(line, FAILED_COMMAND, message))
        self._seen = len(failed)


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

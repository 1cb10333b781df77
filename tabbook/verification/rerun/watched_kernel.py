"""A kernel of nbval whose end is noticed at once."""

from __future__ import annotations

import math
import time
from queue import Empty
from typing import Any

from nbval.kernel import RunningKernel

from tabbook.execution.runner import describe_exit, was_killed

POLL_SECONDS = 0.2
"""Time between two checks of whether the kernel is alive."""


class KernelEndedError(Exception):
    """The kernel ended before it replied: name of the problem, and how it ended."""


class WatchedKernel(RunningKernel):  # type: ignore[misc]
    """A running kernel whose end is noticed at once, not at the time limit."""

    def __init__(self, started: RunningKernel) -> None:
        """Take over a kernel that nbval started."""
        self.km, self.kc = started.km, started.kc
        self.request_id = ""

    def execute_cell_input(
        self, cell_input: str, allow_stdin: bool | None = None
    ) -> str:
        """Execute a cell as a notebook does; remember the id of the request.

        nbval executes cells outside of the history, where ``;`` at the end of a cell
        does not suppress its result and ``_`` is not the last result.
        """
        self.request_id = self.kc.execute(
            cell_input, allow_stdin=allow_stdin, stop_on_error=False
        )
        return str(self.request_id)

    def get_message(self, stream: str, timeout: float | None = None) -> Any:
        """Wait for a message until the timeout, or until the kernel ends."""
        ends = time.monotonic() + (math.inf if timeout is None else timeout)
        while True:
            left = max(ends - time.monotonic(), 0)
            try:
                return super().get_message(stream, timeout=min(left, POLL_SECONDS))
            except Empty:
                self.require_alive()
                if left <= POLL_SECONDS:
                    raise

    def require_alive(self) -> None:
        """Raise KernelEndedError unless the kernel is alive."""
        if not self.is_alive():
            name = "killed-kernel" if was_killed(self.km) else "dead-kernel"
            raise KernelEndedError(name, describe_exit(self.km))

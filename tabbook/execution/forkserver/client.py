"""Request processes from a fork server and handle them like ``subprocess.Popen``."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from tabbook.execution.forkserver.protocol import receive, send

STARTING = 60
"""Seconds that a fork server's imports may take before a client gives up."""


class ForkRefusedError(Exception):
    """The fork server did not fork; start a fresh process instead.

    The text is the reason, empty if there is nothing to repair.
    """


class ForkedProcess:
    """A forked process with the methods of ``subprocess.Popen`` that are used here."""

    stdout = stderr = None

    def __init__(self, connection: socket.socket, pid: int, stdin: int) -> None:
        """Take over the connection that reports its end, and its standard input."""
        self.pid = pid
        self.stdin = os.fdopen(stdin, "wb")
        self.returncode: int | None = None
        self._connection = connection
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """Return its exit status, negative for a signal; None while it runs."""
        return self._exit_status(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; return its exit status.

        :raises subprocess.TimeoutExpired: it runs longer than so many seconds.
        """
        if (status := self._exit_status(timeout)) is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return status

    def send_signal(self, number: int) -> None:
        """Signal the process and its process group."""
        if self.returncode is None:
            with contextlib.suppress(OSError):
                send(self._connection, {"signal": int(number)})

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def disconnect(self) -> None:
        """Close the connection, at which the fork server kills the process."""
        self._connection.close()
        self.stdin.close()

    def _exit_status(self, timeout: float | None) -> int | None:
        """Wait at most so many seconds for the exit status; None if it did not come."""
        if self.returncode is not None or not is_readable(self._connection, timeout):
            return self.returncode
        with self._lock:
            if self.returncode is None:
                message, _ = receive(self._connection)
                if not message:  # the fork server was killed; its children may live
                    with contextlib.suppress(OSError):
                        os.killpg(self.pid, signal.SIGKILL)
                self.returncode = message.get("exit", -signal.SIGKILL)
                self.disconnect()
        return self.returncode


def fork(
    address: str,
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | Path,
    output: tuple[int, int] = (1, 2),
) -> ForkedProcess:
    """Fork a process that runs a module, as ``python -m`` does.

    :param address: path of the fork server's socket.
    :param argv: ``-m``, the module, its arguments.
    :param output: descriptors of its standard output and error.
    :raises ForkRefusedError: the server cannot fork, or a child would differ from a
        fresh process.
    """
    stdin, writer = os.pipe()
    with contextlib.ExitStack() as undo:
        undo.callback(os.close, writer)
        try:
            connection = undo.enter_context(connect(address))
            request = {"argv": list(argv), "env": dict(env), "cwd": str(cwd)}
            send(connection, request, [stdin, *output])
        except OSError as error:
            raise ForkRefusedError("") from error
        finally:
            os.close(stdin)
        reply = receive(connection)[0] if is_readable(connection, STARTING) else {}
        if "pid" not in reply:
            raise ForkRefusedError(reply.get("refused", ""))
        undo.pop_all()
        return ForkedProcess(connection, reply["pid"], writer)


def connect(address: str) -> socket.socket:
    """Connect to a fork server.

    :raises OSError: no server listens there.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


def is_readable(connection: socket.socket, timeout: float | None) -> bool:
    """Wait at most so many seconds for a message or the end of the connection."""
    waiting = select.poll()
    try:
        waiting.register(connection, select.POLLIN)
    except ValueError:  # another thread has read the last message and closed it
        return True
    return bool(waiting.poll(None if timeout is None else timeout * 1000))

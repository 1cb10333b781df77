"""Start the fork servers of this process, one per command, and end them with it."""

from __future__ import annotations

import atexit
import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from tabbook.base.folders.scratch import make_folder, remove_folder
from tabbook.execution.forkserver.client import STARTING, connect, is_readable
from tabbook.execution.forkserver.protocol import receive, send

SCRIPT = Path(__file__).with_name("__main__.py")

ENDING = 5
"""Seconds that a fork server has to end all it forked."""


class ForkServer:
    """A process that forks others on request; it ends with this process."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        """Start it; requests are queued until its imports have ended.

        :param command: an interpreter with what precedes it, such as a shell that sets
            limits; last, two lists of modules separated by spaces: those that processes
            import by themselves, and those that cells import.
        :param env: its environment variables.
        :raises OSError: it cannot be started.
        """
        self._folder = make_folder()
        self.address = str(Path(self._folder) / "server")
        reader, self._lifetime = os.pipe()
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
                listener.bind(self.address)
                listener.listen(512)
                self._process = self._start(command, env, listener.fileno(), reader)
        except OSError:
            self.release()
            remove_folder(self._folder)
            raise
        finally:
            os.close(reader)

    def _start(
        self, command: Sequence[str], env: Mapping[str, str], *descriptors: int
    ) -> subprocess.Popen[bytes]:
        *interpreter, own, modules = command
        arguments = [*map(str, descriptors), self._folder, own, modules]
        temporary = Path(self._folder, "tmp")  # for what imports write
        temporary.mkdir()
        return subprocess.Popen(
            [*interpreter, str(SCRIPT), *arguments],
            cwd="/",
            env={**env, "TMPDIR": str(temporary)},
            pass_fds=descriptors,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Return whether it runs."""
        return self._process.poll() is None

    @property
    def refusal(self) -> str:
        """Return why it refuses to fork; empty if there is nothing to repair.

        Waits for its imports to end.
        """
        with contextlib.suppress(OSError), connect(self.address) as connection:
            send(connection, {"refusal": True})
            if is_readable(connection, STARTING):
                return str(receive(connection)[0].get("refusal", ""))
        return ""

    def wait_for_imports(self) -> None:
        """Wait until it has imported its modules, or has ended."""
        _ = self.refusal

    def kill(self) -> None:
        """End it at once; its children live on."""
        self._process.kill()

    def close(self) -> None:
        """End it and all it forked."""
        self.release()
        try:
            self._process.wait(ENDING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        remove_folder(self._folder)  # if it was killed

    def release(self) -> None:
        """Close this process's end of the lifetime pipe.

        The server ends when no process holds that end any more.
        """
        if self._lifetime >= 0:
            os.close(self._lifetime)
        self._lifetime = -1


_servers: dict[tuple[str, ...], ForkServer] = {}
"""The fork server of each command."""
_lock = threading.Lock()


def is_supported() -> bool:
    """Return whether this system supports fork servers."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


def fork_server_for(
    command: Sequence[str], env: Mapping[str, str]
) -> ForkServer | None:
    """Return the fork server of a command; start it if it does not run.

    :param command: see :class:`ForkServer`; empty if kernels must not be forked.
    :returns: None if there can be no fork server.
    """
    if not is_supported() or not command:
        return None
    with _lock:
        server = _servers.get(tuple(command))
        if server is None or not server.alive:
            if server:
                server.close()
            try:
                server = _servers[tuple(command)] = ForkServer(command, env)
            except OSError:
                return None
        return server


def started_server(command: Sequence[str]) -> ForkServer | None:
    """Return the fork server of a command if this process has started one."""
    with _lock:
        return _servers.get(tuple(command))


def started_servers() -> list[ForkServer]:
    """Return the fork servers that this process has started."""
    with _lock:
        return list(_servers.values())


@atexit.register
def close_servers(*, unused: bool = False) -> None:
    """End the fork servers of this process.

    :param unused: nothing was forked, so their imports need not end.
    """
    with _lock:
        for server in _servers.values() if unused else ():
            server.kill()
        for server in _servers.values():
            server.release()  # they end at the same time
        for server in _servers.values():
            server.close()
        _servers.clear()


def _release_in_child() -> None:
    """Release, in a process forked from this one, the servers of its parent."""
    global _lock  # noqa: PLW0603 - a thread that is not here may hold the old one
    _lock = threading.Lock()
    for server in _servers.values():
        server.release()
    _servers.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_release_in_child)

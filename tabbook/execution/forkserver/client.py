"""Processes that begin where a template has come to: forked, not started afresh.

A template (``template.py``) has imported a framework, or pytest, once; what is forked
from it starts in hundredths of a second. Each lives as long as the process that asked
for it first, and no longer, whatever way that one ends.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tabbook.base.config import FILE_NAME, Config, Framework
from tabbook.base.errors import Problem
from tabbook.environments import Environment, kernelspec
from tabbook.execution.forkserver.server import PACKET

SCRIPT = Path(__file__).with_name("server.py")

ADDRESS = "TABBOOK_TEMPLATE"
"""The variable that tells a process the template of its kernels, if there is one."""

STARTING = 60
"""Seconds that imports may take before a fresh process is started instead."""

ENDING = 5
"""Seconds a template has to end all it forked."""

NOT_FORKED = "not-forked"
"""The name of the warning that kernels are started afresh."""


@dataclass(frozen=True)
class Kernels:
    """How the kernels of one framework are started."""

    jupyter: Path
    """Folder in which the kernel python3 is the framework's."""
    template: str = ""
    """Address of what forks them; empty where each is started afresh."""


class NoForkError(Exception):
    """No process was forked; a fresh one does. The text says why, if it is worth it."""


class Forked:
    """A forked process, to be used as ``subprocess.Popen`` is."""

    stdout = stderr = None

    def __init__(self, connection: socket.socket, pid: int, stdin: int) -> None:
        """Take the connection that tells of it, and the pipe to its standard input."""
        self._connection = connection
        self.pid = pid
        self.stdin = os.fdopen(stdin, "wb")
        self.returncode: int | None = None
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """Return its exit status, negative for a signal; None while it runs."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended.

        :raises subprocess.TimeoutExpired: it has not, in so many seconds.
        """
        if (code := self._ended(timeout)) is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Signal it and its process group."""
        if self.returncode is None:
            with contextlib.suppress(OSError):
                self._connection.send(json.dumps({"signal": int(number)}).encode())

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def _ended(self, timeout: float | None) -> int | None:
        """Return the exit status as soon as it is known, within some seconds."""
        if self.returncode is not None or not _readable(self._connection, timeout):
            return self.returncode
        with self._lock:
            if self.returncode is None:
                answer = _answer(self._connection)
                if not answer:  # the template was killed, and its processes with it
                    with contextlib.suppress(OSError):
                        os.killpg(self.pid, signal.SIGKILL)
                self.returncode = answer.get("exit", -signal.SIGKILL)
                self._connection.close()
                self.stdin.close()
        return self.returncode


class Template:
    """A process that forks what was asked for."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        """Start it; what is asked before it has imported waits.

        :param command: an interpreter and what stands before it, such as limits; the
            modules to import, as ``template.py`` takes them.
        :param env: the variables that its imports see.
        :raises OSError: it cannot be started, or the path of the folder for temporary
            files is too long for a socket.
        """
        self._folder = tempfile.mkdtemp(prefix="tabbook-")
        self.address = str(Path(self._folder) / "template")
        reading, self._life = os.pipe()
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
                listener.bind(self.address)
                listener.listen(512)
                self._process = self._started(command, env, listener.fileno(), reading)
        except OSError:
            self.let_go()
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        finally:
            os.close(reading)

    def _started(
        self, command: Sequence[str], env: Mapping[str, str], *passed: int
    ) -> subprocess.Popen[bytes]:
        *interpreter, own, modules = command
        arguments = [*map(str, passed), self._folder, own, modules]
        return subprocess.Popen(
            [*interpreter, str(SCRIPT), *arguments],
            cwd="/",
            env=dict(env),
            pass_fds=passed,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @property
    def alive(self) -> bool:
        """Return whether it is there."""
        return self._process.poll() is None

    @property
    def refusal(self) -> str:
        """Return why it does not fork; empty where it does, or with good reason."""
        with contextlib.suppress(OSError), _connected(self.address) as connection:
            connection.send(b'{"refusal": true}')
            if _readable(connection, STARTING):
                return str(_answer(connection).get("refusal", ""))
        return ""

    def close(self) -> None:
        """End it and all it forked."""
        self.let_go()
        try:
            self._process.wait(ENDING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)  # it may have died before

    def let_go(self) -> None:
        """Have it end once no other process holds on to it."""
        if self._life >= 0:
            os.close(self._life)
        self._life = -1


def fork(
    address: str,
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | Path,
    output: tuple[int, int] = (1, 2),
) -> Forked:
    """Fork a process that runs a module, as ``python -m`` does.

    :param address: of a template.
    :param argv: ``-m``, the module, its arguments.
    :param output: descriptors of its standard output and error.
    :raises NoForkError: it cannot be done, or not safely.
    """
    try:
        connection = _connected(address)
    except OSError as error:
        raise NoForkError("") from error
    reading, writing = os.pipe()
    request = {"argv": list(argv), "env": dict(env), "cwd": str(cwd)}
    try:
        packet = [json.dumps(request).encode()]
        socket.send_fds(connection, packet, [reading, *output])
    except OSError as error:
        connection.close()
        os.close(writing)
        raise NoForkError("") from error
    finally:
        os.close(reading)
    answer = _answer(connection) if _readable(connection, STARTING) else {}
    if "pid" not in answer:
        connection.close()
        os.close(writing)
        raise NoForkError(answer.get("refused", ""))
    return Forked(connection, answer["pid"], writing)


def possible() -> bool:
    """Return whether this system can fork so."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


_TEMPLATES: dict[tuple[str, ...], Template] = {}
_LOCK = threading.Lock()


def template(command: Sequence[str], env: Mapping[str, str]) -> Template | None:
    """Return the template of a command, started where it is not there.

    :param command: as ``Template`` takes it.
    :returns: None where nothing can be forked.
    """
    if not possible() or not command:
        return None
    with _LOCK:
        found = _TEMPLATES.get(tuple(command))
        if found is None or not found.alive:
            if found:
                found.close()
            try:
                found = _TEMPLATES[tuple(command)] = Template(command, env)
            except OSError:
                return None
        return found


def kernels(config: Config, framework: Framework, made: Environment) -> Kernels:
    """Return how a framework's kernels are to be started; have their template begin."""
    if config.fresh_kernels:
        return Kernels(made.jupyter)
    command = kernelspec.fork_server_command(config, framework, made)
    variables = kernelspec.kernel_variables(framework, made)
    found = template(command, {**os.environ, **variables})
    return Kernels(made.jupyter_forking, found.address if found else "")


def refused(config: Config, made: Mapping[Framework, Environment]) -> Iterator[Problem]:
    """Yield which frameworks' kernels were not forked, and why, if it is worth a word.

    :param made: the environments of the frameworks that ran.
    """
    if config.fresh_kernels or NOT_FORKED in config.silenced:
        return
    for framework, environment in made.items():
        command = kernelspec.fork_server_command(config, framework, environment)
        with _LOCK:
            found = _TEMPLATES.get(tuple(command))
        if found and (why := found.refusal):
            text = (
                f"[{framework.label}] kernels are started afresh, not forked: {why}; "
                f"mend that, or empty [framework-{framework.name}] preload"
            )
            yield Problem(FILE_NAME, 0, NOT_FORKED, text, "warning")


@atexit.register
def close() -> None:
    """End every template of this process."""
    with _LOCK:
        for one in _TEMPLATES.values():
            one.let_go()  # all at once
        for one in _TEMPLATES.values():
            one.close()
        _TEMPLATES.clear()


def _forget() -> None:
    """Let go, in a forked process, of templates that are its parent's."""
    global _LOCK  # noqa: PLW0603 - it may be held by a thread that is not here
    _LOCK = threading.Lock()
    for one in _TEMPLATES.values():
        one.let_go()
    _TEMPLATES.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def _connected(address: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


def _readable(connection: socket.socket, timeout: float | None) -> bool:
    """Wait until there is an answer, or nobody to give one; return whether so."""
    waiting = select.poll()
    try:
        waiting.register(connection, select.POLLIN)
    except ValueError:  # closed by another thread: the answer has come
        return True
    return bool(waiting.poll(None if timeout is None else timeout * 1000))


def _answer(connection: socket.socket) -> dict[str, Any]:
    try:
        return dict(json.loads(connection.recv(PACKET) or b"{}"))
    except (OSError, ValueError):
        return {}

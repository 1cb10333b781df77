"""A process that has imported what others need, and forks them.

    python template.py LISTENER LIFE FOLDER OWN MODULES

It only imports and never computes: a library that has started threads of its own does
not survive a fork. It runs in every environment, by its path, and so imports the
standard library alone. ``forking`` is who starts it and asks.

OWN names what a process imports by itself, as a kernel does before its first cell, and
MODULES what its cells import.

LISTENER is the descriptor of the socket on which it is asked, one connection a process.
A request is a packet of JSON, ``{"argv": ["-m", MODULE, ...], "env": {}, "cwd": ""}``,
with the descriptors of stdin, stdout and stderr. Answered is ``{"pid": N}`` or
``{"refused": WHY}``, and in the end ``{"exit": STATUS}``, negative for a signal.
``{"signal": N}`` signals the process and its group; who hangs up kills them.
``{"refusal": true}`` asks why forks were refused, if that is worth a word.

LIFE is the descriptor of a pipe whose other end closes with the process that started
this one, whatever way it ends: then all that was forked ends too, and FOLDER goes.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import runpy
import selectors
import shutil
import signal
import socket
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

THREADS = 2
"""What imports alone leave at most; above that nothing is forked.

A library that handles forks itself, as MXNet does, stops its threads before each and
starts them after it: what runs after the first fork is then what may run.
"""

PACKET = 1 << 20
"""Bytes that a request or an answer may have."""

RESEEDED = {"numpy.random": "seed", "torch": "default_generator.seed"}
"""Module: what seeds its global generator anew, as its import did here once for all.

Python's own generator does so by itself.
"""

GPUS = ("/dev/nvidia", "/dev/kfd", "/dev/dri")
"""Devices which a process that uses a GPU holds open."""

PARENT = "JPY_PARENT_PID"
"""Names the process with which a kernel ends; ipykernel reads it when imported."""

IDLE = 5
"""Seconds after which a template that nobody asks looks around."""

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

PID = os.getpid()
"""The template's own process; what is forked has another number."""


@dataclass(frozen=True)
class Request:
    """What a forked process is to be."""

    argv: list[str]
    env: dict[str, str]
    cwd: str
    stdio: list[int]


@dataclass(frozen=True)
class Child:
    """A forked process, while it runs."""

    pid: int
    pidfd: int
    """Readable when it has ended."""
    asker: socket.socket


class Server:
    """Forks who is asked for, and tells how they end."""

    def __init__(self, listener: socket.socket, life: int, refusal: str) -> None:
        """Take the two descriptors, and why forks are refused, if they are."""
        self._life = life
        self._refusal = refusal
        self._threads = 0
        self._children: dict[int, Child] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ, self._accept)
        self._selector.register(life, selectors.EVENT_READ)

    def serve(self) -> Request | None:
        """Answer until the end of life.

        :returns: in a process that was forked, what it is to be; here None.
        """
        while True:
            # Now and then of itself: who was adopted and has ended is taken leave of.
            for key, _ in self._selector.select(IDLE):
                if key.data is None:
                    return None
                if key.fd not in self._selector.get_map():
                    continue  # closed by an event before this one
                if request := key.data(key.fileobj):
                    return request  # type: ignore[no-any-return]
            self._reap()

    def _accept(self, listener: socket.socket) -> None:
        asker, _ = listener.accept()
        self._selector.register(asker, selectors.EVENT_READ, self._asked)

    def _asked(self, asker: socket.socket) -> Request | None:
        """Fork for who asks; return what to be in the process that was forked."""
        told, stdio = _received(asker)
        try:
            if told.get("refusal"):
                _tell(asker, refusal=self._refusal)
            if request := _request(told, stdio):
                return self._fork(asker, request)
            self._hang_up(asker)
            return None
        finally:
            if os.getpid() == PID:
                for descriptor in stdio:
                    os.close(descriptor)

    def _fork(self, asker: socket.socket, request: Request) -> Request | None:
        if _gone(asker):  # it did not wait until the imports had ended
            self._hang_up(asker)
            return None
        why, pid = self._why_not(request), -1
        if why is None:
            with warnings.catch_warnings(), contextlib.suppress(OSError):
                warnings.simplefilter("ignore")  # Python's own on forks among threads
                pid = os.fork()  # fails for want of memory: not the siblings' fault
        if pid < 0:
            _tell(asker, refused=why or "")
            self._hang_up(asker)
            return None
        if pid == 0:
            self._leave()
            return request
        self._threads = self._threads or max(_threads(), THREADS)
        child = Child(pid, os.pidfd_open(pid), asker)
        self._children[pid] = child
        self._selector.modify(asker, selectors.EVENT_READ, self._signalled(child))
        self._selector.register(child.pidfd, selectors.EVENT_READ, lambda fd: None)
        _tell(asker, pid=pid)
        return None

    def _why_not(self, request: Request) -> str | None:
        """Return why not to fork now; empty where that is not worth a word."""
        count = _threads()
        if count > (self._threads or THREADS) and not self._refusal:
            self._refusal = (
                f"{count} threads run after its imports, and no fork keeps them"
            )
        if self._refusal:
            return self._refusal
        return "" if _holds_gpu() or not Path(request.cwd).is_dir() else None

    def _signalled(self, child: Child) -> Callable[[socket.socket], None]:
        def signalled(asker: socket.socket) -> None:
            told, _ = _received(asker)
            _signal(child.pid, told.get("signal", signal.SIGKILL))
            if not told:  # nobody is there any more
                self._selector.unregister(asker)

        return signalled

    def _reap(self) -> None:
        """Take leave of who has ended: what was forked, and what that left behind."""
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        with contextlib.suppress(ChildProcessError):
            while found := os.waitid(os.P_ALL, 0, options):
                child = self._children.pop(found.si_pid, None)
                if child:
                    # Its number is still its own: so is that of its group.
                    _signal(child.pid, signal.SIGKILL)
                _, status = os.waitpid(found.si_pid, 0)
                if child:
                    _tell(child.asker, exit=os.waitstatus_to_exitcode(status))
                    self._selector.unregister(child.pidfd)
                    os.close(child.pidfd)
                    self._hang_up(child.asker)

    def _hang_up(self, asker: socket.socket) -> None:
        with contextlib.suppress(KeyError):
            self._selector.unregister(asker)
        asker.close()

    def _leave(self) -> None:
        """Close in a forked process what is the template's."""
        for child in self._children.values():
            os.close(child.pidfd)
            child.asker.close()
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()
        os.close(self._life)


class Current:
    """Standard output or error as it is whenever it is used, not when it was bound.

    What a library binds while it is imported is the kernel's own later on, as it would
    be, had the kernel imported it.
    """

    def __init__(self, name: str) -> None:
        """Stand in for ``sys.stdout`` or ``sys.stderr``."""
        self._name = name
        self._first = getattr(sys, name)

    def close(self) -> None:
        """Leave it open; absl closes all but what is ``sys.stderr`` itself."""

    def __getattr__(self, attribute: str) -> Any:
        """Return what the stream of now has."""
        now = getattr(sys, self._name)
        return getattr(self._first if now is self else now, attribute)


def imported(modules: Sequence[str]) -> tuple[str, str]:
    """Import; return the beginning of what that printed, and what went wrong."""
    kept = {name: getattr(sys, name) for name in ("stdout", "stderr")}
    said, descriptors = os.memfd_create("said"), [os.dup(1), os.dup(2)]
    for name in kept:
        setattr(sys, name, Current(name))
    for number in (1, 2):
        os.dup2(said, number)
    try:
        for name in modules:
            # As a cell does it: warnings are told to their module.
            exec(f"import {name}", {"__name__": "__main__"})
    except BaseException as error:
        return "", f"importing {name} there raised {error!r}"
    finally:
        ctypes.CDLL(None).fflush(None)
        for name, stream in kept.items():
            stream.flush()
            setattr(sys, name, stream)
        for number, descriptor in enumerate(descriptors, 1):
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.lseek(said, 0, os.SEEK_SET)
        text = os.read(said, 200).decode(errors="replace")
        os.close(said)
    return text, ""


def become(request: Request, set_there: Mapping[str, str]) -> None:
    """Be, in a process that was forked, what a fresh start would be.

    :param set_there: variables that imports have set in the template.
    """
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != PID:
        os._exit(1)
    for number, descriptor in enumerate(request.stdio):
        os.dup2(descriptor, number)
    for descriptor in request.stdio:
        os.close(descriptor)
    with contextlib.suppress(OSError):  # the first to go when memory runs out
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="utf-8")
    ctypes.CDLL(None).clearenv()  # what C code has set, Python does not know
    os.environ.clear()
    os.environ.update({**set_there, **request.env})
    if PARENT in os.environ:
        os.environ[PARENT] = str(PID)
    os.chdir(request.cwd)
    _reseed()
    sys.path.insert(0, request.cwd)
    sys.argv = request.argv[1:]


def _reseed() -> None:
    for module, path in RESEEDED.items():
        found: Any = sys.modules.get(module)
        if found:
            for name in path.split("."):
                found = getattr(found, name)
            found()


def _received(asker: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Return what was asked, and the descriptors that came; empty at the end."""
    try:
        data, descriptors, _, _ = socket.recv_fds(asker, PACKET, 3)
    except OSError:
        return {}, []
    try:
        return (dict(json.loads(data)) if data else {}), list(descriptors)
    except ValueError:
        return {}, list(descriptors)


def _request(told: Mapping[str, Any], stdio: list[int]) -> Request | None:
    """Return what is asked for; None where that is no request."""
    argv, env, cwd = told.get("argv"), told.get("env"), told.get("cwd")
    sound = isinstance(argv, list) and isinstance(env, dict) and isinstance(cwd, str)
    if not sound or len(argv or ()) < 2 or len(stdio) != 3:
        return None
    return Request(argv or [], env or {}, cwd or "", stdio)


def _gone(asker: socket.socket) -> bool:
    try:
        return not asker.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


def _tell(asker: socket.socket, **answer: object) -> None:
    with contextlib.suppress(OSError):
        asker.send(json.dumps(answer).encode())


def _signal(pid: int, number: int) -> None:
    """Signal a process and its group, or itself where it has none yet."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


def _holds_gpu() -> bool:
    for file in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            if os.readlink(file).startswith(GPUS):  # noqa: PTH115 - text, not a path
                return True
    return False


def _end_all() -> None:
    """Kill what was forked and all that it started; those come here one by one."""
    with contextlib.suppress(ChildProcessError):
        while True:
            for pid in _own_children():
                os.kill(pid, signal.SIGKILL)
            os.waitpid(-1, 0)


def _own_children() -> list[int]:
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = file.read_text(encoding="utf-8", errors="replace")
            if int(fields.rpartition(")")[2].split()[1]) == PID:
                found.append(int(file.parent.name))
    return found


def main(arguments: Sequence[str]) -> str:
    """Import, then serve; a process that is forked leaves by the same door."""
    listener, life, folder, own, modules = arguments
    del sys.path[0]  # where this file lies
    os.environ[PARENT] = str(PID)
    before = dict(os.environ)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    _, refusal = imported(own.split())
    said, failed = imported(modules.split())
    if said:
        refusal = f"importing it prints {said!r}, which belongs below a cell"
    refusal = refusal or failed
    found = os.environ.items()
    set_there = {name: value for name, value in found if before.get(name) != value}
    gc.collect()
    gc.freeze()
    server = Server(socket.socket(fileno=int(listener)), int(life), refusal)
    try:
        request = server.serve()
    except Exception:  # whatever it is, what was forked ends with it
        if os.getpid() != PID:
            raise
        request = None
    if request:
        become(request, set_there)
        return request.argv[1]
    _end_all()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    # As deep in calls as ``python -m`` runs a module: a cell may count.
    run: Any = runpy
    _, spec, code = run._get_module_details(main(sys.argv[1:]))
    sys.argv[0] = spec.origin
    sys.modules["__main__"] = ModuleType("__main__")
    run._run_code(code, vars(sys.modules["__main__"]), None, "__main__", spec)

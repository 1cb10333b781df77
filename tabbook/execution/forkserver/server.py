"""The fork server: import modules, then fork a process per request.

It only imports and never computes: a library that has started threads of its own does
not survive a fork. This module runs in fork servers and uses only the standard library.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import selectors
import shutil
import signal
import socket
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tabbook.execution.forkserver.child import become
from tabbook.execution.forkserver.imports import import_modules
from tabbook.execution.forkserver.protocol import (
    PARENT,
    Request,
    receive,
    request_of,
    send,
)
from tabbook.execution.forkserver.safety import ForkSafety

IDLE = 5
"""Seconds after which an idle server reaps orphaned processes."""

PR_SET_CHILD_SUBREAPER = 36
"""Option of prctl: orphans of forked processes become children of this process."""


@dataclass(frozen=True)
class Child:
    """A forked process that has not ended."""

    pid: int
    """Its process id, which is also the id of its group."""
    pidfd: int
    """Descriptor that becomes readable when it ends."""
    client: socket.socket
    """Connection of the client that requested it."""


class RequestLoop:
    """Fork a child per request and report its exit status."""

    def __init__(
        self, listener: socket.socket, lifetime: int, safety: ForkSafety
    ) -> None:
        """Serve a listening socket.

        :param lifetime: reading end of a pipe; the loop ends when its other end closes.
        """
        self._lifetime = lifetime
        self._safety = safety
        self._pid = os.getpid()
        self._children: dict[int, Child] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ, self._accept)
        self._selector.register(lifetime, selectors.EVENT_READ)

    def run(self) -> Request | None:
        """Handle requests until the lifetime pipe closes.

        :returns: in a forked process its request; in the server None.
        """
        while True:
            # The time-out wakes an idle server periodically to reap orphans.
            for key, _ in self._selector.select(IDLE):
                if key.data is None:
                    return None
                if key.fd not in self._selector.get_map():
                    continue  # closed while an earlier event was handled
                if request := key.data(key.fileobj):
                    return request  # type: ignore[no-any-return]
            self._reap()

    def _accept(self, listener: socket.socket) -> None:
        client, _ = listener.accept()
        self._selector.register(client, selectors.EVENT_READ, self._handle)

    def _handle(self, client: socket.socket) -> Request | None:
        """Handle the first message of a client; return the request in its child."""
        message, stdio = receive(client)
        try:
            if message.get("refusal"):
                _reply(client, refusal=self._safety.refusal)
            if request := request_of(message, stdio):
                return self._fork(client, request)
            self._disconnect(client)
            return None
        finally:
            if os.getpid() == self._pid:
                for descriptor in stdio:
                    os.close(descriptor)

    def _fork(self, client: socket.socket, request: Request) -> Request | None:
        if _is_closed(client):  # it did not wait for the imports to end
            self._disconnect(client)
            return None
        reason, pid = self._safety.reason_against(request.cwd), -1
        if reason is None:
            with warnings.catch_warnings(), contextlib.suppress(OSError):
                # Python warns of forks where threads run; safety has judged that.
                warnings.simplefilter("ignore")
                pid = os.fork()  # fails if memory runs out; the server goes on
        if pid < 0:
            _reply(client, refused=reason or "")
            self._disconnect(client)
            return None
        if pid == 0:
            self._close_in_child()
            return request
        self._safety.record_fork()
        child = Child(pid, os.pidfd_open(pid), client)
        self._children[pid] = child
        self._selector.modify(client, selectors.EVENT_READ, self._signaller(child))
        self._selector.register(child.pidfd, selectors.EVENT_READ, lambda fd: None)
        _reply(client, pid=pid)
        return None

    def _signaller(self, child: Child) -> Callable[[socket.socket], None]:
        """Return the function that handles later messages of a child's client."""

        def handle(client: socket.socket) -> None:
            """Send the child the signal its client asks for; kill it if it left."""
            message, _ = receive(client)
            _signal(child.pid, message.get("signal", signal.SIGKILL))
            if not message:  # the client has closed the connection
                self._selector.unregister(client)

        return handle

    def _reap(self) -> None:
        """Reap processes that ended: children, and orphans that children left."""
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        with contextlib.suppress(ChildProcessError):
            while ended := os.waitid(os.P_ALL, 0, options):
                child = self._children.pop(ended.si_pid, None)
                if child:
                    # Before waitpid, while no other process can have its number.
                    _signal(child.pid, signal.SIGKILL)
                _, status = os.waitpid(ended.si_pid, 0)
                if child:
                    _reply(child.client, exit=os.waitstatus_to_exitcode(status))
                    self._selector.unregister(child.pidfd)
                    os.close(child.pidfd)
                    self._disconnect(child.client)

    def _disconnect(self, client: socket.socket) -> None:
        with contextlib.suppress(KeyError):
            self._selector.unregister(client)
        client.close()

    def _close_in_child(self) -> None:
        """Close, in a forked process, the server's descriptors."""
        for child in self._children.values():
            os.close(child.pidfd)
            child.client.close()
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()
        os.close(self._lifetime)


def serve(arguments: Sequence[str]) -> str:
    """Import modules, then handle requests; does not return in the server's process.

    :param arguments: descriptor of the listening socket; descriptor of the lifetime
        pipe; folder to delete in the end; modules that a process imports by itself, as
        a kernel does before its first cell; modules that its cells import.
    :returns: in a forked process, the name of the module to run.
    """
    listener, lifetime, folder, own, modules = arguments
    server = os.getpid()
    os.environ[PARENT] = str(server)
    before = dict(os.environ)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    refusal = import_modules(own.split(), may_print=True)
    refusal = refusal or import_modules(modules.split())
    import_variables = {
        name: value for name, value in os.environ.items() if before.get(name) != value
    }
    gc.collect()
    gc.freeze()  # keeps pages shared: no collection writes to what was imported
    loop = RequestLoop(
        socket.socket(fileno=int(listener)), int(lifetime), ForkSafety(refusal)
    )
    try:
        request = loop.run()
    except Exception:  # a fault of the server: end it and every child
        if os.getpid() != server:
            raise
        request = None
    if request:
        become(request, import_variables, server)
        return request.argv[1]
    _kill_descendants()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def _is_closed(client: socket.socket) -> bool:
    try:
        return not client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


def _reply(client: socket.socket, **message: object) -> None:
    with contextlib.suppress(OSError):
        send(client, message)


def _signal(pid: int, number: int) -> None:
    """Signal a process and its group; only itself while it has no group yet."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _kill_descendants() -> None:
    """Kill children, then their orphans: as a subreaper this process adopts them."""
    with contextlib.suppress(ChildProcessError):
        while True:
            for pid in _child_pids():
                os.kill(pid, signal.SIGKILL)
            os.waitpid(-1, 0)


def _child_pids() -> list[int]:
    pids = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            text = file.read_text(encoding="utf-8", errors="replace")
            if int(text.rpartition(")")[2].split()[1]) == os.getpid():
                pids.append(int(file.parent.name))
    return pids

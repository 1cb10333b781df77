"""Messages between a fork server and its clients.

A client opens one connection per process. A request is a packet of JSON,
``{"argv": ["-m", MODULE, ...], "env": {}, "cwd": ""}``, with the descriptors of stdin,
stdout and stderr. The reply is ``{"pid": N}`` or ``{"refused": REASON}``. When the
process ends, its status follows: ``{"exit": STATUS}``, negative for a signal. Meanwhile
``{"signal": N}`` signals the process and its group, and closing the connection kills
them. The reply to ``{"refusal": true}`` is why the server refuses to fork, empty if it
does not: ``{"refusal": REASON}``.

This module also runs in fork servers and uses only the standard library.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

PACKET = 1 << 20
"""Most bytes that a request or a reply may have."""

PARENT = "JPY_PARENT_PID"
"""Variable with the process whose end ends a kernel; ipykernel reads it on import."""


@dataclass(frozen=True)
class Request:
    """A process to fork."""

    argv: list[str]
    """``-m``, the module, its arguments."""
    env: dict[str, str]
    """All its environment variables."""
    cwd: str
    """Its working directory."""
    stdio: list[int]
    """Descriptors of its stdin, stdout and stderr."""


def send(
    connection: socket.socket, message: dict[str, Any], descriptors: Sequence[int] = ()
) -> None:
    """Send a message.

    :raises OSError: the other end is closed.
    """
    socket.send_fds(connection, [json.dumps(message).encode()], list(descriptors))


def receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Receive a message and the descriptors that came with it.

    :returns: an empty message if the other end is closed or sent no JSON object.
    """
    try:
        data, descriptors, _, _ = socket.recv_fds(connection, PACKET, 3)
    except OSError:
        return {}, []
    try:
        return (dict(json.loads(data)) if data else {}), list(descriptors)
    except (ValueError, TypeError):
        return {}, list(descriptors)


def request_of(message: dict[str, Any], stdio: list[int]) -> Request | None:
    """Return the request in a message; None if the message is not a valid request."""
    argv, env, cwd = message.get("argv"), message.get("env"), message.get("cwd")
    if not (isinstance(argv, list) and isinstance(env, dict) and isinstance(cwd, str)):
        return None
    if len(argv) < 2 or len(stdio) != 3:
        return None
    return Request(argv, env, cwd, stdio)

"""WebSocket connections to the browser windows that show the preview."""

from __future__ import annotations

import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.websockets import WebSocket, WebSocketDisconnect

FORBIDDEN = 1008
"""Status of a WebSocket that is closed by a rule."""


class BrowserConnections:
    """Open connections; every message goes to each of them."""

    def __init__(self) -> None:
        """Start without a connection and without problems."""
        self._open: set[WebSocket] = set()
        self._built_at = time.time()
        self._problems: Sequence[str] = ()

    async def serve(self, socket: WebSocket) -> None:
        """Send a window its current state, then all messages until it closes.

        The window first sends when its page was loaded, in milliseconds since 1970.
        """
        if not _is_own_page(socket):
            await socket.close(FORBIDDEN)
            return
        await socket.accept()
        try:
            loaded_at = float(await socket.receive_text()) / 1000
            self._open.add(socket)
            await _send(socket, self._state_message(loaded_at))
            while True:
                await socket.receive_text()
        except (WebSocketDisconnect, ValueError):
            pass
        finally:
            self._open.discard(socket)

    async def reload(self) -> None:
        """Make all windows load the newest pages."""
        self._built_at, self._problems = time.time(), ()
        await self._broadcast({"reload": True})

    async def show_problems(self, problems: Sequence[str]) -> None:
        """Make all windows show the problems that prevent newer pages."""
        self._problems = problems
        await self._broadcast(self._state_message(self._built_at))

    def _state_message(self, loaded_at: float) -> dict[str, object]:
        """Return the message for a window whose page was loaded at a time."""
        if loaded_at < self._built_at:
            return {"reload": True}
        return {"problems": list(self._problems)}

    async def _broadcast(self, message: dict[str, object]) -> None:
        for socket in list(self._open):
            await _send(socket, message)


def _is_own_page(socket: WebSocket) -> bool:
    """Return whether a page of this server asks; any website can open a WebSocket.

    A proxy, such as that of Codespaces, says in a header of its own which host the
    browser asked for; no website can make a browser send that.
    """
    names = ("host", "x-forwarded-host")
    hosts = {socket.headers[name] for name in names if name in socket.headers}
    return urlsplit(socket.headers.get("origin", "")).netloc in hosts


async def _send(socket: WebSocket, message: dict[str, object]) -> None:
    """Send a message; ignore a window that was closed meanwhile."""
    try:
        await socket.send_json(message)
    except (WebSocketDisconnect, RuntimeError):
        return

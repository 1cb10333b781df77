"""The windows that show a book while it is written."""

from __future__ import annotations

import time
from collections.abc import Sequence

from starlette.websockets import WebSocket, WebSocketDisconnect


class Browsers:
    """All windows that are open: each hears everything."""

    def __init__(self) -> None:
        """Begin with no window, and nothing to tell."""
        self._open: set[WebSocket] = set()
        self._made = time.time()
        self._problems: Sequence[str] = ()

    async def keep(self, socket: WebSocket) -> None:
        """Tell a window what it missed, then what comes, until it closes."""
        await socket.accept()
        try:
            loaded = float(await socket.receive_text()) / 1000
            self._open.add(socket)
            await _send(socket, self._news(loaded))
            while True:
                await socket.receive_text()
        except (WebSocketDisconnect, ValueError):
            pass
        finally:
            self._open.discard(socket)

    async def reload(self) -> None:
        """Have all windows load the newest pages."""
        self._made, self._problems = time.time(), ()
        await self._send_all({"reload": True})

    async def tell(self, problems: Sequence[str]) -> None:
        """Have all windows show what keeps newer pages from being made."""
        self._problems = problems
        await self._send_all(self._news(self._made))

    def _news(self, loaded: float) -> dict[str, object]:
        """Return what a window hears that was loaded at a time."""
        if loaded < self._made:
            return {"reload": True}
        return {"problems": list(self._problems)}

    async def _send_all(self, message: dict[str, object]) -> None:
        for socket in list(self._open):
            await _send(socket, message)


async def _send(socket: WebSocket, message: dict[str, object]) -> None:
    """Tell a window something; one that is gone is none of our business."""
    try:
        await socket.send_json(message)
    except (WebSocketDisconnect, RuntimeError):
        return

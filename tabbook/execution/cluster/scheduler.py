"""Dask's scheduler, and how Dask is set up here: quiet, and without a dashboard.

Who reaches a scheduler can run code on its workers: Dask's protocol asks nobody who
they are. It listens where it is told to alone; Dask's own configuration (``tls://``)
adds certificates.
"""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import Awaitable, Callable
from typing import Any

from tabbook.base.errors import BookError, UsageError

ADDRESS = re.compile(
    r"(?:(?P<scheme>tcp|tls)://)?(?P<place>[^\s/:]+|\[[\da-f:]+\]):\d+"
)

SETTINGS = {
    # Ended by someone, or by a lost connection: said once, in our words.
    "logging": {"distributed": "critical", "distributed.client": "critical"},
    "distributed.comm.timeouts.connect": "5s",
    # What only dashboards show costs processor time that kernels need.
    "distributed.admin.tick.interval": "500ms",
    "distributed.diagnostics.nvml": False,
    # A book's files may be large, and travel once to each worker.
    "distributed.admin.large-graph-warning-threshold": "1GB",
    "distributed.worker.profile.enabled": False,
    # The book's files stay at each worker that has them.
    "distributed.scheduler.active-memory-manager.start": False,
}


def address(text: str) -> str:
    """Return an address in full.

    :raises UsageError: it is none.
    """
    match = ADDRESS.fullmatch(text)
    if not match:
        raise UsageError(f"{text!r} is no address; write one such as tcp://HOST:8786")
    return text if match["scheme"] else f"tcp://{text}"


def configure() -> None:
    """Set Dask up; to be called before ``distributed`` is imported."""
    import dask

    dask.config.set(SETTINGS)


def serve(where: str, tell: Callable[[str], None]) -> None:
    """Run a scheduler until it is stopped.

    :raises BookError: the address is not this machine's, or taken.
    """
    configure()
    asyncio.run(_serve(where, tell))


async def _serve(where: str, tell: Callable[[str], None]) -> None:
    from distributed import Scheduler

    try:
        made = await without_web(Scheduler)(host=where, dashboard=False)
    except (OSError, RuntimeError) as error:
        raise BookError(
            f"{where}: no scheduler can listen there: {error.__cause__ or error}; is "
            "it an address of this machine, and free?"
        ) from error
    tell(f"scheduler at {made.address}; who reaches it can run code on its workers")
    await first(made.finished())
    await made.close()


def without_web(server: Any) -> Any:
    """Return one of Dask's servers that opens no second port, for its web pages."""
    return type(
        server.__name__, (server,), {"start_http_server": lambda *_, **__: None}
    )


async def first(*events: Awaitable[Any]) -> bool:
    """Wait for one of several events, or for SIGINT or SIGTERM.

    :returns: whether it was a signal.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    waiting = {asyncio.ensure_future(one) for one in (stop.wait(), *events)}
    _, others = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for other in others:
        other.cancel()
    return stop.is_set()

"""Dask's scheduler, and how Dask is configured here: silent and without a dashboard.

It listens only at the address given; ``security`` says who may reach it.
"""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from tabbook.base.errors import BookError, UsageError
from tabbook.base.folders.scratch import scratch_folder

T = TypeVar("T")

ENDING = 2
"""Seconds in which the tasks that a coroutine leaves behind have to end."""

ADDRESS = re.compile(r"(?:(?P<scheme>tcp|tls)://)?(?P<host>[^\s/:]+|\[[\da-f:]+\]):\d+")

SETTINGS = {
    # The engine reports a stop or a lost connection itself, once.
    "logging": {"distributed": "critical", "distributed.client": "critical"},
    "distributed.comm.timeouts.connect": "5s",
    # What only dashboards show takes processor time from kernels.
    "distributed.admin.tick.interval": "500ms",
    "distributed.diagnostics.nvml": False,
    # A book's files may be large; they travel once to each worker.
    "distributed.admin.large-graph-warning-threshold": "1GB",
    "distributed.worker.profile.enabled": False,
    # Or it would delete copies of the book's files from workers that still need them.
    "distributed.scheduler.active-memory-manager.start": False,
}
"""Dask's settings in clients, schedulers and workers."""


def address(text: str) -> str:
    """Return an address with its scheme.

    :raises UsageError: the text is not an address.
    """
    match = ADDRESS.fullmatch(text)
    if not match:
        raise UsageError(f"{text!r} is no address; write one such as tcp://HOST:8786")
    return text if match["scheme"] else f"tcp://{text}"


def configure() -> None:
    """Configure Dask; ``distributed`` reads some settings when it is imported."""
    import dask

    dask.config.set(SETTINGS)


def serve(where: str, report: Callable[[str], None]) -> None:
    """Run a scheduler until a signal comes.

    :param where: address to listen at.
    :param report: called with messages for the user.
    :raises BookError: the address is not this machine's, or in use.
    """
    configure()
    import dask

    with scratch_folder("tabbook-scheduler-") as scratch:
        # It makes a folder for spilled data, which it never has.
        dask.config.set({"temporary-directory": str(scratch)})
        run(_serve(where, report))


async def _serve(where: str, report: Callable[[str], None]) -> None:
    from distributed import Scheduler

    stop = stop_event()
    try:
        scheduler = await without_web(Scheduler)(host=where, dashboard=False)
    except (OSError, RuntimeError) as error:
        raise BookError(
            f"{where}: no scheduler can listen there: {error.__cause__ or error}; is "
            "it an address of this machine, and free?"
        ) from error
    report(
        f"scheduler at {scheduler.address}; who reaches it can run code on its workers"
    )
    await first(stop, scheduler.finished())
    await scheduler.close()


def without_web(server: type) -> Any:
    """Return a class of Dask's servers that opens no second port for web pages.

    Dask has no setting for that; it overrides ``start_http_server`` of the class.
    """
    return type(
        server.__name__, (server,), {"start_http_server": lambda *_, **__: None}
    )


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine as ``asyncio.run`` does, but wait a limited time for its tasks.

    Connections of Dask over TLS may ignore that they are cancelled.
    """
    handlers = {end: signal.getsignal(end) for end in (signal.SIGINT, signal.SIGTERM)}
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # it would report the tasks left behind
    try:
        asyncio.set_event_loop(loop)
        return loop.run_until_complete(main)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=ENDING))
        asyncio.set_event_loop(None)
        loop.close()  # resets the handlers of signals
        for number, handler in handlers.items():
            signal.signal(number, handler)


def stop_event() -> asyncio.Event:
    """Return an event that SIGINT and SIGTERM set from now on."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


async def first(stop: asyncio.Event, *events: Awaitable[Any]) -> bool:
    """Wait for one of several events or for a signal; cancel the others.

    :param stop: from ``stop_event``.
    :returns: whether a signal came.
    """
    waiting = {asyncio.ensure_future(event) for event in (stop.wait(), *events)}
    _, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for future in pending:
        future.cancel()
    return stop.is_set()

"""A ``concurrent.futures.Executor`` whose notebooks run on a Dask cluster's workers."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from tabbook.base.errors import BookError
from tabbook.execution import runner
from tabbook.execution.cluster import scheduler
from tabbook.execution.cluster.dispatcher import Dispatch

CONNECT = 5
"""Seconds in which a scheduler has to answer."""
END = 10
"""Seconds in which the connection has to end."""


class ClusterExecutor(Executor):
    """Sends jobs to the workers of a scheduler; results come back as ever.

    A future raises ``BrokenExecutor`` when the scheduler is lost.
    """

    def __init__(self, address: str, tell: Callable[[str], None]) -> None:
        """Connect to a scheduler.

        :param tell: is told, from another thread, what the user should know.
        :raises BookError: no scheduler answers.
        """
        self._address = scheduler.address(address)
        self._tell = tell
        self._futures: list[Future[Any]] = []
        self._started: Future[tuple[Dispatch, asyncio.AbstractEventLoop]] = Future()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._dispatch, self._loop = self._started.result()

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        """Send a job; ``fn`` is ``execute.run``, which workers have themselves."""
        if fn is not runner.run or kwargs:
            raise TypeError(f"a cluster runs notebooks, not {fn!r}")
        made = asyncio.run_coroutine_threadsafe(self._dispatch.run(*args), self._loop)
        self._futures.append(made)
        return made

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the connection, once what was sent has come back."""
        if cancel_futures:
            for future in self._futures:
                future.cancel()
        if wait:
            concurrent.futures.wait(self._futures)
        with contextlib.suppress(RuntimeError):  # it is closed already
            self._loop.call_soon_threadsafe(self._dispatch.closing.set)
        self._thread.join(END)

    def _run(self) -> None:
        scheduler.configure()
        try:
            asyncio.run(self._serve())
        except Exception as error:
            if self._started.done():
                raise
            self._started.set_exception(error)

    async def _serve(self) -> None:
        from distributed import Client

        client = Client(
            self._address, asynchronous=True, set_as_default=False, timeout=CONNECT
        )
        try:
            await client
        except (OSError, TimeoutError) as error:
            raise BookError(
                f"no scheduler answers at {self._address}; start one on its machine: "
                f"./build.sh scheduler {self._address}"
            ) from error
        try:
            dispatch = Dispatch(client, self._address, self._tell)
            await dispatch.look()
            self._started.set_result((dispatch, asyncio.get_running_loop()))
            await dispatch.watch()
        finally:
            with contextlib.suppress(TimeoutError, OSError):
                await asyncio.wait_for(client.close(), 2)

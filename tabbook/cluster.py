"""A ``concurrent.futures.Executor`` whose notebooks run on a Dask cluster's workers.

Dask places a notebook where its framework is, and runs it again where a worker is lost.
Here is decided what Dask is given, and when: as many notebooks as the workers run at
once. So the order stays ours, a worker that joins late is used, and a worker's end
counts against the notebooks that ran there, not against those that only waited.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import hashlib
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from pathlib import Path
from typing import Any

from tabbook import execute, parcel, scheduler
from tabbook.errors import BookError
from tabbook.execute import Failure, Job, Result

PATIENCE = 60.0
"""Seconds for which a notebook waits for a worker that can run it."""
INTERVAL = 0.5
"""Seconds between two looks at the workers."""
TIMEOUT = 10
"""Seconds in which the scheduler has to answer."""

Needs = tuple[tuple[str, int], ...]
"""Names of Dask's resources and how much of each one notebook takes."""


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
        self._started: Future[tuple[_Dispatch, asyncio.AbstractEventLoop]] = Future()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._dispatch, self._loop = self._started.result()

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        """Send a job; ``fn`` is ``execute.run``, which workers have themselves."""
        if fn is not execute.run or kwargs:
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
        self._thread.join(TIMEOUT)

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
            self._address, asynchronous=True, set_as_default=False, timeout=TIMEOUT
        )
        try:
            await client
        except (OSError, TimeoutError) as error:
            raise BookError(
                f"no scheduler answers at {self._address}; start one on its machine: "
                f"./build.sh scheduler {self._address}"
            ) from error
        try:
            dispatch = _Dispatch(client, self._address, self._tell)
            await dispatch.look()
            self._started.set_result((dispatch, asyncio.get_running_loop()))
            await dispatch.watch()
        finally:
            with contextlib.suppress(TimeoutError, OSError):
                await asyncio.wait_for(client.close(), 2)


class _Dispatch:
    """What runs where; all of it in one thread's event loop."""

    def __init__(self, client: Any, address: str, tell: Callable[[str], None]) -> None:
        self.closing = asyncio.Event()
        self._client = client
        self._address = address
        self._tell = tell
        self._broken: BrokenExecutor | None = None
        self._workers: dict[str, dict[str, float]] = {}
        self._units: dict[Needs, int] = {}
        self._waiting: dict[tuple[str, bool], deque[asyncio.Future[Needs | None]]]
        self._waiting = defaultdict(deque)
        self._running: Counter[Needs] = Counter()
        self._stranded: dict[asyncio.Future[None], Needs] = {}
        self._missing: dict[str, float] = {}
        self._files: dict[tuple[str, tuple[str, ...]], Any] = {}

    async def run(self, job: Job) -> Result:
        """Run a job on some worker that can."""
        while True:
            needs = await self._place(job)
            if needs is None:
                return _failed(job, "no-worker", self._told(_wanted(job)))
            try:
                result = await self._sent(job, needs)
            finally:
                self._running[needs] -= 1
                self._settle()
            if result is not None:
                return result

    async def watch(self) -> None:
        """Follow which workers there are, until closed."""
        while not self.closing.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.closing.wait(), INTERVAL)
            if self._broken is None:
                try:
                    await self.look()
                except Exception:  # whatever it is, nobody must wait for ever
                    self._break()

    async def look(self) -> None:
        """Find out which workers there are; act on it."""
        found = await asyncio.wait_for(
            self._client.scheduler.identity(n_workers=-1), TIMEOUT
        )
        self._workers = {
            address: worker["resources"]
            for address, worker in found["workers"].items()
            if worker["status"] == "running"
        }
        self._units.clear()
        for stranded, needs in self._stranded.items():
            if not self._able(needs) and not stranded.done():
                stranded.set_result(None)
        self._settle()

    def _able(self, needs: Needs) -> int:
        """Return how many notebooks with such needs the workers run at once."""
        if needs not in self._units:
            self._units[needs] = sum(
                min(int(has.get(name, 0) // amount) for name, amount in needs)
                for has in self._workers.values()
            )
        return self._units[needs]

    async def _place(self, job: Job) -> Needs | None:
        """Wait for a free place; return None where there is no worker to wait for."""
        if self._broken:
            raise self._broken
        place: asyncio.Future[Needs | None] = asyncio.get_running_loop().create_future()
        self._waiting[_wanted(job), job.gpu].append(place)
        self._settle()
        return await place

    def _settle(self) -> None:
        """Give free places to those who wait longest; send away whom none will have."""
        for (wanted, gpu), queue in self._waiting.items():
            needs = self._needs(wanted, gpu)
            if not self._awaited(wanted, queue):
                while queue:
                    _answer(queue.popleft(), None)
            free = self._able(needs) - self._running[needs]
            while queue and free > 0:
                taken = _answer(queue.popleft(), needs)
                self._running[needs] += taken
                free -= taken

    def _needs(self, wanted: str, gpu: bool) -> Needs:
        """Return what a notebook takes: a GPU where a worker with both has one."""
        both = ((wanted, 1), (parcel.GPU, 1))
        return both if gpu and self._able(both) else both[:1]

    def _awaited(self, wanted: str, queue: deque[Any]) -> bool:
        """Return whether it makes sense to wait; say so where no worker is able."""
        if self._able(((wanted, 1),)) or not queue:
            if self._missing.pop(wanted, None) and queue:
                self._tell(f"a worker with {_name(wanted)} is there")
            return True
        if wanted not in self._missing:
            self._missing[wanted] = time.monotonic()
            self._tell(f"waiting {PATIENCE:.0f} s: {self._told(wanted)}")
        return time.monotonic() - self._missing[wanted] < PATIENCE

    def _told(self, wanted: str) -> str:
        """Say that no worker has what is wanted, what they have, and what to do."""
        name = _name(wanted)
        lines = [f"no worker has {name} as this book pins it"]
        for address, has in self._workers.items():
            offers = (parcel.compare(wanted, one) for one in has if one != parcel.GPU)
            lines.append(f"  {address} has {', '.join(offers) or 'no framework'}")
        if not self._workers:
            lines.append("  no worker is connected")
        command = f"./build.sh worker {self._address} --framework {name}"
        return "\n".join([*lines, f"  start one in the same book: {command}"])

    async def _sent(self, job: Job, needs: Needs) -> Result | None:
        """Return what a worker makes of a job; None where every able worker is lost."""
        future = self._client.submit(
            _far(),
            parcel.pack_job(job),
            self._packed(job),
            resources=dict(needs),
            pure=False,
        )
        stranded: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._stranded[stranded] = needs
        answer = asyncio.ensure_future(future.result())
        try:
            await asyncio.wait({answer, stranded}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                stranded.result()
                return None
            return self._outcome(job, answer)
        finally:
            answer.cancel()
            del self._stranded[stranded]
            future.release()

    def _packed(self, job: Job) -> Any:
        """Return the book's files: they travel once to each worker."""
        which = (job.root, job.resources)
        if which not in self._files:
            data = parcel.pack_files(Path(job.root), job.resources)
            key = f"tabbook-files-{hashlib.sha256(data).hexdigest()}"
            self._files[which] = self._client.submit(bytes, data, key=key)
        return self._files[which]

    def _outcome(self, job: Job, answer: asyncio.Future[bytes]) -> Result:
        from distributed import KilledWorker

        try:
            found = parcel.unpack_answer(answer.result())
        except KilledWorker as error:
            workers = error.allowed_failures + 1
            return _failed(
                job,
                "lost-workers",
                f"{workers} workers in turn were lost while they ran it; does it take "
                "more memory than they have? ./build.sh run without --scheduler shows "
                "how it ends here",
            )
        except concurrent.futures.CancelledError:
            self._break()
            raise self._broken from None  # type: ignore[misc]
        except Exception as error:  # reported, never raised: the others go on
            return _failed(job, "no-kernel", f"the worker could not run it: {error!r}")
        if found.key != job.key:
            return _failed(
                job,
                "other-key",
                f"the worker at {found.worker} ran it under another key than this "
                "book's; its pins or config.ini were edited since it started: start "
                "it again",
            )
        return found.result

    def _break(self) -> None:
        """Let everyone who waits know that the scheduler is lost."""
        self._broken = BrokenExecutor(f"the scheduler at {self._address} is gone")
        for queue in self._waiting.values():
            for place in queue:
                if not place.done():
                    place.set_exception(self._broken)
            queue.clear()
        for stranded in self._stranded:
            if not stranded.done():
                stranded.set_exception(self._broken)


def _far() -> Callable[[bytes, bytes], bytes]:
    """Return what a worker calls.

    A function inside a function travels as code: the scheduler reads what it passes
    on, and need not have the engine.
    """

    def notebook(job: bytes, files: bytes) -> bytes:
        from tabbook import worker

        return worker.run(job, files)

    return notebook


def _wanted(job: Job) -> str:
    return parcel.offer(job.framework, job.environment)


def _name(wanted: str) -> str:
    return wanted.split("-", maxsplit=1)[0]


def _failed(job: Job, kind: str, message: str) -> Result:
    return Result(job.notebook, 0.0, Failure(kind, 0, message))


def _answer(place: asyncio.Future[Needs | None], needs: Needs | None) -> int:
    """Answer one who waits, unless he went away; return how many places that took."""
    if place.done():
        return 0
    place.set_result(needs)
    return 1

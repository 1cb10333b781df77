"""Which notebook a cluster is given, and when.

Dask places a notebook where its framework is, and runs it again where a worker is lost.
It is given as many notebooks as the workers run at once. So the order stays ours, a
worker that joins late is used, and a worker's end counts against the notebooks that ran
there, not against those that only waited.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import hashlib
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tabbook.execution.cluster import protocol
from tabbook.execution.runner import Failure, Job, Result

PATIENCE = 60.0
"""Seconds for which a notebook waits for a worker that can run it."""
INTERVAL = 0.5
"""Seconds between two looks at the workers."""
TIMEOUT = 10
"""Seconds in which the scheduler has to answer."""

Needs = tuple[tuple[str, int], ...]
"""Names of Dask's resources and how much of each one notebook takes."""
Kind = tuple[str, bool]
"""What notebooks wait for together: a framework's resource, and whether with a GPU."""


@dataclass(frozen=True)
class _Flight:
    """A notebook that Dask has."""

    kind: Kind
    needs: Needs
    back: asyncio.Future[None]
    """Done when it has to come back: nobody is left to run it."""


class Dispatch:
    """All of it in one thread's event loop."""

    def __init__(self, client: Any, address: str, tell: Callable[[str], None]) -> None:
        """Follow the scheduler that a client of Dask is connected to."""
        self.closing = asyncio.Event()
        self._client = client
        self._address = address
        self._tell = tell
        self._broken: BrokenExecutor | None = None
        self._workers: dict[str, dict[str, float]] = {}
        self._units: dict[Needs, int] = {}
        self._asked: Counter[str] = Counter()
        self._missing: dict[str, float] = {}
        self._waiting: dict[Kind, deque[asyncio.Future[Needs | None]]]
        self._waiting = defaultdict(deque)
        self._running: Counter[Needs] = Counter()
        self._flights: set[_Flight] = set()
        self._files: dict[tuple[str, tuple[str, ...]], Any] = {}

    async def run(self, job: Job) -> Result:
        """Run a job on some worker that can.

        :raises BrokenExecutor: the scheduler is lost.
        """
        kind = (protocol.offer(job.framework, job.environment), job.gpu)
        self._asked[kind[0]] += 1
        try:
            while True:
                needs = await self._place(kind)
                if needs is None:
                    return _failed(
                        job,
                        "no-worker",
                        f"no worker that can run it came within {PATIENCE:.0f} s; "
                        + self._start(job.framework),
                    )
                try:
                    result = await self._sent(job, kind, needs)
                finally:
                    self._running[needs] -= 1
                    self._settle()
                if result is not None:
                    return result
        finally:
            self._asked[kind[0]] -= 1

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
        self._settle()

    async def _place(self, kind: Kind) -> Needs | None:
        """Wait for a free place; return None where there is no worker to wait for."""
        if self._broken:
            raise self._broken
        place: asyncio.Future[Needs | None] = asyncio.get_running_loop().create_future()
        self._waiting[kind].append(place)
        self._settle()
        answer = await place
        if self._broken:
            raise self._broken
        return answer

    def _settle(self) -> None:
        """Act on what is free, what is missing and what is lost."""
        for wanted in +self._asked:
            self._note(wanted)
        for flight in self._flights:
            if not self._able(flight.needs) and (
                self._able(self._needs(flight.kind)) or self._hopeless(flight.kind)
            ):
                _answer(flight.back, None)
        for kind, queue in self._waiting.items():
            while queue and self._hopeless(kind):
                _answer(queue.popleft(), None)
            needs = self._needs(kind)
            while queue and self._running[needs] < self._able(needs):
                self._running[needs] += _answer(queue.popleft(), needs)

    def _able(self, needs: Needs) -> int:
        """Return how many notebooks with such needs the workers run at once."""
        if needs not in self._units:
            self._units[needs] = sum(
                min(int(has.get(name, 0) // amount) for name, amount in needs)
                for has in self._workers.values()
            )
        return self._units[needs]

    def _needs(self, kind: Kind) -> Needs:
        """Return what a notebook takes: a GPU where a worker with both has one."""
        wanted, gpu = kind
        both = ((wanted, 1), (protocol.GPU, 1))
        return both if gpu and self._able(both) else both[:1]

    def _note(self, wanted: str) -> None:
        """Note, and say, whether some worker has a framework that is asked for."""
        name = protocol.framework(wanted)
        if self._able(((wanted, 1),)):
            if self._missing.pop(wanted, None) is not None:
                self._tell(f"a worker with {name} is there")
        elif wanted not in self._missing:
            self._missing[wanted] = time.monotonic()
            self._tell(f"waiting {PATIENCE:.0f} s: {self._told(wanted)}")

    def _hopeless(self, kind: Kind) -> bool:
        """Return whether a framework was missing for too long."""
        since = self._missing.get(kind[0])
        return since is not None and time.monotonic() - since >= PATIENCE

    def _told(self, wanted: str) -> str:
        """Say that no worker has what is wanted, what they have, and what to do."""
        name = protocol.framework(wanted)
        lines = [f"no worker has {name} as this book pins it"]
        for address, has in self._workers.items():
            offers = (
                protocol.compare(wanted, one) for one in has if one != protocol.GPU
            )
            lines.append(f"  {address} has {', '.join(offers) or 'no framework'}")
        if not self._workers:
            lines.append("  no worker is connected")
        return "\n".join([*lines, f"  {self._start(name)}"])

    def _start(self, name: str) -> str:
        command = f"./build.sh worker {self._address} --framework {name}"
        return f"start one where the same commit is checked out: {command}"

    async def _sent(self, job: Job, kind: Kind, needs: Needs) -> Result | None:
        """Return what a worker makes of a job; None where nobody is left to run it."""
        future = self._client.submit(
            _far(),
            protocol.pack_job(job),
            self._packed(job),
            resources=dict(needs),
            pure=False,
        )
        flight = _Flight(kind, needs, asyncio.get_running_loop().create_future())
        answer = asyncio.ensure_future(future.result())
        self._flights.add(flight)
        try:
            await asyncio.wait(
                {answer, flight.back}, return_when=asyncio.FIRST_COMPLETED
            )
            if answer.done():
                return self._outcome(job, answer)
            if self._broken:
                raise self._broken
            return None
        finally:
            answer.cancel()
            self._flights.remove(flight)
            future.release()

    def _packed(self, job: Job) -> Any:
        """Return the book's files: they travel once to each worker."""
        which = (job.root, job.resources)
        if which not in self._files:
            data = protocol.pack_files(Path(job.root), job.resources)
            key = f"tabbook-files-{hashlib.sha256(data).hexdigest()}"
            self._files[which] = self._client.submit(bytes, data, key=key)
        return self._files[which]

    def _outcome(self, job: Job, answer: asyncio.Future[bytes]) -> Result:
        from distributed import KilledWorker

        try:
            found = protocol.unpack_answer(answer.result())
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
            while queue:
                _answer(queue.popleft(), None)
        for flight in self._flights:
            _answer(flight.back, None)


def _far() -> Callable[[bytes, bytes], bytes]:
    """Return what a worker calls.

    A function inside a function travels as code: the scheduler reads what it passes
    on, and need not have the engine.
    """

    def notebook(job: bytes, files: bytes) -> bytes:
        from tabbook.execution.cluster import worker

        return worker.run(job, files)

    return notebook


def _failed(job: Job, kind: str, message: str) -> Result:
    return Result(job.notebook, 0.0, Failure(kind, 0, message))


def _answer(place: asyncio.Future[Any], answer: Needs | None) -> int:
    """Answer one who waits, unless he went away; return how many were answered."""
    if place.done():
        return 0
    place.set_result(answer)
    return 1

"""Execute notebooks on a Dask cluster.

Dask does the scheduling: it sends a notebook to a worker that has the resources for it
and runs it again when the worker is lost. This module adds what Dask does not do. Dask
keeps a queue for tasks without resources only: any other is assigned to a worker at
once, and the end of that worker counts against all that waited there. So Dask is given
only as many notebooks as the workers run at once, and the rest waits here, in order.
Dask requires every resource that is asked for, and waits for it silently and for ever,
unless the scheduler is configured otherwise, which may be anybody's. Here a GPU is
preferred only, and a resource that no worker has is reported; after a time the notebook
fails.
"""

from __future__ import annotations

import contextlib
import hashlib
import queue
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

from tabbook.base.config import Config
from tabbook.base.errors import BookError
from tabbook.base.program import command_line
from tabbook.execution.cluster import protocol, scheduler
from tabbook.execution.cluster.workers import Needs, Workers
from tabbook.execution.job import (
    Failure,
    Job,
    Result,
    RunnerLostError,
    is_run_of,
)

CONNECT = 5
"""Seconds in which a scheduler has to accept the connection."""
TIMEOUT = 10
"""Seconds in which a scheduler has to reply."""
CLOSE = 2
"""Seconds in which the connection has to close."""
PATIENCE = 60.0
"""Seconds for which a notebook waits for a worker that can run it."""
INTERVAL = 0.5
"""Seconds between two looks at the workers."""

RESTART = "nothing of it is saved: start that worker again, from this book's commit"


class NotebookCluster:
    """A connection to a scheduler, for one run."""

    def __init__(
        self, address: str, config: Config, report: Callable[[str], None]
    ) -> None:
        """Connect to a scheduler.

        :param config: configuration of the book, whose resources workers receive.
        :param report: called with messages for the user.
        :raises BookError: no scheduler accepts the connection.
        """
        self._address = scheduler.address(address)
        self._config = config
        self._report = report
        self._client = self._connect()
        self._workers = Workers({})
        self._waiting: list[Job] = []
        self._running: dict[Any, tuple[Job, Needs]] = {}
        self._ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._missing: dict[str, float] = {}
        """Resource that no worker has: since when."""

    def run(self, jobs: Sequence[Job]) -> Generator[tuple[Job, Result], None, None]:
        """Execute notebooks, started in the order given; yield each as it ends.

        Closes the connection in the end.

        :raises RunnerLostError: the scheduler is lost.
        """
        self._waiting = list(jobs)
        try:
            files = self._send_files()
            while self._waiting or self._running:
                self._workers = self._look()
                self._report_missing()
                self._take_back()
                yield from self._give_up()
                self._submit(files)
                yield from self._results()
        finally:
            for future in self._running:
                future.release()
            with contextlib.suppress(OSError, TimeoutError):
                self._client.close(timeout=CLOSE)

    def _connect(self) -> Any:
        scheduler.configure()
        from distributed import Client

        try:
            return Client(self._address, set_as_default=False, timeout=CONNECT)
        except (OSError, TimeoutError) as error:
            raise BookError(
                f"no scheduler answers at {self._address}; start one on its machine: "
                f"{command_line(f'scheduler {self._address}')}"
            ) from error

    def _send_files(self) -> Any:
        """Return the future of the book's files, which travel once to each worker."""
        data = protocol.pack_files(self._config.root, self._config.resources)
        key = f"tabbook-files-{hashlib.sha256(data).hexdigest()}"
        return self._client.submit(bytes, data, key=key)

    def _look(self) -> Workers:
        """Return the workers that are connected."""
        try:
            if self._client.status != "running":
                raise ConnectionError(self._client.status)
            # Client.scheduler_info does the same, but hides that nobody replies.
            identity = self._client.sync(
                self._client.scheduler.identity,
                n_workers=-1,
                callback_timeout=TIMEOUT,
            )
        except Exception as error:  # whatever Dask raises, waiting would not end
            raise self._lost() from error
        return Workers(
            {
                address: worker["resources"]
                for address, worker in identity["workers"].items()
                if worker["status"] == "running"
            }
        )

    def _report_missing(self) -> None:
        """Record and report which resources no worker has, and which have come."""
        jobs = [*self._waiting, *(job for job, _ in self._running.values())]
        for resource in dict.fromkeys(map(protocol.resource_of, jobs)):
            name = protocol.framework_of(resource)
            if self._workers.capacity((resource,)):
                if self._missing.pop(resource, None) is not None:
                    self._report(f"a worker with {name} is there")
            elif resource not in self._missing:
                self._missing[resource] = time.monotonic()
                lines = [
                    f"no worker has {name} as this book pins it",
                    *(f"  {line}" for line in self._workers.describe(resource)),
                    f"  {self._advice(name)}",
                ]
                self._report(f"waiting {PATIENCE:.0f} s: " + "\n".join(lines))

    def _is_hopeless(self, job: Job) -> bool:
        """Return whether no worker could run a notebook for too long."""
        since = self._missing.get(protocol.resource_of(job))
        return since is not None and time.monotonic() - since >= PATIENCE

    def _take_back(self) -> None:
        """Take notebooks back that Dask holds for workers that are gone.

        Only those that others can run or nobody will. Dask keeps the others until a
        worker comes back, since it counts how many workers each has ended.
        """
        for future, (job, needs) in list(self._running.items()):
            if not self._workers.capacity(needs) and (
                self._workers.capacity(self._workers.needs(job))
                or self._is_hopeless(job)
            ):
                del self._running[future]
                future.release()
                self._waiting.insert(0, job)

    def _give_up(self) -> Iterator[tuple[Job, Result]]:
        """Yield a failure for each waiting notebook that no worker will run."""
        for job in [job for job in self._waiting if self._is_hopeless(job)]:
            self._waiting.remove(job)
            message = (
                f"no worker that can run it came within {PATIENCE:.0f} s; "
                + self._advice(job.framework)
            )
            yield job, _failed(job, "no-worker", message)

    def _submit(self, files: Any) -> None:
        """Give Dask as many waiting notebooks as the workers have room for."""
        taken = Counter(needs for _, needs in self._running.values())
        for job in list(self._waiting):
            needs = self._workers.needs(job)
            if taken[needs] >= self._workers.capacity(needs):
                continue
            taken[needs] += 1
            self._waiting.remove(job)
            future = self._client.submit(
                _worker_function(),
                protocol.pack_job(job),
                files,
                resources=dict.fromkeys(needs, 1),
                pure=False,
            )
            self._running[future] = job, needs
            future.add_done_callback(self._ended.put)

    def _results(self) -> Iterator[tuple[Job, Result]]:
        """Wait a short time for notebooks to end; yield their results."""
        try:
            ended = [self._ended.get(timeout=INTERVAL)]
        except queue.Empty:
            return
        while not self._ended.empty():
            ended.append(self._ended.get())
        for future in ended:
            if future not in self._running:
                continue  # it was taken back
            job, _ = self._running[future]
            if (result := self._result(job, future)) is not None:
                del self._running[future]
                yield job, result

    def _result(self, job: Job, future: Any) -> Result | None:
        """Return the result of a notebook; None if Dask has to run it again."""
        if future.status == "cancelled":
            raise self._lost()
        if future.status == "error":
            return _error(job, future.exception(timeout=TIMEOUT))
        try:
            reply = protocol.unpack_reply(future.result(timeout=TIMEOUT))
        except TimeoutError:  # the worker was lost before it passed the result on
            future.add_done_callback(self._ended.put)
            return None
        except protocol.ReplyError as error:
            return _failed(job, "bad-reply", f"{error}; {RESTART}")
        if reply.key != job.key:
            message = (
                f"the worker at {reply.worker} ran it under another key than this "
                "book's; its pins or config.ini were edited since it started: start "
                "it again"
            )
            return _failed(job, "other-key", message)
        if not is_run_of(job.notebook, reply.result.notebook):
            message = (
                f"the worker at {reply.worker} returned other cells than it was sent; "
                + RESTART
            )
            return _failed(job, "other-cells", message)
        return reply.result

    def _advice(self, framework: str) -> str:
        command = command_line(f"worker {self._address} --framework {framework}")
        return f"start one where the same commit is checked out: {command}"

    def _lost(self) -> RunnerLostError:
        return RunnerLostError(f"the scheduler at {self._address} is gone")


def _worker_function() -> Callable[[bytes, bytes], bytes]:
    """Return the function that a worker calls.

    A function defined in a function is pickled as code, not by name: the scheduler
    unpickles it too, and need not have the engine.
    """

    def execute(job: bytes, files: bytes) -> bytes:
        """Execute a packed job on the worker that runs this."""
        from tabbook.execution.cluster import worker

        return worker.execute(job, files)

    return execute


def _error(job: Job, error: BaseException) -> Result:
    """Return the failure for an error that Dask reports."""
    from distributed import KilledWorker

    if not isinstance(error, KilledWorker):
        return _failed(job, "no-kernel", f"the worker could not run it: {error!r}")
    message = (
        f"{error.allowed_failures + 1} workers in turn were lost while they ran it; "
        f"does it take more memory than they have? {command_line('run')} without "
        "--scheduler shows how it ends here"
    )
    return _failed(job, "lost-workers", message)


def _failed(job: Job, kind: str, message: str) -> Result:
    return Result(job.notebook, 0.0, Failure(kind, 0, message))

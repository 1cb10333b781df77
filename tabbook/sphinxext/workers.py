"""Read and write pages in forked processes, of which none is lost or left behind.

Sphinx's own ``ParallelTasks`` forgets tasks that wait while a worker fails, waits for
ever for a worker that was killed, and leaves its workers blocked on a pipe if it is
killed itself. ``PageWorkers`` has its interface and takes its place.

A forked process shares its parent's memory until one of them writes to it. Python's
garbage collector writes to every object it visits, so what exists before a fork is
frozen: it visits none of that, and each process costs half of the memory.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

import sphinx.builders
from sphinx.util import logging

from tabbook.base.process import CAN_FORK, end_with_parent
from tabbook.sphinxext.failures import PageError, PageFailure, failure_of, not_made

CONTEXT: Any = multiprocessing.get_context("fork") if CAN_FORK else None
"""Without forks one process makes all pages."""
LOGGER = logging.getLogger(__name__)

ENDING = 5
"""Seconds that a worker has to end after its last page."""


@dataclass
class Worker:
    """A process that reads or writes a group of pages."""

    process: BaseProcess
    add_result: Callable[[Any, Any], object]
    """Called with the group and the result."""
    group: Any
    """Names of pages, or pairs of a name and something else."""
    page: str
    """The page that it has begun last."""


@dataclass(frozen=True)
class Finished:
    """The last message of a worker."""

    logs: list[Any]
    result: Any = None
    failure: PageFailure | None = None


class PageWorkers:
    """Fork a process per group of pages; raise the first exception of any."""

    def __init__(self, nproc: int) -> None:
        """Run at most ``nproc`` processes at once."""
        gc.freeze()
        self._limit = nproc
        self._workers: dict[Connection, Worker] = {}

    def add_task(
        self,
        task_func: Callable[[Any], Any],
        arg: list[Any],
        result_func: Callable[[Any, Any], object] = lambda group, result: None,
    ) -> None:
        """Start a process, once fewer than the limit run.

        :param task_func: called in the process with the group of pages.
        :raises PageError: another process has failed.
        """
        while len(self._workers) >= self._limit:
            self._receive()
        receiver, sender = CONTEXT.Pipe(duplex=False)
        arguments = (os.getpid(), task_func, arg, receiver, sender)
        process = CONTEXT.Process(target=self._work, args=arguments)
        process.start()
        # The pipe has to end with the worker.
        sender.close()
        self._workers[receiver] = Worker(process, result_func, arg, _name(arg[0]))

    def join(self) -> None:
        """Wait for all processes.

        :raises PageError: one has failed.
        """
        while self._workers:
            self._receive()

    def kill(self) -> None:
        """End the processes that still run, after an error."""
        for worker in self._workers.values():
            worker.process.kill()
        for receiver, worker in self._workers.items():
            worker.process.join()
            receiver.close()
        self._workers.clear()

    def _receive(self) -> None:
        """Wait for messages of workers, and handle them."""
        for receiver in wait(list(self._workers)):
            assert isinstance(receiver, Connection)
            worker = self._workers[receiver]
            try:
                message = receiver.recv()
            except (EOFError, OSError):  # it has ended, perhaps amid a message
                worker.process.join()
                failure = not_made(_end_of(worker.process.exitcode or 0))
                raise PageError(worker.page, failure) from None
            if isinstance(message, Finished):
                self._finish(receiver, message)
            else:
                worker.page = message

    def _finish(self, receiver: Connection, message: Finished) -> None:
        worker = self._workers[receiver]
        for record in message.logs:
            LOGGER.handle(record)
        if message.failure:
            raise PageError(worker.page, message.failure)
        worker.add_result(worker.group, message.result)
        worker.process.join(ENDING)
        worker.process.kill()
        receiver.close()
        del self._workers[receiver]
        worker.group = None
        gc.collect()  # trees of pages refer to themselves; the next fork would inherit

    def _work(
        self,
        parent: int,
        task: Callable[[Any], Any],
        group: list[Any],
        receiver: Connection,
        sender: Connection,
    ) -> None:
        """Work on a group of pages in the forked process."""
        gc.freeze()
        end_with_parent(parent)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C also reaches the parent
        # Writing to the pipe must fail once the parent has ended.
        for inherited in (receiver, *self._workers):
            inherited.close()
        collector = logging.LogCollector()
        logs: list[Any] = []
        result, failure = None, None
        try:
            with collector.collect():
                result = task(_announced(group, sender, logs))
        except BaseException as error:
            failure = failure_of(error)
        logs += collector.logs
        logging.convert_serializable(logs)
        sender.send(Finished(logs, result, failure))


@contextmanager
def page_workers() -> Iterator[None]:
    """Let Sphinx use ``PageWorkers``; none of them runs any more afterwards.

    Sphinx has no public way to choose what it reads and writes pages in parallel with.
    """
    groups: list[PageWorkers] = []

    def start(nproc: int) -> PageWorkers:
        """Return workers in place of Sphinx's tasks."""
        groups.append(PageWorkers(nproc))
        return groups[-1]

    builders: Any = sphinx.builders
    original, builders.ParallelTasks = builders.ParallelTasks, start
    try:
        yield
    finally:
        builders.ParallelTasks = original
        for group in groups:
            group.kill()
        gc.unfreeze()


def _announced(
    group: Iterable[Any], sender: Connection, logs: list[Any]
) -> Iterator[Any]:
    """Yield the pages of a group, each after its name has been sent.

    :param logs: receives the log of a page, with the page where nothing else
        says what it is about.
    """
    for item in group:
        sender.send(_name(item))
        collector = logging.LogCollector()
        with collector.collect():
            yield item
        for record in collector.logs:
            record.location = getattr(record, "location", None) or _name(item)
        logs += collector.logs


def _name(item: Any) -> str:
    """Return the name of a page that Sphinx reads (a name) or writes (a pair)."""
    return str(item if isinstance(item, str) else item[0])


def _end_of(exit_code: int) -> str:
    """Return how a process ended that sent no result."""
    if exit_code >= 0:
        return f"its process ended with exit status {exit_code}"
    name = signal.Signals(-exit_code).name
    memory = ", as the system does when memory runs out" * (name == "SIGKILL")
    return f"its process was killed by {name}{memory}"

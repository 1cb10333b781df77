"""Build the pages while notebooks run: each is read once its outputs are saved.

A forked process runs Sphinx. It reads a page as soon as the notebooks of the page have
ended, and waits for the others, so that little is left to do after the last one. Only a
first build does so: a later one reads few pages, and if a notebook failed, what Sphinx
knows of all others would be lost with the process.
"""

from __future__ import annotations

import mmap
import multiprocessing
import os
import signal
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from typing import TYPE_CHECKING

from tabbook.base.errors import BookError
from tabbook.base.process import ENDS_WITH_PARENT, can_fork_now, end_with_parent
from tabbook.sphinxext import builder

if TYPE_CHECKING:
    from tabbook.execution.planner import ExecutionProgress, Outcome
    from tabbook.source.book import Book
    from tabbook.source.section import Section

CONTEXT = multiprocessing.get_context("fork")

PAUSE = 0.02
"""Seconds between two looks whether the outputs of a page are there."""


class OutputsPending:
    """The pages whose notebooks have not all ended, seen by all forked processes."""

    def __init__(self, book: Book, running: Iterable[Section]) -> None:
        """Take the notebooks that will run, a section for each."""
        self._pages = {page.name: at for at, page in enumerate(book.pages, 1)}
        self._left = Counter(_page_of(book, section) for section in running)
        self._flags = mmap.mmap(-1, len(self._pages) + 1)
        for page in book.pages:
            # A page without code may show results of all notebooks, such as versions.
            if book.page_has_code(page) and not self._left[page.name]:
                self._set(self._pages[page.name])

    def ended(self, book: Book, section: Section) -> None:
        """Take note that a notebook has ended and is saved."""
        page = _page_of(book, section)
        self._left[page] -= 1
        if self._left[page] == 0:
            self._set(self._pages.get(page, 0))

    def all_ended(self) -> None:
        """Take note that all have."""
        for at in range(len(self._flags)):
            self._set(at)

    def wait(self, page: str = "") -> None:
        """Wait for the notebooks of a page; for all of them if none is named."""
        at = self._pages.get(page, 0)
        while not (self._flags[at] or self._flags[0]):
            time.sleep(PAUSE)

    def _set(self, at: int) -> None:
        self._flags[at] = 1


class PageBuild:
    """A build of the pages of a book that may begin while its notebooks run.

    It is a context manager: a build that has not ended at its end is stopped.
    """

    def __init__(self, book: Book, running: Sequence[Section]) -> None:
        """Begin in a forked process, if that is worthwhile.

        :param running: the section of each notebook that is going to run.
        """
        self._book = book
        self._process: ForkProcess | None = None
        forkable = ENDS_WITH_PARENT and can_fork_now()
        if not (running and forkable and builder.is_first(book.config)):
            return
        self._pending = OutputsPending(book, running)
        self._result, sender = CONTEXT.Pipe(duplex=False)
        arguments = (os.getpid(), sender)
        self._process = CONTEXT.Process(target=self._build, args=arguments)
        self._process.start()
        sender.close()

    def ended(self, section: Section) -> None:
        """Take note that a notebook of a section has ended and is saved."""
        if self._process:
            self._pending.ended(self._book, section)

    def notified_by(self, progress: ExecutionProgress) -> ExecutionProgress:
        """Return callbacks that also notify this build of each saved notebook."""

        def finished(outcome: Outcome) -> None:
            """Note an executed notebook of a section, then call the callback."""
            if outcome.failure is None:
                self.ended(outcome.step.section)
            progress.finished(outcome)

        return replace(progress, finished=finished)

    def finish(self) -> None:
        """Bring the pages up to date.

        :raises BookError: a page cannot be built; the pages stay as they were.
        """
        if self._process is None:
            builder.build(self._book)
            return
        self._pending.all_ended()
        try:
            error = self._result.recv()
        except EOFError:
            error = BookError("the process that made the pages was killed")
        self._process.join()
        self._process = None
        if error:
            raise error

    def __enter__(self) -> PageBuild:
        """Return the build."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the forked process, if it has not ended."""
        if self._process:
            self._process.kill()
            self._process.join()

    def _build(self, parent: int, result: Connection) -> None:
        """Build the pages in the forked process."""
        end_with_parent(parent)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C also reaches the parent
        error: BaseException | None = None
        try:
            builder.build(self._book, wait=self._pending.wait)
        except BookError as refused:
            error = refused
        except Exception:
            error = RuntimeError(f"while pages were made:\n{traceback.format_exc()}")
        result.send(error)


def _page_of(book: Book, section: Section) -> str:
    """Return the page that shows a section."""
    return section.solves if book.section(section.solves) else section.name

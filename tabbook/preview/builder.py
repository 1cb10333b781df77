"""A process that makes pages, each time in a child that has all it needs in memory.

It is one of its own because a process with threads, as the one that serves, must not
fork children that do more than start a program.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import multiprocessing
import signal
import sys
from collections.abc import Iterable
from multiprocessing.connection import Connection
from pathlib import Path

from tabbook import sphinxext
from tabbook.base import config
from tabbook.base.errors import BookError
from tabbook.source import book
from tabbook.sphinxext import BuildResult, Draft

FOLDER = "html-preview"
"""Where the pages are, in the book's folder for what is made."""

CONTEXT = multiprocessing.get_context("fork")


class Pages:
    """The pages of one book while it is written."""

    def __init__(self, root: Path) -> None:
        """Start the process; to be called while this one has no threads."""
        self._line, theirs = CONTEXT.Pipe()
        process = CONTEXT.Process(target=_make, args=(root, theirs, self._line))
        process.start()
        theirs.close()

    def build(self, draft: Draft) -> BuildResult:
        """Bring the pages up to date.

        :raises BookError: they cannot be made; those that are there stay.
        """
        try:
            self._line.send(draft)
            answer = self._line.recv()
        except (EOFError, OSError) as error:
            raise BookError(
                "the process that makes the pages is gone; start serve again"
            ) from error
        if isinstance(answer, BookError):
            raise answer
        made: BuildResult = answer
        return made

    def close(self) -> None:
        """End the process."""
        self._line.close()


def _make(root: Path, line: Connection, other: Connection) -> None:
    """Make pages as often as asked, until nobody can ask any more."""
    other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asks gets it, too
    sphinxext.preload()
    with contextlib.suppress(EOFError, OSError):
        while True:
            draft = line.recv()
            gc.freeze()
            answer, imported = _in_child(root, draft)
            line.send(answer)
            _learn(root, imported)


def _in_child(
    root: Path, draft: Draft
) -> tuple[BuildResult | BookError, Iterable[str]]:
    """Build in a child: Sphinx begins every time as if it were the first."""
    ours, theirs = CONTEXT.Pipe(duplex=False)
    child = CONTEXT.Process(target=_build, args=(root, draft, theirs))
    child.start()
    theirs.close()
    try:
        answer: tuple[BuildResult | BookError, Iterable[str]] = ours.recv()
    except EOFError:
        answer = BookError("the pages could not be made: their process died"), ()
    ours.close()
    child.join()
    return answer


def _build(root: Path, draft: Draft, line: Connection) -> None:
    before = set(sys.modules)
    answer: BuildResult | BookError
    try:
        answer = sphinxext.build(config.load(root), mode=draft)
    except BookError as error:
        answer = BookError(str(error))
    line.send((answer, sorted(set(sys.modules) - before)))


def _learn(root: Path, imported: Iterable[str]) -> None:
    """Have at hand for the next child what the last one imported and parsed."""
    for name in imported:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    with contextlib.suppress(Exception):  # the next child says what is wrong
        found = book.load(config.load(root))
        for section in found.sections:
            _ = section.cells, section.title, section.toc, section.has_code

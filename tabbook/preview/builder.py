"""Build pages in a child process per build, forked from a process with warm imports.

The forking process is separate from the web server: a process with threads, such as the
server, must not fork children that do more than execute a program.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterable
from multiprocessing.connection import Connection
from typing import Any

from tabbook import sphinxext
from tabbook.base.errors import BookError
from tabbook.base.process import CAN_FORK, end_with_parent
from tabbook.source.book import Book
from tabbook.sphinxext import BuildResult, Draft

FOLDER = "html-preview"
"""Folder of the pages, below the book's folder for build products."""

CONTEXT: Any = multiprocessing.get_context("fork" if CAN_FORK else "spawn")
"""Without forks each build imports Sphinx again."""


class PageBuilder:
    """A process that builds the pages of a book on request."""

    def __init__(self) -> None:
        """Start the process; call this before the current process starts a thread."""
        self._connection, builder_end = CONTEXT.Pipe()
        process = CONTEXT.Process(
            target=_serve_builds,
            args=(os.getpid(), builder_end, self._connection),
        )
        process.start()
        builder_end.close()

    def build(self, loaded: Book, draft: Draft) -> BuildResult:
        """Bring the pages up to date.

        :raises BookError: the build failed; the existing pages stay.
        """
        try:
            self._connection.send((loaded, draft))
            reply = self._connection.recv()
        except (EOFError, OSError) as error:
            raise BookError(
                "the process that builds the pages has ended; start serve again"
            ) from error
        if isinstance(reply, BookError):
            raise reply
        result: BuildResult = reply
        return result

    def close(self) -> None:
        """End the process."""
        self._connection.close()


def _serve_builds(server: int, connection: Connection, server_end: Connection) -> None:
    """Build pages for each request until the server closes the connection.

    :param server: process id of the server.
    :param server_end: the server's end of the pipe, inherited by the fork. It is closed
        here: otherwise this process would never see the end of the connection.
    """
    end_with_parent(server)
    server_end.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C also reaches the server
    sphinxext.preload()
    with contextlib.suppress(EOFError, OSError):
        while True:
            loaded, draft = connection.recv()
            _parse(loaded)
            # The collector would write to, and so copy, memory shared with the child.
            gc.freeze()
            reply, imported = _build_in_child(loaded, draft)
            connection.send(reply)
            _import(imported)


def _build_in_child(
    loaded: Book, draft: Draft
) -> tuple[BuildResult | BookError, Iterable[str]]:
    """Build in a forked child, so that no state of Sphinx outlives a build.

    :returns: the result and the names of the modules that the child imported.
    """
    receiver, sender = CONTEXT.Pipe(duplex=False)
    child = CONTEXT.Process(target=_build, args=(os.getpid(), loaded, draft, sender))
    child.start()
    sender.close()
    try:
        reply: tuple[BuildResult | BookError, Iterable[str]] = receiver.recv()
    except EOFError:
        reply = BookError("the pages could not be built: the process died"), ()
    receiver.close()
    child.join()
    return reply


def _build(builder: int, loaded: Book, draft: Draft, connection: Connection) -> None:
    end_with_parent(builder)
    before = set(sys.modules)
    reply: BuildResult | BookError
    try:
        reply = sphinxext.build(loaded, mode=draft)
    except BookError as error:
        reply = BookError(str(error))
    connection.send((reply, sorted(set(sys.modules) - before)))


def _parse(loaded: Book) -> None:
    """Parse the sections that no build has parsed yet, once for all its children."""
    with contextlib.suppress(BookError):  # the child reports it
        for section in loaded.sections:
            # Cached properties, which the children inherit.
            _ = section.cells, section.title, section.tocs, section.has_code


def _import(names: Iterable[str]) -> None:
    """Import the modules of the last child for the next one."""
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)

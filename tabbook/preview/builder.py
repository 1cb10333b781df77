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
from pathlib import Path

from tabbook import sphinxext
from tabbook.base import config
from tabbook.base.errors import BookError
from tabbook.base.process import end_with_parent
from tabbook.source import book
from tabbook.sphinxext import BuildResult, Draft

FOLDER = "html-preview"
"""Folder of the pages, below the book's folder for build products."""

CONTEXT = multiprocessing.get_context("fork")


class PageBuilder:
    """A process that builds the pages of one book on request."""

    def __init__(self, root: Path) -> None:
        """Start the process; call this before the current process starts a thread."""
        self._connection, builder_end = CONTEXT.Pipe()
        process = CONTEXT.Process(
            target=_serve_builds,
            args=(os.getpid(), root, builder_end, self._connection),
        )
        process.start()
        builder_end.close()

    def build(self, draft: Draft) -> BuildResult:
        """Bring the pages up to date.

        :raises BookError: the build failed; the existing pages stay.
        """
        try:
            self._connection.send(draft)
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


def _serve_builds(
    server: int, root: Path, connection: Connection, server_end: Connection
) -> None:
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
            draft = connection.recv()
            # The collector would write to, and so copy, memory shared with the child.
            gc.freeze()
            reply, imported = _build_in_child(root, draft)
            connection.send(reply)
            _warm_up(root, imported)


def _build_in_child(
    root: Path, draft: Draft
) -> tuple[BuildResult | BookError, Iterable[str]]:
    """Build in a forked child, so that no state of Sphinx outlives a build.

    :returns: the result and the names of the modules that the child imported.
    """
    receiver, sender = CONTEXT.Pipe(duplex=False)
    child = CONTEXT.Process(target=_build, args=(os.getpid(), root, draft, sender))
    child.start()
    sender.close()
    try:
        reply: tuple[BuildResult | BookError, Iterable[str]] = receiver.recv()
    except EOFError:
        reply = BookError("the pages could not be built: the process died"), ()
    receiver.close()
    child.join()
    return reply


def _build(builder: int, root: Path, draft: Draft, connection: Connection) -> None:
    end_with_parent(builder)
    before = set(sys.modules)
    reply: BuildResult | BookError
    try:
        reply = sphinxext.build(config.load(root), mode=draft)
    except BookError as error:
        reply = BookError(str(error))
    connection.send((reply, sorted(set(sys.modules) - before)))


def _warm_up(root: Path, imported: Iterable[str]) -> None:
    """Import and parse for the next child what the last child imported and parsed."""
    for name in imported:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    with contextlib.suppress(Exception):  # the next child reports the error
        loaded = book.load(config.load(root))
        for section in loaded.sections:
            # Cached properties, which the next child inherits.
            _ = section.cells, section.title, section.tocs, section.has_code

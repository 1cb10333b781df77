"""Live preview: rebuild pages on each save and execute notebooks whose code changed.

This process watches files, serves pages and starts kernels (``kernels``); another
process builds the pages (``builder``); browsers are notified of new pages over a
WebSocket (``browsers``). Each save and each end of a run calls ``Preview.update``, so
that the pages depend only on the files and on the notebooks that failed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
import traceback
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import uvicorn
import watchfiles
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount, WebSocketRoute
from starlette.staticfiles import StaticFiles

from tabbook import lint
from tabbook.base import config, console
from tabbook.base.config import Config
from tabbook.base.errors import BookError, Problem
from tabbook.execution import planner, report
from tabbook.execution.step import Step
from tabbook.preview.browsers import BrowserConnections
from tabbook.preview.builder import FOLDER, PageBuilder
from tabbook.preview.kernels import NotebookRuns
from tabbook.source import book
from tabbook.source.book import Book
from tabbook.sphinxext import BuildResult, Draft

HOSTS = ["127.0.0.1", "localhost"]
"""The names under which browsers reach the server."""

DEBOUNCE_MS = 20
"""Milliseconds without a change after which a save counts as complete."""


class Preview:
    """Preview of one book: its pages, its notebook runs and its browser windows."""

    def __init__(self, book_config: Config, page_builder: PageBuilder) -> None:
        """Preview a book whose pages a builder builds."""
        self.root = book_config.root
        self.browsers = BrowserConnections()
        self.runs = NotebookRuns(book_config, self._request_update)
        self._page_builder = page_builder
        self._saved: set[Path] = set()
        """Files saved since the last update."""
        self._update_requested = asyncio.Event()
        self._printed: list[Problem] = []
        """Problems printed last; they are printed again only if they change."""
        self._folders_changed = asyncio.Event()

    async def follow(self) -> None:
        """Update after every save and every end of a run, until cancelled."""
        while True:
            await self._update_requested.wait()
            self._update_requested.clear()
            saved, self._saved = self._saved, set()
            try:
                await self.update(saved)
            except Exception:  # a bug here must not end the preview
                console.complain(traceback.format_exc())

    async def watch(self, *paths: Path, deep: bool) -> None:
        """Request an update for each saved file, until cancelled.

        :param deep: whether to watch subfolders. The shallow watch covers the book's
            own folder and restarts the deep one when a folder appears or vanishes.
        """
        async for changes in watchfiles.awatch(
            *paths,
            watch_filter=self._is_source,
            step=DEBOUNCE_MS,
            recursive=deep,
            stop_event=self._folders_changed if deep else None,
        ):
            saved = {Path(path) for _, path in changes}
            if not deep and not all(path.is_file() for path in saved):
                self._folders_changed.set()
            self._saved |= saved
            self._update_requested.set()

    async def watch_folders(self, book_config: Config) -> None:
        """Watch the folders with sources, including those created later."""
        while True:
            self._folders_changed.clear()
            with contextlib.suppress(FileNotFoundError):  # deleted meanwhile
                await self.watch(*_watched(book_config), deep=True)
            await asyncio.sleep(DEBOUNCE_MS / 1000)
            self._update_requested.set()  # files saved between two watches

    async def update(self, saved: Iterable[Path] = ()) -> None:
        """Build the pages, reload browsers, and execute stale notebooks.

        The pages are built while the sources are linted, since most saves have no
        errors. If there are errors, browsers show these instead of the new pages.
        """
        started = time.monotonic()
        self.runs.retry(saved)
        loaded, written = None, 0
        try:
            loaded = await asyncio.to_thread(_load, self.root)
        except BookError as error:
            errors = [str(error)]
            console.complain(str(error))
        else:
            written, errors = await self._build(loaded)
        if written and not errors:
            await self.browsers.reload()
        else:
            await self.browsers.show_problems(errors)
        seconds = time.monotonic() - started
        console.say(f"{'not built' if errors else 'built'} in {seconds:.2f} s")
        if loaded and not errors:
            await self._schedule(loaded)

    async def _build(self, loaded: Book) -> tuple[int, list[str]]:
        """Build the pages and lint the sources.

        :returns: how many files changed, and the errors that prevent showing them.
        """
        problems, result = await asyncio.gather(
            asyncio.to_thread(lint.lint, loaded),
            asyncio.to_thread(
                self._page_builder.build, loaded, Draft(dict(self.runs.failed))
            ),
            return_exceptions=True,
        )
        written = result.written if isinstance(result, BuildResult) else 0
        return written, self._print_errors(problems, result)

    def _print_errors(
        self, problems: list[Problem] | BaseException, result: object
    ) -> list[str]:
        """Print all problems; return the errors that prevent showing the pages.

        :param problems: result of lint, or its error.
        :param result: result of the page builder, or its error.
        """
        exceptions = [
            value for value in (problems, result) if isinstance(value, BaseException)
        ]
        for exception in exceptions:
            if not isinstance(exception, BookError):
                raise exception
        # Both fail with the same message if a file that both read is wrong.
        errors = list(dict.fromkeys(str(exception) for exception in exceptions))
        for message in errors:
            console.complain(message)
        if not isinstance(problems, BaseException):
            if problems != self._printed:
                console.print_problems(problems)
                self._printed = problems
            errors += [
                str(problem) for problem in problems if problem.severity == "error"
            ]
        return errors

    async def _schedule(self, loaded: Book) -> None:
        """Update the prose of current notebooks; execute the stale ones."""
        planned_at = time.monotonic()
        try:
            steps = await asyncio.to_thread(_plan, loaded)
        except BookError as error:
            console.complain(str(error))
            await self.browsers.show_problems([str(error)])
            return
        self.runs.schedule(loaded, steps, planned_at)

    def _request_update(self) -> None:
        self._update_requested.set()

    def _is_source(self, change: watchfiles.Change, path: str) -> bool:
        """Return whether a changed file may belong to the book's sources."""
        try:
            parts = Path(path).relative_to(self.root).parts
        except ValueError:
            return True
        return not any(
            part.startswith(".") or part.endswith("~") or part == "__pycache__"
            for part in parts
        )


def serve(book_config: Config, *, port: int) -> None:
    """Serve a book on this machine until interrupted.

    :raises BookError: the port is taken.
    """
    _require_free(port)
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    # Started first: a process with threads must not fork.
    with contextlib.closing(PageBuilder()) as page_builder:
        uvicorn.run(
            _app(book_config, Preview(book_config, page_builder), port),
            host="127.0.0.1",
            port=port,
            log_level="warning",
            timeout_graceful_shutdown=1,
        )


def _app(book_config: Config, preview: Preview, port: int) -> Starlette:
    """Return the web application; it watches the sources while it runs."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        """Build and watch the book while the application runs."""
        await preview.update()
        tasks = [
            asyncio.create_task(preview.watch_folders(book_config)),
            asyncio.create_task(preview.watch(book_config.root, deep=False)),
            asyncio.create_task(preview.follow()),
        ]
        console.say(f"serving on http://127.0.0.1:{port} (Ctrl-C ends it)")
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await preview.runs.close()

    folder = book_config.output / FOLDER
    return Starlette(
        routes=[
            WebSocketRoute("/live", preview.browsers.serve),
            Mount(
                "/notebooks",
                StaticFiles(directory=book_config.notebooks, check_dir=False),
            ),
            Mount("/", StaticFiles(directory=folder, html=True, check_dir=False)),
        ],
        lifespan=lifespan,
        # A website may let its own name lead here, and would then read the drafts.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)],
    )


def _load(root: Path) -> Book:
    return book.load(config.load(root))


def _plan(loaded: Book) -> list[Step]:
    """Return the steps to execute; save reused notebooks with their current prose."""
    steps = planner.plan(loaded, loaded.sections, loaded.config.frameworks)
    report.print_repairs(steps)
    planner.run(loaded, [step for step in steps if step.reused is not None])
    return [step for step in steps if step.reused is None]


def _watched(book_config: Config) -> list[Path]:
    """Return the folders with sources, without environments and build products."""
    skipped = {book_config.output, book_config.notebooks, book_config.venvs}
    return [
        path
        for path in sorted(book_config.root.iterdir())
        if path.is_dir() and not path.name.startswith(".") and path not in skipped
    ]


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise BookError(
                f"port {port} is taken; name another with --port"
            ) from error

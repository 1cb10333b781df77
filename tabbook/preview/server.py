"""Live preview: what is saved is shown at once, and runs where its code changed.

Three things work at a time: this process watches, serves and starts kernels
(``kernels``); another makes the pages (``builder``); browsers hear when there are newer
ones (``browsers``). Each save and each end of a run goes the same way, through
``Preview.update``, so that what is shown depends on nothing but the files and on what
failed.
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
from starlette.routing import Mount, WebSocketRoute
from starlette.staticfiles import StaticFiles

from tabbook import lint
from tabbook.base import config, console
from tabbook.base.config import Config
from tabbook.base.errors import BookError, Problem
from tabbook.execution import planner
from tabbook.execution.planner import Step
from tabbook.preview.browsers import Browsers
from tabbook.preview.builder import FOLDER, Pages
from tabbook.preview.kernels import Runs
from tabbook.source import book
from tabbook.source.book import Book
from tabbook.sphinxext import BuildResult, Draft

QUIET = 20
"""Milliseconds without a change after which a save is taken for finished."""


class Preview:
    """One book while it is written."""

    def __init__(self, book_config: Config, pages: Pages) -> None:
        """Show a book by means of a process that makes its pages."""
        self.root = book_config.root
        self.browsers = Browsers()
        self.runs = Runs(book_config, self._ask)
        self._pages = pages
        self._saved: set[Path] = set()
        self._asked = asyncio.Event()
        self._told: list[Problem] = []
        self._moved = asyncio.Event()

    async def follow(self) -> None:
        """Show every save and every end of a run, until cancelled."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            saved, self._saved = self._saved, set()
            try:
                await self.update(saved)
            except Exception:  # ours to mend, and no reason to show nothing more
                console.complain(traceback.format_exc())

    async def watch(self, *paths: Path, deep: bool) -> None:
        """Have what is saved shown, until cancelled."""
        async for changes in watchfiles.awatch(
            *paths,
            watch_filter=self._counts,
            step=QUIET,
            recursive=deep,
            stop_event=self._moved if deep else None,
        ):
            saved = {Path(path) for _, path in changes}
            if not deep and not all(path.is_file() for path in saved):
                self._moved.set()
            self._saved |= saved
            self._asked.set()

    async def watch_folders(self, book_config: Config) -> None:
        """Have what is saved in folders shown, those that come later too."""
        while True:
            self._moved.clear()
            with contextlib.suppress(FileNotFoundError):  # gone meanwhile
                await self.watch(*_watched(book_config), deep=True)
            await asyncio.sleep(QUIET / 1000)
            self._asked.set()  # what was saved in between

    async def update(self, saved: Iterable[Path] = ()) -> None:
        """Make the pages, have browsers load them, and run what is stale.

        The pages are made while the sources are checked: mostly there is nothing to
        find, and what there is, browsers tell instead of loading them.
        """
        started = time.monotonic()
        self.runs.retry(saved)
        draft = Draft(dict(self.runs.failed))
        checked, made = await asyncio.gather(
            asyncio.to_thread(self._check),
            asyncio.to_thread(self._pages.build, draft),
            return_exceptions=True,
        )
        wrong = self._wrong(checked, made)
        if isinstance(made, BuildResult) and made.written and not wrong:
            await self.browsers.reload()
        else:
            await self.browsers.tell(wrong)
        seconds = time.monotonic() - started
        console.say(f"{'not built' if wrong else 'built'} in {seconds:.2f} s")
        if isinstance(checked, tuple) and not wrong:
            await self._run(checked[0])

    def _wrong(self, checked: object, made: object) -> list[str]:
        """Print what keeps the pages from being shown; return it."""
        errors = [one for one in (checked, made) if isinstance(one, BaseException)]
        for error in errors:
            if not isinstance(error, BookError):
                raise error
        wrong = list(dict.fromkeys(str(error) for error in errors))
        for text in wrong:
            console.complain(text)
        if isinstance(checked, tuple):
            found = checked[1]
            if found != self._told:
                console.print_problems(found)
                self._told = found
            wrong += [str(one) for one in found if one.severity == "error"]
        return wrong

    def _check(self) -> tuple[Book, list[Problem]]:
        loaded = book.load(config.load(self.root))
        return loaded, lint.lint(loaded)

    async def _run(self, loaded: Book) -> None:
        """Save today's prose with the outputs that hold; run the other notebooks."""
        planned = time.monotonic()
        try:
            steps = await asyncio.to_thread(_plan, loaded)
        except BookError as error:
            console.complain(str(error))
            await self.browsers.tell([str(error)])
            return
        self.runs.want(loaded, steps, planned)

    def _ask(self) -> None:
        self._asked.set()

    def _counts(self, change: watchfiles.Change, path: str) -> bool:
        """Return whether a changed file may be one of the book."""
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
    with contextlib.closing(Pages(book_config.root)) as pages:
        uvicorn.run(
            _app(book_config, Preview(book_config, pages), port),
            host="127.0.0.1",
            port=port,
            log_level="warning",
            timeout_graceful_shutdown=1,
        )


def _app(book_config: Config, preview: Preview, port: int) -> Starlette:
    """Return what answers browsers, and watches as long as it does."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
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
            WebSocketRoute("/live", preview.browsers.keep),
            Mount(
                "/notebooks",
                StaticFiles(directory=book_config.notebooks, check_dir=False),
            ),
            Mount("/", StaticFiles(directory=folder, html=True, check_dir=False)),
        ],
        lifespan=lifespan,
    )


def _plan(loaded: Book) -> list[Step]:
    """Return what has to run; the other notebooks get today's prose."""
    steps = planner.plan(loaded, loaded.sections, loaded.config.frameworks)
    planner.run(loaded, [step for step in steps if step.reused is not None])
    return [step for step in steps if step.reused is None]


def _watched(book_config: Config) -> list[Path]:
    """Return the folders with sources: not the environments, not what is built."""
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

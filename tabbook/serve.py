"""Live preview: what is saved is built, and the browser shows it.

Watching and reloading are sphinx-autobuild's; the build is ours, in a fork of this
process, so that neither Sphinx nor the engine is imported again.
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from sphinx_autobuild.filter import IgnoreFilter
from sphinx_autobuild.middleware import JavascriptInjectorMiddleware
from sphinx_autobuild.server import RebuildServer
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, WebSocketRoute
from starlette.staticfiles import StaticFiles

from tabbook import book, build, config, lint, report, sphinx
from tabbook.config import Config
from tabbook.errors import BookError
from tabbook.sphinx.build import preload


@dataclass(frozen=True)
class Rebuild:
    """Build one book again; can be sent to another process."""

    root: Path

    def __call__(self, changed_paths: Sequence[Path] = ()) -> None:
        """Build; say what went wrong and keep serving what was there."""
        started = time.monotonic()
        try:
            built = self._build()
        except BookError as error:
            report.complain(str(error))
            built = False
        seconds = time.monotonic() - started
        report.say(f"{'built' if built else 'not built'} in {seconds:.1f} s")

    def _build(self) -> bool:
        loaded = book.load(config.load(self.root))
        found = lint.lint(loaded)
        report.problems(found)
        if any(one.severity == "error" for one in found):
            return False
        steps = build.plan(loaded, loaded.sections, loaded.config.frameworks)
        with report.progress() as progress:
            outcomes = build.run(loaded, steps, progress=progress)
        report.failures(outcomes)
        if any(outcome.failure for outcome in outcomes):
            return False
        sphinx.build(loaded.config)
        return True


def serve(book_config: Config, *, port: int) -> None:
    """Serve a book on this machine until interrupted.

    :raises BookError: the port is taken.
    """
    _require_free(port)
    preload()
    rebuild = Rebuild(book_config.root)
    rebuild()
    address = f"127.0.0.1:{port}"
    report.say(f"serving on http://{address} (Ctrl-C ends it)")
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    watcher = RebuildServer(_watched(book_config), _ignored(book_config), rebuild)
    pages = StaticFiles(directory=book_config.output / "html", html=True)
    app = Starlette(
        routes=[WebSocketRoute("/websocket-reload", watcher), Mount("/", app=pages)],
        middleware=[Middleware(JavascriptInjectorMiddleware, ws_url=address)],
        lifespan=watcher.lifespan,
    )
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


def _watched(book_config: Config) -> list[Path]:
    """Return the folders with sources: not the environments, not what is built."""
    skipped = {book_config.output, book_config.notebooks, book_config.venvs}
    folders = [
        path
        for path in sorted(book_config.root.iterdir())
        if path.is_dir() and not path.name.startswith(".") and path not in skipped
    ]
    files = [path for path in book_config.root.glob("*") if path.is_file()]
    return [*folders, *files]


def _ignored(book_config: Config) -> IgnoreFilter:
    made = [str(book_config.output), str(book_config.notebooks)]
    return IgnoreFilter(made, [r"(^|/)\.", r"~$", r"__pycache__"])


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise BookError(
                f"port {port} is taken; name another with --port"
            ) from error

"""Debian's chromium driven by playwright, axe-core, and a silent web server."""

from __future__ import annotations

import contextlib
import functools
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from tabbook.base.folders.locks import lock
from tabbook.environments import npm
from tabbook.verification.accessibility import ARGUMENTS, AXE_CORE
from tests.support.waiting import PATIENCE, wait_for

CHROMIUM = Path("/usr/bin/chromium")

expect.set_options(timeout=PATIENCE * 1000)  # milliseconds; 5 s are not enough for it


class SilentHandler(SimpleHTTPRequestHandler):
    """Serve files without logging requests."""

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder over HTTP on a free port; yield the address without a slash."""
    handler = functools.partial(SilentHandler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def wait_in(page: Page, expression: str, argument: object = None) -> None:
    """Wait until an expression, or a function of an argument, holds in a page.

    Playwright's ``wait_for_function`` evaluates its text in the page from the second
    time on, which the policy of pages forbids: it would fail whenever it has to wait.
    """

    def holds() -> object:
        try:
            return page.evaluate(expression, argument)
        except Error as error:
            if "context was destroyed" in str(error):
                return False  # the page is being replaced by another
            raise

    wait_for(holds, lambda: f"not so within {PATIENCE} s: {expression}")


# Module scope: while playwright is open, its event loop counts as running in this
# thread, where tests of other modules start event loops of their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start chromium for the tests of one module."""
    if not CHROMIUM.exists():
        pytest.skip("needs Debian's chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=list(ARGUMENTS)
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the script of axe-core, which npm downloads once."""
    if shutil.which("npm") is None:
        pytest.skip("needs npm, which brings axe-core")
    with lock(npm.folder() / "axe.lock"):  # parallel workers of pytest download it, too
        (script,) = npm.files(AXE_CORE, ("axe.min.js",)).values()
    return script.decode()

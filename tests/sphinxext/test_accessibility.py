"""Every page of the real book: axe finds nothing, nothing scrolls, little to load."""

from __future__ import annotations

import functools
import re
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tabbook import sphinxext
from tabbook.base import config
from tabbook.environments import npm
from tests.support.browser import ARGUMENTS, CHROMIUM, Quiet
from tests.support.paths import ROOT

AXE = "4.14.1"
HEAVIEST = 300_000
"""Bytes of a page with its styles and scripts, as they lie on disk."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
    pytest.mark.filterwarnings(
        "ignore:.*myst_(parser|nb).*is deprecated:PendingDeprecationWarning"
    ),
]


@pytest.fixture(scope="module")
def axe() -> str:
    """Return axe-core, which npm brings once."""
    if shutil.which("npm") is None:
        pytest.skip("needs npm, which brings axe-core")
    (script,) = npm.files("axe-core", AXE, ("axe.min.js",)).values()
    return script.decode()


@pytest.fixture(scope="module")
def folder() -> Path:
    return sphinxext.build(config.load(ROOT)).folder


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[str]:
    handler: type[SimpleHTTPRequestHandler] = Quiet
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(handler, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=ARGUMENTS
        )
        yield launched
        launched.close()


def pages(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*.html"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_any_page(  # noqa: PLR0917 - fixtures
    folder: Path, site: str, browser: Browser, axe: str, width: int, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    found = []
    for name in pages(folder):
        page.goto(f"{site}/{name}")
        page.wait_for_timeout(100)
        page.evaluate(axe)
        told = page.evaluate("axe.run({resultTypes: ['violations']})")
        found += [
            f"{name}: {one['id']}: {one['nodes'][0]['html'][:100]}"
            for one in told["violations"]
        ]
    context.close()
    assert found == []


def test_no_page_scrolls_sideways_on_a_narrow_screen(
    folder: Path, site: str, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    wide = []
    for name in pages(folder):
        page.goto(f"{site}/{name}")
        for scrolled in ("html", ".content"):
            box = page.locator(scrolled).evaluate("x => [x.scrollWidth, x.clientWidth]")
            wide += [f"{name}: {scrolled} {box}"] if box[0] > box[1] else []
    page.close()
    assert wide == []


def test_no_page_is_heavy(folder: Path) -> None:
    for name in pages(folder):
        page = folder / name
        if name == "search.html":
            continue  # it brings the index, which its own tests weigh
        text = page.read_text(encoding="utf-8")
        used = re.findall(
            r'<(?:link rel="stylesheet"|script)[^>]*(?:href|src)="([^"?]+)', text
        )
        files = [page, *(page.parent / one for one in used)]
        assert len(files) > 4
        assert sum(one.stat().st_size for one in files) <= HEAVIEST, name

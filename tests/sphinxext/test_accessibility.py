"""Every page of the real book: axe finds nothing, nothing scrolls, little to load."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tabbook import sphinxext
from tabbook.base import config
from tests.support.browser import CHROMIUM, served
from tests.support.paths import ROOT

HEAVIEST = 300_000
"""Bytes of a page with its styles and scripts, as they lie on disk."""

pytestmark = [
    pytest.mark.xdist_group("pages of the repository"),
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
    pytest.mark.filterwarnings(
        "ignore:.*myst_(parser|nb).*is deprecated:PendingDeprecationWarning"
    ),
]


@pytest.fixture(scope="module")
def folder() -> Path:
    return sphinxext.build(config.load(ROOT)).folder


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[str]:
    with served(folder) as address:
        yield address


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

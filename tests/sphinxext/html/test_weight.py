"""What a first visit loads: little, nothing foreign, no picture that is not in view."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tabbook import sphinxext
from tabbook.base import config
from tests.support.books import HEAD, side_by_side, write_files
from tests.support.browser import CHROMIUM, served, wait_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
]

PICTURES = 6
NAMES = ("left", "right")

DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300">{circles}</svg>'
)


def tab(framework: str) -> str:
    pictures = "\n\n".join(
        f"![図{number}](../static/{framework}{number}.svg)"
        for number in range(PICTURES)
    )
    return f":begin_tab:`{framework}`\n{pictures}\n:end_tab:\n"


TEXT = "# 題\n\n文と$x^2$です。\n\n" + "\n".join(
    [*map(tab, NAMES), side_by_side(dict.fromkeys(NAMES, "x = 1"))]
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("book")
    drawings = {
        f"static/{name}{number}.svg": DRAWING.format(
            circles="".join(
                f'<circle cx="{at}" cy="{number}" r="{len(name)}"/>'
                for at in range(400)
            )
        )
        for name in NAMES
        for number in range(PICTURES)
    }
    settings = (
        HEAD + "[framework-left]\nlabel = Left\n[framework-right]\nlabel = Right\n"
    )
    write_files(root, {
        "config.ini": settings,
        "index.md": "# 本\n\n```toc\nchapter_a/a\n```\n",
        "chapter_a/a.md": TEXT,
        **drawings,
    })  # fmt: skip
    return sphinxext.build(config.load(root), without_outputs=True).folder


@pytest.fixture
def visit(folder: Path, browser: Browser) -> Iterator[tuple[Page, list[str], Path]]:
    """Return a first visitor's page, the addresses it loaded, and the site's folder."""
    with served(folder) as address:
        page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        loaded: list[str] = []
        page.on("requestfinished", lambda request: loaded.append(request.url))
        page.goto(f"{address}/chapter_a/a.html")
        page.wait_for_load_state("networkidle")
        yield page, loaded, folder
        page.context.close()


def test_first_visit_is_light_and_loads_nothing_foreign(
    visit: tuple[Page, list[str], Path],
) -> None:
    page, loaded, folder = visit
    hosts = {urlsplit(url).netloc for url in loaded}
    assert hosts == {urlsplit(page.url).netloc}
    files = [folder / urlsplit(url).path.lstrip("/") for url in dict.fromkeys(loaded)]
    theme = [file.read_bytes() for file in files if "_images" not in file.parts]
    assert sum(map(len, theme)) <= 110_000
    assert sum(len(gzip.compress(content, 6)) for content in theme) <= 40_000


def test_pictures_of_other_frameworks_are_loaded_when_chosen(
    visit: tuple[Page, list[str], Path],
) -> None:
    page, loaded, _ = visit
    assert not [url for url in loaded if "/right" in url]
    page.locator("input[name=framework][value=right]").first.check(force=True)
    wait_in(
        page,
        """() => [...document.querySelectorAll("img[src*=right]")].some(
            image => image.complete && image.naturalWidth)""",
    )
    assert [url for url in loaded if "/right" in url]
    assert len([url for url in loaded if "/left" in url]) <= PICTURES

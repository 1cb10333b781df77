"""Take the pictures of README anew: of this repository's pages, in Debian's chromium.

    .venvs/book/bin/python -m benchmarks.readme_pictures

The pages are those in ``_build/html``, which ``./build.sh`` makes.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.lighthouse import serve
from benchmarks.pictures import CHROMIUM, ROOT
from tabbook.verification.accessibility import ARGUMENTS

CHAPTER = "chapter_builders-guide"


@dataclass(frozen=True)
class Picture:
    """One of README's pictures."""

    name: str
    """Its file in ``static/``."""
    page: str
    width: int
    height: int
    scheme: str
    target: str
    """A selector of what stands at the top; empty for the head of the page."""


PICTURES = (
    Picture("screenshot", "index.html", 1280, 800, "light", ""),
    Picture(
        "screenshot-phone",
        f"{CHAPTER}/lazy-init.html?framework=pytorch",
        390,
        800,
        "light",
        "",
    ),
    Picture(
        "screenshot-dark",
        f"{CHAPTER}/model-construction.html?framework=pytorch&compare=tensorflow",
        1440,
        900,
        "dark",
        "article h2",
    ),
)


def take(browser: Browser, site: str, picture: Picture) -> None:
    """Write one picture."""
    page = browser.new_page(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="dark" if picture.scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page.goto(f"{site}/{picture.page}")
    page.wait_for_load_state("networkidle")
    if picture.target:
        page.locator(f"{picture.target} >> visible=true").first.evaluate(
            "one => one.scrollIntoView({behavior: 'instant', block: 'start'})"
        )
        page.wait_for_timeout(500)
    page.screenshot(path=ROOT / "static" / f"{picture.name}.png")
    page.close()


def main() -> int:
    """Take every picture."""
    pages = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "_build" / "html"
    with serve(pages) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(ARGUMENTS)
        )
        for picture in PICTURES:
            take(browser, site, picture)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

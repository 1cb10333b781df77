"""Take a picture of every surface of the pages: widths, colours, print, states.

The pages of this repository, or of any book that was built, are opened in Debian's
chromium; the pictures and a sheet that shows them all lie in ``_build/pictures``.

    .venvs/book/bin/python -m benchmarks.pictures [--pages FOLDER] [NAME ...]

Names choose among the surfaces, such as ``index`` or ``palette``.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.lighthouse import serve
from tabbook.verification.accessibility import ARGUMENTS

ROOT = Path(__file__).parent.parent
CHROMIUM = "/usr/bin/chromium"
WIDTHS = (320, 390, 640, 1280, 1440, 1920)
TALL = 1000
"""Pixels of a window's height."""

LIGHT: dict[str, Any] = {"color_scheme": "light"}
DARK: dict[str, Any] = {"color_scheme": "dark"}
COLOURS = {"light": LIGHT, "dark": DARK}
OTHERS = {
    "forced": {"forced_colors": "active"},
    "forced-dark": {"forced_colors": "active", **DARK},
    "no-script": {"java_script_enabled": False},
}
"""Ways in which some readers see pages, each taken at two widths."""

NARROW, WIDE = 390, 1280


@dataclass(frozen=True)
class Surface:
    """A page in a state."""

    name: str
    page: str
    """Its address in the site, with a query."""
    act: Callable[[Page], object] = lambda page: None
    """Brings the page into the state."""
    whole: bool = False
    """Whether the picture shows the whole page."""


def _first_visible(page: Page, selector: str) -> None:
    page.locator(f"{selector} >> visible=true").first.click()


def _palette(page: Page) -> None:
    page.keyboard.press("/")
    page.locator("#search-palette input").fill("a")
    page.wait_for_selector("#search-results li")


def _card(page: Page) -> None:
    link = page.locator("article .term a >> visible=true").first
    link.scroll_into_view_if_needed()
    link.hover()
    page.wait_for_timeout(600)


def _solution(page: Page) -> None:
    page.evaluate(
        """() => { const fold = document.querySelector("details[id^=solution-]");
        fold.open = true;
        fold.parentElement.scrollIntoView({behavior: "instant", block: "start"}); }"""
    )


def _scroll(selector: str) -> Callable[[Page], object]:
    return lambda page: page.evaluate(
        """selector => [...document.querySelectorAll(selector)]
          .find(one => one.checkVisibility({contentVisibilityAuto: true}))
          ?.scrollIntoView({behavior: "instant", block: "center"})""",
        selector,
    )


def _enlarged(selector: str) -> Callable[[Page], object]:
    def act(page: Page) -> None:
        button = page.locator(f".enlarge:has(+ {selector}) >> visible=true")
        if button.count():
            button.first.click()

    return act


def surfaces(section: str, compared: str) -> list[Surface]:
    """Return what is taken.

    :param section: address of a page with code, figures, tables and exercises.
    :param compared: the query that compares two frameworks.
    """
    both = f"{section}?{compared}"
    return [
        Surface("index", "index.html"),
        Surface("index-whole", "index.html", whole=True),
        Surface("section", section),
        Surface("section-whole", section, whole=True),
        Surface("glossary", "glossary.html"),
        Surface("proof", "verification.html"),
        Surface("search", "search.html?q=a"),
        Surface("palette", section, _palette),
        Surface(
            "options", section, lambda page: _first_visible(page, ".options-button")
        ),
        Surface("comparison", both, _scroll(".cell_output pre")),
        Surface("figure", section, _scroll("figure")),
        Surface("figure-enlarged", section, _enlarged("figure")),
        Surface("plot", section, _scroll(".cell_output img")),
        Surface("table", section, _scroll(".table-wrapper")),
        Surface("table-enlarged", section, _enlarged(".table-wrapper")),
        Surface("solution", section, _solution),
        Surface("card", section, _card),
    ]


def take(
    browser: Browser, site: str, surface: Surface, width: int, options: dict[str, Any]
) -> tuple[bytes, int]:
    """Return a picture, and by how many pixels the page is wider than the window."""
    context = browser.new_context(
        viewport={"width": width, "height": TALL}, reduced_motion="reduce", **options
    )
    page = context.new_page()
    page.goto(f"{site}/{surface.page}")
    page.wait_for_timeout(200)
    if options.get("java_script_enabled", True):
        surface.act(page)
        page.wait_for_timeout(300)
    if surface.whole:  # no reader comes near the pictures that wait for one
        page.evaluate(
            """() => Promise.all([...document.images].map((image) => {
              image.loading = "eager";
              return image.decode().catch(() => {}); }))"""
        )
    picture = page.screenshot(full_page=surface.whole)
    over = page.evaluate("document.documentElement.scrollWidth") - width
    context.close()
    return picture, over


def printed(browser: Browser, site: str, surface: Surface, scheme: str) -> bytes:
    """Return a page as a PDF, printed by a reader of light or dark pages."""
    context = browser.new_context(viewport={"width": WIDE, "height": TALL})
    page = context.new_page()
    page.goto(f"{site}/{surface.page}")
    page.evaluate("theme => { document.body.dataset.theme = theme; }", scheme)
    page.wait_for_timeout(200)
    pdf = page.pdf(format="A4", print_background=True, margin={"top": "15mm"})
    context.close()
    return pdf


def shots(chosen: list[Surface]) -> Iterator[tuple[str, Surface, int, dict[str, Any]]]:
    """Yield name, surface, width and options of each picture."""
    for surface in chosen:
        for width in WIDTHS if not surface.whole else (NARROW, WIDE):
            for colour, options in COLOURS.items():
                yield f"{surface.name}-{width}-{colour}", surface, width, options
        for width in (NARROW, WIDE):
            for way, options in OTHERS.items():
                yield f"{surface.name}-{width}-{way}", surface, width, options


def _pages_of(pdf: Path) -> None:
    """Draw the pages of a PDF, where poppler is installed."""
    if shutil.which("pdftoppm"):
        command = ["pdftoppm", "-r", "50", "-png", str(pdf), str(pdf.with_suffix(""))]
        subprocess.run(command, check=True)


def sheet(folder: Path) -> None:
    """Write a page with all pictures."""
    boxes = "".join(
        f'<figure><a href="{escape(file.name)}"><img src="{escape(file.name)}" '
        f'loading="lazy" width="320"></a><figcaption>{escape(file.stem)}</figcaption>'
        "</figure>"
        for file in sorted(folder.glob("*.png"))
    )
    style = "body{display:flex;flex-wrap:wrap}figure{margin:8px;width:320px}"
    text = f"<!doctype html><meta charset=utf-8><style>{style}</style>{boxes}"
    (folder / "index.html").write_text(text, encoding="utf-8")


def main() -> int:
    """Take the pictures; return 1 if a page is wider than its window."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="surfaces; all by default")
    parser.add_argument("--pages", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--section", default="chapter_builders-guide/parameters.html")
    parser.add_argument("--compared", default="framework=pytorch&compare=tensorflow")
    arguments = parser.parse_args()
    folder = arguments.pages.parent / "pictures"
    folder.mkdir(exist_ok=True)
    every = surfaces(arguments.section, arguments.compared)
    chosen = [
        surface
        for surface in every
        if not arguments.names or surface.name in arguments.names
    ]
    wide = 0
    with serve(arguments.pages) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(ARGUMENTS)
        )
        for name, surface, width, options in shots(chosen):
            picture, over = take(browser, site, surface, width, options)
            (folder / f"{name}.png").write_bytes(picture)
            if over > 0:
                sys.stdout.write(f"{name}: {over} px wider than its window\n")
                wide += 1
        for surface in (surface for surface in chosen if surface.whole):
            for scheme in COLOURS:
                pdf = folder / f"print-{surface.name}-{scheme}.pdf"
                pdf.write_bytes(printed(browser, site, surface, scheme))
                _pages_of(pdf)
            name = f"{surface.name}-file"
            picture, _ = take(browser, arguments.pages.as_uri(), surface, WIDE, LIGHT)
            (folder / f"{name}.png").write_bytes(picture)
        browser.close()
    sheet(folder)
    sys.stdout.write(f"{folder / 'index.html'}\n")
    return 1 if wide else 0


if __name__ == "__main__":
    sys.exit(main())

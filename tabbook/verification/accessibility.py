"""Check the accessibility of built pages with axe-core in chromium.

Playwright, a dependency of the tests, drives the browser. It is imported only here and
only when pages are checked: no other command needs a browser.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tabbook.base.errors import BookError, Problem
from tabbook.environments import debian, npm

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE_CORE = npm.Package(
    "axe-core",
    "4.14.1",
    "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFoo"
    "JpZe37OgudVGtQ==",
)
"""Release of axe-core, which npm downloads once."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
"""Names of the program, the first of which is Debian's."""

DISABLED_FEATURES = (
    # The suggestions below the address bar: two hidden pages that every new window
    # loads, for half of the CPU time of a test.
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
    # Playwright's own, which these replace: requests of the browser for itself, and the
    # picture of the last page that stays until the next is drawn.
    *("AimEnabled", "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints"),
    *("HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay"),
    *("DestroyProfileOnBrowserClose", "PaintHolding", "PreconnectToSearch"),
    *("AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync"),
    "ThirdPartyStoragePartitioning",
)
"""Features of chromium that are off; names that it does not know are ignored."""

ARGUMENTS = (
    "--no-sandbox",  # containers run as root, where chromium's sandbox cannot start
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(DISABLED_FEATURES)}",
)
"""How chromium is started."""

SETTLING_MS = 100
"""Time in which scripts and transitions of a page come to rest."""

NARROWEST = 360
"""Width in CSS pixels at which a page must not scroll sideways."""

AXE = "axe.run({resultTypes: ['violations']})"
OVERFLOW = (
    "['html', '.content'].flatMap(name => [...document.querySelectorAll(name)])"
    ".some(element => element.scrollWidth > element.clientWidth)"
)
"""Whether the page, or the part of it that scrolls, is wider than its box."""


@dataclass(frozen=True)
class View:
    """How a page is looked at."""

    width: int
    """Width of the window in CSS pixels."""
    scheme: str
    """``light`` or ``dark``."""

    def __str__(self) -> str:
        """Return the view as problems name it."""
        return f"{self.width} px {self.scheme}"


VIEWS = tuple(
    View(width, scheme) for width in (1280, 390) for scheme in ("light", "dark")
)


class NoBrowserError(BookError):
    """A program or package that the check needs is missing."""


@dataclass(frozen=True)
class AccessibilityReport:
    """Result of checking all pages of a folder."""

    pages: int
    problems: tuple[Problem, ...]


def check(folder: Path, root: Path) -> AccessibilityReport:
    """Check every page below a folder in each view.

    :param root: the book's folder; problems name files relative to it.
    :raises NoBrowserError: chromium, npm or playwright is missing.
    :raises BookError: axe-core cannot be downloaded.
    """
    require_programs()
    (script,) = npm.files(AXE_CORE, ("axe.min.js",)).values()
    files = sorted(folder.rglob("*.html"))
    problems: list[Problem] = []
    with _page() as page:
        for file in files:
            text = file.read_text(encoding="utf-8")
            path = str(file.relative_to(root))
            for line, message in _violations(page, file, text, script.decode()):
                problems.append(Problem(path, line, "accessibility", message))
            if _scrolls_sideways(page, file):
                message = f"the page scrolls sideways at a width of {NARROWEST} px"
                problems.append(Problem(path, 0, "scrolls-sideways", message))
    return AccessibilityReport(len(files), tuple(problems))


def require_programs() -> str:
    """Return the path of chromium.

    :raises NoBrowserError: chromium, npm or playwright is missing.
    """
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    # Browsers other than Debian's chromium serve as well.
    missing = [] if chromium else debian.requirements("browser")
    missing += debian.missing("npm")
    if missing or chromium is None:
        names = " and ".join(requirement.package for requirement in missing)
        raise NoBrowserError(
            f"no page was checked, {names} missing; as root: "
            f"{debian.install_command(missing)}; or leave the step out with "
            "--without accessibility"
        )
    try:
        import playwright  # noqa: F401
    except ImportError as error:
        raise NoBrowserError(
            "no page was checked, the package playwright is missing; pip install it "
            "where the engine is, or leave the step out with --without accessibility"
        ) from error
    return chromium


@contextmanager
def _page() -> Iterator[Page]:
    """Yield an empty page of a browser that is closed afterwards."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=require_programs(), args=list(ARGUMENTS)
        )
        try:
            yield browser.new_page()
        finally:
            browser.close()


def _violations(
    page: Page, file: Path, text: str, script: str
) -> Iterator[tuple[int, str]]:
    """Yield line and message of each violation of a page, once for all views."""
    views: dict[tuple[str, str, str], list[str]] = {}
    for view in VIEWS:
        _open(page, file, view)
        page.evaluate(script)
        report: dict[str, Any] = page.evaluate(AXE)
        for rule in report["violations"]:
            for node in rule["nodes"]:
                place = rule["id"], rule["help"], node["html"]
                views.setdefault(place, []).append(str(view))
    for (rule_id, advice, html), names in views.items():
        shown = " ".join(html[:100].split())
        message = f"{rule_id}: {advice}: {shown} ({', '.join(names)})"
        yield _line(text, html), message


def _scrolls_sideways(page: Page, file: Path) -> bool:
    _open(page, file, View(NARROWEST, "light"))
    return bool(page.evaluate(OVERFLOW))


def _open(page: Page, file: Path, view: View) -> None:
    """Load a page anew: scripts look at width and colours when it loads."""
    page.set_viewport_size({"width": view.width, "height": 900})
    page.emulate_media(color_scheme="dark" if view.scheme == "dark" else "light")
    page.goto(file.as_uri())
    page.wait_for_timeout(SETTLING_MS)


def _line(text: str, html: str) -> int:
    """Return the line of an element in the file; 0 if a script changed or made it."""
    tag = html[: html.find(">") + 1]
    at = text.find(tag) if tag else -1
    return 0 if at < 0 else text.count("\n", 0, at) + 1

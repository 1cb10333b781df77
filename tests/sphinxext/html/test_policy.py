"""The Content-Security-Policy of pages and slides, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tabbook import sphinxext
from tabbook.export import slides
from tabbook.source import book
from tests.support.book_with_three_frameworks import CONFIG, MadeUpBook, make
from tests.support.browser import CHROMIUM, served, wait_in
from tests.support.waiting import PATIENCE, wait_for

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
]

LISTEN = """addEventListener("securitypolicyviolation", (event) => {
  (window.refused ??= []).push(`${event.violatedDirective} ${event.blockedURI}`);
});"""
"""Run before anything of a page."""

LINKS = """# 遠い節

:numref:`fig_x`と:numref:`sec_one`。

```{.python .input}
%%tab alpha, beta
import math
math.pi
```
"""
OWN = "document.documentElement.dataset.own = 'ran';\n"

RAW = """# 生のHTML

<script>document.documentElement.dataset.raw = "ran";</script>

<p id="handler" onclick="document.documentElement.dataset.handler = 'ran'">文</p>

<a id="address" href="javascript:document.body.dataset.address='ran';void 0">文</a>

<script src="FOREIGN/foreign.js"></script>
"""
FOREIGN = "document.documentElement.dataset.foreign = 'ran';"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> MadeUpBook:
    """Return a book with an own script, an own style sheet and much to click."""
    sample = make(tmp_path_factory.mktemp("policy") / "book")
    own = "[html]\ninclude_js = own.js\ninclude_css = own.css\nfavicon = round.svg\n"
    sample.write("config.ini", CONFIG + own)
    sample.write("own.js", OWN)
    sample.write("own.css", "article { outline: 1px solid #123456; }\n")
    sample.write("part/far.md", LINKS)
    sample.edit("index.md", "part/two\n", "part/two\npart/far\n")
    sample.execute()
    return sample


@contextmanager
def addresses(folder: Path, kind: str) -> Iterator[str]:
    """Yield the address of a folder, opened as files or from a server."""
    if kind == "file":
        yield folder.as_uri()
    else:
        with served(folder) as address:
            yield address


@contextmanager
def opened(browser: Browser) -> Iterator[Page]:
    """Open a page whose refusals are kept in ``window.refused``."""
    context = browser.new_context(viewport={"width": 1400, "height": 800})
    context.set_default_timeout(PATIENCE * 1000)
    expect.set_options(timeout=PATIENCE * 1000)
    page = context.new_page()
    page.add_init_script(LISTEN)
    yield page
    context.close()


def refused(page: Page) -> list[str]:
    """Return what the policy of the open page refused."""
    violations: list[str] = page.evaluate("window.refused ?? []")
    return violations


def has_run(page: Page, name: str) -> bool:
    """Return whether a script has left its mark."""
    marked: bool = page.evaluate(
        "name => [document.documentElement, document.body]"
        ".some(element => element.dataset[name] === 'ran')",
        name,
    )
    return marked


@pytest.mark.parametrize("kind", ["file", "http"])
def test_nothing_of_the_book_is_refused(
    tiny: MadeUpBook, browser: Browser, kind: str, tmp_path: Path
) -> None:
    folder = sphinxext.build(tiny.config).folder
    with addresses(folder, kind) as site, opened(browser) as page:
        page.goto(f"{site}/part/far.html?framework=alpha")
        assert has_run(page, "own")
        assert page.evaluate("document.documentElement.className") == "js"
        page.get_by_role("radio", name="Beta Two").check(force=True)
        page.locator('select[name="compare"]').select_option("alpha")
        page.locator("button.options-button").last.click()
        page.locator('input[name="theme"][value="dark"]').check(force=True)
        page.keyboard.press("Escape")
        page.locator("button.copy").first.click(force=True)
        page.locator("article a.reference.internal").first.hover()
        if kind == "http":  # a page in a folder may read no other
            expect(page.locator("#preview")).to_be_visible()
        page.pdf(path=tmp_path / "page.pdf")
        page.keyboard.press("/")
        page.locator("dialog[open] input").fill("日本語")
        expect(page.locator("dialog[open] a").first).to_be_visible()
        assert refused(page) == []
        page.goto(f"{site}/search.html?q=日本語")
        expect(page.locator("#search-results li").first).to_be_visible()
        page.locator("#search-query").fill("文")
        page.locator(".search-form button").click()
        expect(page.locator("#search-results li").first).to_be_visible()
        assert refused(page) == []


def test_slides_run_and_are_not_refused(
    tiny: MadeUpBook, browser: Browser, tmp_path: Path
) -> None:
    loaded = book.load(tiny.config)
    index = slides.make(loaded, loaded.config.framework("alpha"))
    with opened(browser) as page:
        page.goto((index.parent / "part/one.html").as_uri())
        page.wait_for_selector(".reveal.ready")
        page.keyboard.press("ArrowRight")
        expect(page.locator("section.present h2")).to_have_text("第一節")
        page.keyboard.press("d")
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.goto(f"{page.url.partition('#')[0]}?print-pdf")
        page.wait_for_selector(".reveal.ready")
        assert refused(page) == []
        page.goto(index.as_uri())
        assert refused(page) == []


def raw_page(sample: MadeUpBook, site: str, settings: str) -> Path:
    """Build a page with scripts in raw HTML; return its folder."""
    sample.write("config.ini", f"{CONFIG}[tabbook]\n{settings}")
    sample.write("part/two.md", RAW.replace("FOREIGN", site))
    return sphinxext.build(sample.config).folder


@pytest.fixture
def foreign(tmp_path: Path) -> Iterator[str]:
    """Serve a script from another site."""
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign/foreign.js").write_text(FOREIGN, "utf-8")
    with served(tmp_path / "foreign") as site:
        yield site


@pytest.mark.parametrize(
    ("settings", "running"),
    [
        ("", []),
        ("source_scripts = yes\n", ["raw", "handler", "address"]),
        ("origins = {site}\n", ["foreign"]),
        ("output_scripts = yes\n", ["raw", "handler", "address", "foreign"]),
    ],
)
def test_scripts_of_others_run_only_where_config_ini_says_so(
    tmp_path: Path, browser: Browser, foreign: str, settings: str, running: list[str]
) -> None:
    sample = make(tmp_path / "book")
    folder = raw_page(sample, foreign, settings.format(site=foreign))
    with served(folder) as site, opened(browser) as page:
        page.goto(f"{site}/part/two.html")
        page.locator("#handler").click()
        page.locator("#address").click()
        names = ("raw", "handler", "address", "foreign")
        wait_for(lambda: len(refused(page)) == 4 - len(running))
        wait_for(lambda: [name for name in names if has_run(page, name)] == running)


def test_script_that_is_put_into_the_page_later_does_not_run(
    tiny: MadeUpBook, browser: Browser, foreign: str
) -> None:
    folder = sphinxext.build(tiny.config).folder
    with served(folder) as site, opened(browser) as page:
        page.goto(f"{site}/part/one.html")
        inject = """([name, value]) => {
          const script = document.createElement("script");
          script[name] = value;
          document.body.append(script);
        }"""
        page.evaluate(inject, ["src", f"{foreign}/foreign.js"])
        page.evaluate(inject, ["textContent", FOREIGN])
        image = f'<img src="x" onerror="{FOREIGN}">'
        page.evaluate("html => { document.body.innerHTML += html; }", image)
        wait_in(page, "window.refused?.length >= 3")
        assert not has_run(page, "foreign")
        fetched = f"fetch('{foreign}/foreign.js').then(() => 'read', () => 'refused')"
        assert page.evaluate(fetched) == "refused"

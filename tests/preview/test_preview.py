"""The live preview: a real server, real kernels, a real browser."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import psutil
import pytest
from playwright.sync_api import Browser, Error, Locator, Page, expect

from tabbook import environments, sphinxext
from tabbook.base.config import Config
from tabbook.base.errors import BookError
from tests.support.books import DEFAULT
from tests.support.browser import CHROMIUM
from tests.support.paths import ROOT as ENGINE
from tests.support.waiting import PATIENCE, wait_for

FORKED = "timeout = 60\n[framework-left]\npreload = json\n"
"""One framework's kernels are forked, the other's started afresh."""

INDEX = "# 本\n\n```toc\nchapter_a/one\nchapter_a/two\n```\n"
CELL = "```{{.python .input}}\n%%tab {}\n{}\n```\n\n"
UNMARK = """() => {
    document.querySelectorAll(".cell > .state").forEach(mark => mark.remove());
    document.querySelectorAll(".cell[data-state]").forEach(cell => {
        delete cell.dataset.state;
    });
}"""
PLACES = """() => [...document.querySelectorAll("article *:not(.state)")].map(one => {
    const { left, top, width, height } = one.getBoundingClientRect();
    return [left, top, width, height];
})"""
TWO = "# 二\n\n別の節です。\n"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium"),
]


def section(*cells: tuple[str, str], prose: str = "本文です。") -> str:
    code = "".join(CELL.format(tab, text) for tab, text in cells)
    return f"# 一\n\n{prose}\n\n{code}"


FIRST = [
    ("left", "print('left one')"),
    ("right", "print('right one')"),
    ("left", "print('left two')"),
    ("right", "print('right two')"),
    ("left", "print('left three')"),
]


def edited(at: int, code: str) -> list[tuple[str, str]]:
    """Return the cells with other code in one of them."""
    return [(tab, code if n == at else old) for n, (tab, old) in enumerate(FIRST)]


class Serving:
    """A server in a process of its own, and the book that it shows."""

    def __init__(self, config: Config) -> None:
        """Start the server on a free port; its output goes to a log file."""
        self.config = config
        self.log = config.root.with_name(f"{config.root.name}.log")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        variables = {**os.environ, "PYTHONPATH": str(ENGINE), "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "tabbook", "-C", str(config.root), "serve"]
        with self.log.open("w", encoding="utf-8") as log:
            self.process = psutil.Popen(
                [*command, "--port", str(self.port)],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=variables,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_for(self, said: str, times: int = 1) -> None:
        def holds() -> bool:
            assert self.process.is_running(), self.said()
            return self.said().count(said) >= times

        wait_for(holds, self.said)

    def write(self, text: str, name: str = "chapter_a/one.md") -> None:
        (self.config.root / name).write_text(text, encoding="utf-8")

    def address(self, page: str = "chapter_a/one") -> str:
        return f"http://127.0.0.1:{self.port}/{page}.html"

    def committed(self, framework: str = "*") -> dict[Path, str]:
        files = self.config.notebooks.glob(f"{framework}/**/*.ipynb")
        return {file: file.read_text(encoding="utf-8") for file in files}

    def spent(self) -> float:
        """Return the seconds of processor used so far, ended children included."""
        return sum(sum(one.cpu_times()[:4]) for one in self.family())

    def family(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


def kernels(family: list[psutil.Process]) -> list[psutil.Process]:
    return [one for one in family if _is_kernel(one)]


def _is_kernel(process: psutil.Process) -> bool:
    """Return whether a process is a kernel, started afresh or forked."""
    with contextlib.suppress(psutil.NoSuchProcess):
        own, above = process.cmdline(), process.parent()
        forked = above is not None and own == above.cmdline()
        script = "forkserver/__main__.py"
        return "ipykernel_launcher" in own or (forked and script in str(own))
    return False


@contextmanager
def serving(config: Config) -> Iterator[Serving]:
    """Serve a book whose notebooks have run; leave no process behind."""
    server = Serving(config)
    family = []
    try:
        server.wait_for("serving on")
        wait_for(lambda: len(server.committed()) == 2, server.said)
        server.wait_for("built in", 2)
        family = server.family()
        yield server
    finally:
        family += server.family() if server.process.is_running() else []
        server.process.send_signal(signal.SIGINT)
        _, alive = psutil.wait_procs({*family}, timeout=PATIENCE)
        for one in alive:
            one.kill()
        assert not alive, server.said()


@pytest.fixture(scope="module")
def config(make_book, light_module) -> Config:
    files = {
        "index.md": INDEX,
        "chapter_a/one.md": section(*FIRST),
        "chapter_a/two.md": TWO,
    }
    made: Config = make_book(files, DEFAULT.replace("timeout = 60\n", FORKED))
    for framework in made.frameworks:
        environments.prepare(made, framework)
    return made


@pytest.fixture(scope="module")
def running(config: Config) -> Iterator[Serving]:
    with serving(config) as server:
        yield server


@pytest.fixture
def server(running: Serving) -> Iterator[Serving]:
    """Give the book its first text again, whatever a test made of it."""
    yield running
    prose = f"本文{time.monotonic_ns()}です。"
    running.write(section(*FIRST, prose=prose))
    file = running.config.output / "html-preview/chapter_a/one.html"

    def shown() -> bool:
        text = file.read_text(encoding="utf-8")
        return prose in text and "data-state" not in text

    wait_for(shown, running.said)


@pytest.fixture
def page(browser: Browser, server: Serving) -> Iterator[Page]:
    context = browser.new_context()
    context.set_default_timeout(PATIENCE * 1000)
    expect.set_options(timeout=PATIENCE * 1000)
    opened = context.new_page()
    opened.goto(server.address())
    opened.wait_for_selector("#live", state="attached")
    expect(opened.locator("article")).to_contain_text("left three")
    yield opened
    context.close()


def marks(page: Page, framework: str) -> Locator:
    """Return the marks that stand at the cells of one framework."""
    return page.locator(f'.panel[data-framework="{framework}"] .state')


def output(page: Page, framework: str, at: int) -> Locator:
    cells = page.locator(f'.panel[data-framework="{framework}"] .cell')
    return cells.nth(at).locator(".cell_output")


def waiting(tmp_path: Path, then: str) -> str:
    """Return code that ends when the file ``go`` arises."""
    return (
        "import pathlib, time\n"
        f"while not pathlib.Path({str(tmp_path / 'go')!r}).exists():\n"
        f"    time.sleep(0.05)\n{then}"
    )


def test_prose_is_shown_and_nothing_runs(server: Serving, page: Page) -> None:
    before, spent = server.said().count("]: run"), server.spent()
    server.write(section(*FIRST, prose="あたらしい本文です。"))
    expect(page.locator("article")).to_contain_text("あたらしい本文です。")
    expect(marks(page, "left")).to_have_count(0)
    assert server.said().count("]: run") == before
    # Its notebooks get it, too.
    wait_for(lambda: all("あたらしい" in text for text in server.committed().values()))
    assert server.spent() - spent < 2, "seconds of processor, whatever else runs"


def test_code_is_shown_at_once_and_its_outputs_when_they_are_there(
    server: Serving, page: Page, tmp_path: Path
) -> None:
    before = server.committed("left")
    code = waiting(tmp_path, "print('left new')")
    server.write(section(*edited(2, code)))
    expect(page.locator("article")).to_contain_text("left new")
    expect(page.locator(".state").first).to_have_text("実行中")
    # The edited cell and those around it keep what they printed, and say that they run.
    expect(marks(page, "left")).to_have_text(["実行中"] * 3)
    for at, text in enumerate(("left one", "left two", "left three")):
        expect(output(page, "left", at)).to_have_text(text)
    expect(marks(page, "right")).to_have_count(0)
    expect(page.get_by_role("status").filter(has_text="実行中 left")).to_be_visible()
    assert server.committed("left") == before, "what is not run is not committed"
    with pytest.raises(BookError, match="was run with other code"):
        sphinxext.build(server.config)

    (tmp_path / "go").touch()
    expect(page.locator(".state")).to_have_count(0)
    expect(output(page, "left", 1)).to_have_text("left new")
    expect(page.locator("#live")).to_be_empty()
    folder = sphinxext.build(server.config).folder
    for file in folder.rglob("*"):
        assert "live" not in file.name
        if file.suffix == ".html":
            assert "data-state" not in file.read_text(encoding="utf-8")


def test_a_cell_that_fails_says_so_until_a_save_repairs_it(
    server: Serving, page: Page
) -> None:
    before = server.committed("left")
    server.write(section(*edited(2, "print(undefined)")))
    expect(page.locator('.cell[data-state="failed"]')).to_have_count(1)
    expect(marks(page, "left")).to_have_text(["前の出力", "失敗", "前の出力"])
    expect(marks(page, "right")).to_have_count(0)
    told = output(page, "left", 1)
    expect(told).to_contain_text("NameError: name 'undefined' is not defined")
    expect(told).to_contain_text("----> 1 print(undefined)")  # the traceback
    expect(output(page, "left", 0)).to_have_text("left one")
    assert "NameError" in server.said()
    assert server.committed("left") == before
    # Prose of another section has nothing to do with it.
    kept = server.said().count("NameError")
    server.write(TWO + "\nもう一文です。\n", "chapter_a/two.md")
    server.wait_for("built in", server.said().count("built in") + 1)
    assert server.said().count("NameError") == kept
    expect(page.locator('.cell[data-state="failed"]')).to_have_count(1)

    server.write(section(*edited(2, "print('mended')")))
    expect(page.locator(".state")).to_have_count(0)
    expect(output(page, "left", 1)).to_have_text("mended")
    assert server.process.is_running()


def test_the_newest_text_wins_over_what_runs(
    server: Serving, page: Page, tmp_path: Path
) -> None:
    server.write(section(*edited(0, waiting(tmp_path, "print('never')"))))
    expect(page.locator(".state").first).to_have_text("実行中")
    wait_for(lambda: bool(kernels(server.family())))
    old = kernels(server.family())
    server.write(section(*edited(0, "print('newest')")))
    expect(page.locator(".state")).to_have_count(0)
    expect(output(page, "left", 0)).to_have_text("newest")
    assert not any(one.is_running() for one in old), "stopped, not waited for"
    assert "never" not in "".join(server.committed().values())

    # Taken back, what runs is not needed any more.
    server.write(section(*edited(0, waiting(tmp_path, "print('never')"))))
    expect(page.locator(".state").first).to_have_text("実行中")
    wait_for(lambda: bool(kernels(server.family())))
    server.write(section(*edited(0, "print('newest')")))
    expect(page.locator(".state")).to_have_count(0)
    wait_for(lambda: not kernels(server.family()))
    expect(output(page, "left", 0)).to_have_text("newest")


def test_every_window_loads_the_page_anew(
    server: Serving, page: Page, browser: Browser
) -> None:
    with browser.new_context() as context:
        other = context.new_page()
        other.goto(server.address())
        for number in range(3):
            server.write(section(*FIRST, prose=f"本文{number}です。"))
            for one in (page, other):
                expect(one.locator("article")).to_contain_text(f"本文{number}です。")


def test_a_page_from_before_is_loaded_anew(server: Serving, page: Page) -> None:
    """A page that was asked for while a newer one was made is not left alone."""
    page.route("**/live.js", lambda route: (time.sleep(3), route.continue_()))
    page.reload(wait_until="commit")
    server.write(section(*FIRST, prose="そのあいだの本文です。"))
    server.wait_for("built in", server.said().count("built in") + 1)
    page.unroute_all()
    expect(page.locator("article")).to_contain_text("そのあいだの本文です。")


def test_a_problem_is_told_and_the_page_stays(server: Serving, page: Page) -> None:
    server.write(section(("lift", "print(1)"), prose="誤った本文です。"))
    told = page.locator("#live")
    expect(told).to_contain_text("chapter_a/one.md:6: error:")
    expect(page.locator("article")).not_to_contain_text("誤った")
    assert "chapter_a/one.md:6: error:" in server.said()
    server.write(section(*FIRST, prose="正しい本文です。"))
    expect(page.locator("article")).to_contain_text("正しい本文です。")
    expect(told).to_be_empty()


def test_a_file_that_is_replaced_is_seen_every_time(
    server: Serving, page: Page
) -> None:
    """Editors write a new file and give it the old one's name."""
    page.goto(server.address("index"))
    for number in range(3):
        new = server.config.root / ".index.md.new"
        new.write_text(INDEX.replace("# 本", f"# 本{number}"), encoding="utf-8")
        new.replace(server.config.root / "index.md")
        expect(page.locator("h1")).to_contain_text(f"本{number}")


def test_marks_move_nothing(server: Serving, page: Page, tmp_path: Path) -> None:
    server.write(section(*edited(4, waiting(tmp_path, "print('left new')"))))
    expect(page.locator(".cell > .state")).to_have_count(3)
    expect(page.locator("#live")).to_contain_text("left")
    marked = page.evaluate(PLACES)
    page.evaluate(UNMARK)
    assert page.evaluate(PLACES) == marked
    (tmp_path / "go").touch()


Scheme = Literal["light", "dark"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_a_marked_page(
    server: Serving,
    page: Page,
    axe: str,
    tmp_path: Path,
    scheme: Literal["light", "dark"],
) -> None:
    page.emulate_media(color_scheme=scheme)
    code = waiting(tmp_path, "print(undefined)")
    server.write(section(*edited(2, code)))
    expect(page.locator('.cell[data-state="running"]')).to_have_count(3)
    expect(page.locator("#live")).to_contain_text("left")
    assert violations(page, axe) == []
    (tmp_path / "go").touch()
    expect(page.locator('.cell[data-state="failed"]')).to_have_count(1)
    expect(page.locator("#live")).to_contain_text("left")
    assert violations(page, axe) == []


def violations(page: Page, axe: str) -> list[str]:
    try:
        page.evaluate(axe)
        told = page.evaluate("axe.run({resultTypes: ['violations']})")
    except Error:  # the page was loaded anew in between, as it is here
        page.wait_for_load_state()
        return violations(page, axe)
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in told["violations"]]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_its_end_is_the_end_of_all(
    make_book, light_module, tmp_path: Path, how: signal.Signals
) -> None:
    code = waiting(tmp_path, "print('left')")
    text = section(("left", code), ("right", "print('right')"))
    config = make_book(
        {"index.md": INDEX, "chapter_a/one.md": text, "chapter_a/two.md": TWO},
        DEFAULT.replace("timeout = 60\n", FORKED),
    )
    for framework in config.frameworks:
        environments.prepare(config, framework)
    server = Serving(config)
    server.wait_for("serving on")
    server.wait_for("[right]: run")
    wait_for(lambda: bool(kernels(server.family())), server.said)
    family = server.family()
    assert len(family) >= 3
    server.process.send_signal(how)
    _, alive = psutil.wait_procs(family, timeout=PATIENCE)
    for one in alive:
        one.kill()
    assert not alive, server.said()
    assert "Traceback" not in server.said()
    assert not re.search("(?i)error", server.said())

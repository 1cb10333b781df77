"""Test the live preview with a real server, real kernels and a real browser."""

from __future__ import annotations

import base64
import contextlib
import http.client
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
"""Settings with forked kernels for one framework and fresh kernels for the other."""

INDEX = "# 本\n\n```toc\nchapter_a/one\nchapter_a/two\n```\n"
CELL = "```{{.python .input}}\n%%tab {}\n{}\n```\n\n"
REMOVE_MARKS = """() => {
    document.querySelectorAll(".cell > .state").forEach(mark => mark.remove());
    document.querySelectorAll(".cell[data-state]").forEach(cell => {
        delete cell.dataset.state;
    });
}"""
POSITIONS = """() => [...document.querySelectorAll("article *:not(.state)")].map(
    node => {
        const { left, top, width, height } = node.getBoundingClientRect();
        return [left, top, width, height];
    }
)"""
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


class PreviewServer:
    """The preview of a book, served by a process of its own."""

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

    def log_text(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_for(self, text: str, times: int = 1) -> None:
        """Wait until the log contains a text a number of times."""

        def is_logged() -> bool:
            assert self.process.is_running(), self.log_text()
            return self.log_text().count(text) >= times

        wait_for(is_logged, self.log_text)

    def write(self, text: str, name: str = "chapter_a/one.md") -> None:
        (self.config.root / name).write_text(text, encoding="utf-8")

    def address(self, page: str = "chapter_a/one") -> str:
        return f"http://127.0.0.1:{self.port}/{page}.html"

    def committed(self, framework: str = "*") -> dict[Path, str]:
        files = self.config.notebooks.glob(f"{framework}/**/*.ipynb")
        return {file: file.read_text(encoding="utf-8") for file in files}

    def cpu_seconds(self) -> float:
        """Return the CPU time used so far, including children that have ended."""
        return sum(sum(process.cpu_times()[:4]) for process in self.family())

    def family(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


def kernels(family: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in family if _is_kernel(process)]


def _is_kernel(process: psutil.Process) -> bool:
    """Return whether a process is a fresh or forked kernel."""
    with contextlib.suppress(psutil.NoSuchProcess):
        command, parent = process.cmdline(), process.parent()
        forked = parent is not None and command == parent.cmdline()
        script = "forkserver/__main__.py"
        return "ipykernel_launcher" in command or (forked and script in str(command))
    return False


@contextmanager
def serving(config: Config) -> Iterator[PreviewServer]:
    """Serve a book once its notebooks are executed; require that no process is left."""
    server = PreviewServer(config)
    family = []
    try:
        server.wait_for("serving on")
        wait_for(lambda: len(server.committed()) == 2, server.log_text)
        server.wait_for("built in", 2)
        family = server.family()
        yield server
    finally:
        family += server.family() if server.process.is_running() else []
        server.process.send_signal(signal.SIGINT)
        _, alive = psutil.wait_procs({*family}, timeout=PATIENCE)
        for process in alive:
            process.kill()
        assert not alive, server.log_text()


@pytest.fixture(scope="module")
def config(make_book, light_module) -> Config:
    files = {
        "index.md": INDEX,
        "chapter_a/one.md": section(*FIRST),
        "chapter_a/two.md": TWO,
    }
    config: Config = make_book(files, DEFAULT.replace("timeout = 60\n", FORKED))
    for framework in config.frameworks:
        environments.prepare(config, framework)
    return config


@pytest.fixture(scope="module")
def running(config: Config) -> Iterator[PreviewServer]:
    with serving(config) as server:
        yield server


@pytest.fixture
def server(running: PreviewServer) -> Iterator[PreviewServer]:
    """Restore the first text of the book after the test."""
    yield running
    prose = f"本文{time.monotonic_ns()}です。"
    running.write(section(*FIRST, prose=prose))
    file = running.config.output / "html-preview/chapter_a/one.html"

    def is_restored() -> bool:
        text = file.read_text(encoding="utf-8")
        return prose in text and "data-state" not in text

    wait_for(is_restored, running.log_text)


@pytest.fixture
def page(browser: Browser, server: PreviewServer) -> Iterator[Page]:
    context = browser.new_context()
    context.set_default_timeout(PATIENCE * 1000)
    expect.set_options(timeout=PATIENCE * 1000)
    window = context.new_page()
    wrong: list[str] = []
    window.on("console", lambda said: wrong.append(said.text))
    window.goto(server.address())
    window.wait_for_selector("#live", state="attached")
    expect(window.locator("article")).to_contain_text("left three")
    yield window
    context.close()
    assert not [text for text in wrong if "Content Security Policy" in text]


def marks(page: Page, framework: str) -> Locator:
    """Return the state marks at the cells of a framework."""
    return page.locator(f'.panel[data-framework="{framework}"] .state')


def output(page: Page, framework: str, at: int) -> Locator:
    cells = page.locator(f'.panel[data-framework="{framework}"] .cell')
    return cells.nth(at).locator(".cell_output")


def code_after_go(tmp_path: Path, then: str) -> str:
    """Return code that waits for the file ``go``, then runs other code."""
    return (
        "import pathlib, time\n"
        f"while not pathlib.Path({str(tmp_path / 'go')!r}).exists():\n"
        f"    time.sleep(0.05)\n{then}"
    )


def test_prose_edit_is_shown_without_execution(
    server: PreviewServer, page: Page
) -> None:
    runs, cpu_seconds = server.log_text().count("]: run"), server.cpu_seconds()
    server.write(section(*FIRST, prose="あたらしい本文です。"))
    expect(page.locator("article")).to_contain_text("あたらしい本文です。")
    expect(marks(page, "left")).to_have_count(0)
    assert server.log_text().count("]: run") == runs
    # The committed notebooks show the new prose, too.
    wait_for(lambda: all("あたらしい" in text for text in server.committed().values()))
    assert server.cpu_seconds() - cpu_seconds < 2, "CPU time"


def test_opened_part_stays_open_when_the_page_changes(
    server: PreviewServer, page: Page
) -> None:
    part = "\n## 発展：題\n\n{}\n"
    server.write(section(*FIRST) + part.format("深い文です。"))
    page.locator("summary").click()
    server.write(section(*FIRST) + part.format("さらに深い文です。"))
    expect(page.get_by_text("さらに深い文です。")).to_be_visible()


def test_code_edit_is_shown_at_once_and_its_outputs_after_execution(
    server: PreviewServer, page: Page, tmp_path: Path
) -> None:
    before = server.committed("left")
    code = code_after_go(tmp_path, "print('left new')")
    server.write(section(*edited(2, code)))
    expect(page.locator("article")).to_contain_text("left new")
    expect(page.locator(".state").first).to_have_text("実行中")
    # All cells of the notebook keep their outputs and are marked as running.
    expect(marks(page, "left")).to_have_text(["実行中"] * 3)
    for at, text in enumerate(("left one", "left two", "left three")):
        expect(output(page, "left", at)).to_have_text(text)
    expect(marks(page, "right")).to_have_count(0)
    expect(page.get_by_role("status").filter(has_text="実行中 left")).to_be_visible()
    assert server.committed("left") == before, "committed before it was executed"
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


def test_failed_cell_is_marked_until_a_save_corrects_it(
    server: PreviewServer, page: Page
) -> None:
    before = server.committed("left")
    server.write(section(*edited(2, "print(undefined)")))
    expect(page.locator('.cell[data-state="failed"]')).to_have_count(1)
    expect(marks(page, "left")).to_have_text(["前の出力", "失敗", "前の出力"])
    expect(marks(page, "right")).to_have_count(0)
    shown_output = output(page, "left", 1)
    expect(shown_output).to_contain_text("NameError: name 'undefined' is not defined")
    expect(shown_output).to_contain_text("----> 1 print(undefined)")  # the traceback
    expect(output(page, "left", 0)).to_have_text("left one")
    assert "NameError" in server.log_text()
    assert server.committed("left") == before
    # A prose edit of another section does not run the failed notebook again.
    errors = server.log_text().count("NameError")
    server.write(TWO + "\nもう一文です。\n", "chapter_a/two.md")
    server.wait_for("built in", server.log_text().count("built in") + 1)
    assert server.log_text().count("NameError") == errors
    expect(page.locator('.cell[data-state="failed"]')).to_have_count(1)

    server.write(section(*edited(2, "print('corrected')")))
    expect(page.locator(".state")).to_have_count(0)
    expect(output(page, "left", 1)).to_have_text("corrected")
    assert server.process.is_running()


def test_newer_save_cancels_the_run_of_an_older_one(
    server: PreviewServer, page: Page, tmp_path: Path
) -> None:
    server.write(section(*edited(0, code_after_go(tmp_path, "print('never')"))))
    expect(page.locator(".state").first).to_have_text("実行中")
    wait_for(lambda: bool(kernels(server.family())))
    old_kernels = kernels(server.family())
    server.write(section(*edited(0, "print('newest')")))
    expect(page.locator(".state")).to_have_count(0)
    expect(output(page, "left", 0)).to_have_text("newest")
    assert not any(kernel.is_running() for kernel in old_kernels), (
        "the old run was not stopped"
    )
    assert "never" not in "".join(server.committed().values())

    # The run of an edit that is undone is cancelled.
    server.write(section(*edited(0, code_after_go(tmp_path, "print('never')"))))
    expect(page.locator(".state").first).to_have_text("実行中")
    wait_for(lambda: bool(kernels(server.family())))
    server.write(section(*edited(0, "print('newest')")))
    expect(page.locator(".state")).to_have_count(0)
    wait_for(lambda: not kernels(server.family()))
    expect(output(page, "left", 0)).to_have_text("newest")


def test_every_window_reloads_the_page(
    server: PreviewServer, page: Page, browser: Browser
) -> None:
    with browser.new_context() as context:
        other = context.new_page()
        other.goto(server.address())
        for number in range(3):
            server.write(section(*FIRST, prose=f"本文{number}です。"))
            for window in (page, other):
                expect(window.locator("article")).to_contain_text(f"本文{number}です。")


def test_page_loaded_during_a_build_is_reloaded(
    server: PreviewServer, page: Page
) -> None:
    """A page requested while a newer one is built is reloaded once that is ready."""
    page.route("**/live.js", lambda route: (time.sleep(3), route.continue_()))
    page.reload(wait_until="commit")
    server.write(section(*FIRST, prose="そのあいだの本文です。"))
    server.wait_for("built in", server.log_text().count("built in") + 1)
    page.unroute_all()
    expect(page.locator("article")).to_contain_text("そのあいだの本文です。")


def test_problem_is_shown_on_the_unchanged_page(
    server: PreviewServer, page: Page
) -> None:
    server.write(section(("lift", "print(1)"), prose="誤った本文です。"))
    live = page.locator("#live")
    expect(live).to_contain_text("chapter_a/one.md:6: error:")
    expect(page.locator("article")).not_to_contain_text("誤った")
    assert "chapter_a/one.md:6: error:" in server.log_text()
    server.write(section(*FIRST, prose="正しい本文です。"))
    expect(page.locator("article")).to_contain_text("正しい本文です。")
    expect(live).to_be_empty()


def test_every_replacement_of_a_file_is_noticed(
    server: PreviewServer, page: Page
) -> None:
    """Many editors write a new file and rename it to the old file's name."""
    # Another page: this one may be reloading, which would abort a visit.
    page = page.context.new_page()
    page.goto(server.address("index"), wait_until="commit")
    for number in range(3):
        new_file = server.config.root / ".index.md.new"
        new_file.write_text(INDEX.replace("# 本", f"# 本{number}"), encoding="utf-8")
        new_file.replace(server.config.root / "index.md")
        expect(page.locator("h1")).to_contain_text(f"本{number}")


def test_marks_do_not_move_other_elements(
    server: PreviewServer, page: Page, tmp_path: Path
) -> None:
    server.write(section(*edited(4, code_after_go(tmp_path, "print('left new')"))))
    expect(page.locator(".cell > .state")).to_have_count(3)
    expect(page.locator("#live")).to_contain_text("left")
    marked = page.evaluate(POSITIONS)
    page.evaluate(REMOVE_MARKS)
    assert page.evaluate(POSITIONS) == marked
    (tmp_path / "go").touch()


DRAWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Waits until the page was drawn, when its script knows which boxes can be scrolled."""

Scheme = Literal["light", "dark"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marked_page_is_accessible(
    server: PreviewServer,
    page: Page,
    axe: str,
    tmp_path: Path,
    scheme: Scheme,
) -> None:
    page.emulate_media(color_scheme=scheme)
    code = code_after_go(tmp_path, "print(undefined)")
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
        page.evaluate(DRAWN)
        report = page.evaluate("axe.run({resultTypes: ['violations']})")
    except Error:  # the preview reloaded the page meanwhile
        page.wait_for_load_state()
        return violations(page, axe)
    return [
        f"{rule['id']}: {rule['nodes'][0]['html']}" for rule in report["violations"]
    ]


@pytest.mark.parametrize(
    "signal_number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL]
)
def test_no_process_outlives_the_server(
    make_book, light_module, tmp_path: Path, signal_number: signal.Signals
) -> None:
    code = code_after_go(tmp_path, "print('left')")
    text = section(("left", code), ("right", "print('right')"))
    config = make_book(
        {"index.md": INDEX, "chapter_a/one.md": text, "chapter_a/two.md": TWO},
        DEFAULT.replace("timeout = 60\n", FORKED),
    )
    for framework in config.frameworks:
        environments.prepare(config, framework)
    server = PreviewServer(config)
    server.wait_for("serving on")
    server.wait_for("[right]: run")
    wait_for(lambda: bool(kernels(server.family())), server.log_text)
    family = server.family()
    assert len(family) >= 3
    server.process.send_signal(signal_number)
    _, alive = psutil.wait_procs(family, timeout=PATIENCE)
    for process in alive:
        process.kill()
    assert not alive, server.log_text()
    assert "Traceback" not in server.log_text()
    assert not re.search("(?i)error", server.log_text())


def upgrade_status(running: PreviewServer, host: str, **headers: str) -> int:
    """Return the status with which the server answers a request for a WebSocket."""
    connection = http.client.HTTPConnection("127.0.0.1", running.port, PATIENCE)
    wanted = {
        "Host": host,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
    }
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    with contextlib.closing(connection):
        connection.request("GET", "/live", headers=wanted | names)
        return connection.getresponse().status


def test_only_own_names_and_own_pages_are_answered(running: PreviewServer) -> None:
    for host, status in (
        (f"127.0.0.1:{running.port}", 200),
        (f"localhost:{running.port}", 200),
        (f"rebound.example:{running.port}", 400),
    ):
        connection = http.client.HTTPConnection("127.0.0.1", running.port, PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", "/index.html", headers={"Host": host})
            assert connection.getresponse().status == status
    own = f"127.0.0.1:{running.port}"
    assert upgrade_status(running, own, Origin=f"http://{own}") == 101
    proxy = {"X_Forwarded_Host": "name.example", "Origin": "https://name.example"}
    assert upgrade_status(running, own, **proxy) == 101
    assert upgrade_status(running, own, Origin="http://other.example") == 403
    assert upgrade_status(running, own, Origin="null") == 403
    assert upgrade_status(running, own) == 403

"""No page is lost, whatever ends the process that reads or writes it."""

from __future__ import annotations

import errno
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from tabbook import sphinxext
from tabbook.base.errors import BookError
from tabbook.cli import main as cli
from tabbook.export import epub
from tabbook.source import book
from tests.support import book_of_any_size
from tests.support.book_with_three_frameworks import MadeUpBook
from tests.support.paths import ROOT as REPOSITORY

BUILD = sys.modules["tabbook.sphinxext.builder"]
"""The module; its package has the function under this name."""

CONFIG = """
[project]
title = 本
lang = ja
[build]
notebooks = index.md part/*.md
tabs = alpha
"""

VICTIM = "part/section_05"

Fault = Callable[[], object]


class OddError(BaseException):
    """An exception that is no ``Exception``."""


def fail(error: BaseException) -> Fault:
    def fault() -> object:
        raise error

    return fault


def kill(number: signal.Signals) -> Fault:
    def fault() -> object:
        assert multiprocessing.parent_process(), "the tests would be killed"
        os.kill(os.getpid(), number)
        return None

    return fault


FAULTS: dict[str, tuple[Fault, str]] = {
    "exception": (fail(KeyError("star")), "KeyError: 'star'"),
    "exception that cannot be pickled": (
        fail(OddError("odd", threading.Lock())),
        "OddError: ('odd',",
    ),
    "error of the book": (fail(BookError("no such thing")), "no such thing"),
    "long exception": (fail(ValueError("x" * 10**6)), "ValueError: xxx"),
    "sys.exit": (lambda: sys.exit(0), "SystemExit: 0"),
    "os._exit": (lambda: os._exit(0), "ended with exit status 0"),
    "SIGKILL": (kill(signal.SIGKILL), "killed by SIGKILL"),
    "SIGTERM": (kill(signal.SIGTERM), "killed by SIGTERM"),
    "SIGXCPU": (kill(signal.SIGXCPU), "killed by SIGXCPU"),
}
ENDS_PROCESS = {name for name in FAULTS if name.startswith(("os", "SIG"))}
"""Faults that would end the process of the tests if it made the pages itself."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> MadeUpBook:
    """Return a built book of more pages than two workers read at once."""
    made_up_book = MadeUpBook(tmp_path_factory.mktemp("book"))
    names = [f"section_{number:02}" for number in range(12)]
    toc = "\n".join(f"part/{name}" for name in names)
    made_up_book.write("config.ini", CONFIG)
    made_up_book.write("environments/alpha.txt", "alpha==1\n")
    made_up_book.write("index.md", f"# 本\n\n```toc\n{toc}\n```\n")
    for name in names:
        made_up_book.write(f"part/{name}.md", f"# {name}\n\n文。\n")
    sphinxext.build(made_up_book.config)
    return made_up_book


def break_reading(monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    """Let a fault happen while Sphinx reads the victim."""
    original = Builder.read_doc

    def read_doc(self: Builder, docname: str, **options: Any) -> None:
        if docname == VICTIM:
            fault()
        original(self, docname, **options)

    monkeypatch.setattr(Builder, "read_doc", read_doc)


def break_writing(monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    """Let a fault happen while Sphinx writes the victim."""
    original = StandaloneHTMLBuilder.write_doc

    def write_doc(
        self: StandaloneHTMLBuilder, docname: str, doctree: nodes.document
    ) -> None:
        if docname == VICTIM:
            fault()
        original(self, docname, doctree)

    monkeypatch.setattr(StandaloneHTMLBuilder, "write_doc", write_doc)


BREAK = {"reading": break_reading, "writing": break_writing}


CASES = [
    (name, step, processes)
    for name in FAULTS
    for step in BREAK
    for processes in (1, 2)
    if processes > 1 or name not in ENDS_PROCESS
]


@pytest.mark.parametrize(("name", "step", "processes"), CASES)
def test_fault_names_the_page_and_keeps_the_last_pages(
    built: MadeUpBook,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    step: str,
    processes: int,
) -> None:
    monkeypatch.setattr(BUILD, "_processes", lambda book: processes)
    before = built.html()
    assert f"{VICTIM}.html" in before and len(before) > 12
    fault, reason = FAULTS[name]
    BREAK[step](monkeypatch, fault)
    with pytest.raises(BookError) as raised:
        sphinxext.build(built.config, fresh=True)
    message = str(raised.value)
    assert message.startswith(f"{VICTIM}.md: ")
    assert reason in message and len(message) < 2000
    assert built.html() == before
    assert not multiprocessing.active_children()


def test_unexpected_error_leaves_its_traceback(
    built: MadeUpBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BUILD, "_processes", lambda book: 2)
    break_writing(monkeypatch, fail(KeyError("star")))
    with pytest.raises(BookError, match=r"the traceback is in (\S+)") as raised:
        sphinxext.build(built.config, fresh=True)
    file = str(raised.value).partition("the traceback is in ")[2].split("\n")[0]
    text = Path(file).read_text("utf-8")
    assert "in write_doc" in text and text.endswith("KeyError: 'star'\n")


def test_command_ends_with_1_and_the_next_one_makes_every_page(
    built: MadeUpBook,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(BUILD, "_processes", lambda book: 2)
    for name in ("part/section_04", VICTIM, "part/section_06"):
        built.edit(f"{name}.md", "文。", "直した文。")
    with monkeypatch.context() as patch:
        break_writing(patch, kill(signal.SIGKILL))
        assert cli.main(["-C", str(built.root), "html"]) == 1
    assert f"{VICTIM}.md: error:" in capfd.readouterr().err
    assert "直した" not in built.article(VICTIM).text
    assert cli.main(["-C", str(built.root), "html"]) == 0
    assert "直した文" in built.article(VICTIM).text
    assert len(list((built.root / "_build/html/part").glob("*.html"))) == 12


def test_page_that_is_skipped_in_silence_is_missed(
    built: MadeUpBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    sphinxext.build(built.config)
    before = built.html()
    original = StandaloneHTMLBuilder.handle_page

    def handle_page(
        self: StandaloneHTMLBuilder, pagename: str, *rest: Any, **options: Any
    ) -> None:
        if pagename != VICTIM:
            original(self, pagename, *rest, **options)

    monkeypatch.setattr(StandaloneHTMLBuilder, "handle_page", handle_page)
    built.edit(f"{VICTIM}.md", "文。", "また文。")
    with pytest.raises(BookError, match=f"^{VICTIM}.md: error: no page was written"):
        sphinxext.build(built.config)
    assert built.html() == before


def test_source_in_a_hidden_folder_is_missed(tmp_path: Path) -> None:
    hidden = MadeUpBook(tmp_path)
    hidden.write("config.ini", CONFIG.replace("part/", ".part/"))
    hidden.write("index.md", "# 本\n")
    hidden.write(".part/one.md", "# 一\n")
    with pytest.raises(BookError, match=r"^\.part/one.md: error: no page was written"):
        sphinxext.build(hidden.config)


def test_error_after_workers_have_started_leaves_none(
    built: MadeUpBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BUILD, "_processes", lambda book: 3)
    resolve = BuildEnvironment.get_and_resolve_doctree

    def broken(self: BuildEnvironment, docname: str, *rest: Any, **options: Any) -> Any:
        if docname == "part/section_11":
            raise KeyError("star")
        return resolve(self, docname, *rest, **options)

    monkeypatch.setattr(BuildEnvironment, "get_and_resolve_doctree", broken)
    break_writing(monkeypatch, lambda: time.sleep(600))
    with pytest.raises(BookError, match=r"^part/section_11.md: .*KeyError: 'star'"):
        sphinxext.build(built.config, fresh=True)
    assert not multiprocessing.active_children()


def test_epub_names_the_page_and_keeps_the_last_file(
    built: MadeUpBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = book.load(built.config)
    file = epub.make(loaded, built.config.default)
    before = file.read_bytes()
    break_reading(monkeypatch, fail(ValueError("x" * 10**6)))
    with pytest.raises(BookError, match=f"^{VICTIM}.md: .*ValueError: xxx"):
        epub.make(loaded, built.config.default)
    assert file.read_bytes() == before


@pytest.mark.parametrize("step", BREAK)
def test_warning_of_a_worker_names_the_page(
    built: MadeUpBook, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(BUILD, "_processes", lambda book: 2)
    logger = logging.getLogger(__name__)
    BREAK[step](monkeypatch, lambda: logger.warning("look here"))
    warnings = sphinxext.build(built.config, fresh=True).warnings
    assert re.search(rf"(?m)^{VICTIM}\.md: WARNING: look here", warnings)


LIMITED = (
    "import resource, sys; from pathlib import Path; from tabbook.cli import main\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)\n"
    "sys.exit(main.main(['-C', sys.argv[1], 'html']))\n"
)
"""Builds the pages where no file can become larger than a limit."""


@pytest.mark.parametrize("limit", [1_000, 10_000, 100_000])
def test_message_of_a_full_disk_is_short(tmp_path: Path, limit: int) -> None:
    large = book_of_any_size.write(tmp_path / "book", 12)
    process = subprocess.run(
        [sys.executable, "-c", LIMITED, str(large), str(limit)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 1
    assert re.search(r"^./build.sh: .*: cannot be written: ", process.stderr, re.M)
    assert "raise the limit of the size of files" in process.stderr
    assert len(process.stderr) < 2000 and process.stderr.count("\n") < 4


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("step", BREAK)
def test_full_disk_is_blamed_on_no_page(
    built: MadeUpBook, monkeypatch: pytest.MonkeyPatch, step: str, processes: int
) -> None:
    monkeypatch.setattr(BUILD, "_processes", lambda book: processes)
    full = OSError(errno.ENOSPC, "No space left on device", "/some/file")
    BREAK[step](monkeypatch, fail(full))
    with pytest.raises(BookError, match=r"^/some/file: cannot be written: No space"):
        sphinxext.build(built.config, fresh=True)


def test_error_of_a_handler_does_not_show_what_is_bound_to_it(
    built: MadeUpBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    @dataclass
    class Handler:
        text: str

        def read(self, app: Sphinx, name: str, source: list[str]) -> None:
            if name == VICTIM:
                raise OSError(errno.ENOSPC, "No space left on device")

    connect = Sphinx.connect

    def connected(app: Sphinx, event: str, *rest: Any, **options: Any) -> int:
        if event == "env-updated":
            connect(app, "source-read", Handler("x" * 10**6).read)
        return connect(app, event, *rest, **options)

    monkeypatch.setattr(Sphinx, "connect", connected)
    with pytest.raises(BookError) as raised:
        sphinxext.build(built.config, fresh=True)
    assert len(str(raised.value)) < 500 and "xxx" not in str(raised.value)

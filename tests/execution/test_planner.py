"""What is stale runs, what is not stays: with real kernels, without frameworks."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tabbook.base.config import Config, load
from tabbook.base.errors import BookError
from tabbook.execution import planner
from tabbook.execution.forkserver.servers import close_servers, started_servers
from tabbook.source import book
from tests.support.books import HEAD

INDEX = "# 本\n\n```toc\nchapter_a/one\n```\n"
PROSE = "# 一\n\n{prose}\n\n"
CELL = "```{{.python .input}}\n%%tab {tab}\n{code}\n```\n\n"
CONFIG = (
    HEAD
    + """[tabbook]
timeout = {timeout}
memory = 4
[framework-left]
preload = {preload}
"""
)


def section(prose: str = "本文です。", **code: str) -> str:
    cells = [CELL.format(tab=tab, code=text) for tab, text in code.items()]
    return PROSE.format(prose=prose) + "".join(cells)


def build_all(config: Config, **options: bool) -> dict[str, planner.Outcome]:
    loaded = book.load(config)
    steps = planner.plan(loaded, loaded.sections, config.frameworks, **options)
    return {one.step.framework.name: one for one in planner.run(loaded, steps)}


def outputs(config: Config, framework: str) -> list[str]:
    text = (config.notebooks / framework / "chapter_a/one.ipynb").read_text("utf-8")
    return [
        "".join(one["text"])
        for cell in json.loads(text)["cells"]
        for one in cell.get("outputs", [])
        if one["output_type"] == "stream"
    ]


def files(config: Config) -> dict[Path, tuple[bytes, int]]:
    return {
        path: (path.read_bytes(), path.stat().st_mtime_ns)
        for path in config.notebooks.rglob("*.ipynb")
    }


def write(config: Config, text: str) -> None:
    (config.root / "chapter_a/one.md").write_text(text, encoding="utf-8")


@pytest.fixture(params=["", "json"], ids=["fresh", "forked"])
def config(
    make_book, light_environments, request: pytest.FixtureRequest
) -> Iterator[Config]:
    yield make_book(
        {
            "index.md": INDEX,
            "chapter_a/one.md": section(left="print('l')", right="print('r')"),
            "data/x.txt": "from a file",
        },
        CONFIG.format(timeout=5, preload=request.param),
    )
    close_servers()


def ran(outcomes: dict[str, planner.Outcome]) -> set[str]:
    return {name for name, one in outcomes.items() if one.seconds is not None}


def test_the_second_build_runs_and_writes_nothing(config: Config) -> None:
    assert ran(build_all(config)) == {"left", "right"}
    before = files(config)
    assert ran(build_all(config)) == set()
    assert files(config) == before
    assert outputs(config, "left") == ["l\n"]


def test_force_gives_the_same_bytes(config: Config) -> None:
    build_all(config)
    before = {path: content for path, (content, _) in files(config).items()}
    assert ran(build_all(config, force=True)) == {"left", "right"}
    assert {path: content for path, (content, _) in files(config).items()} == before


def test_prose_starts_no_kernel_and_reaches_the_notebook(config: Config) -> None:
    build_all(config)
    write(config, section("新しい文です。", left="print('l')", right="print('r')"))
    assert ran(build_all(config)) == set()
    text = (config.notebooks / "left/chapter_a/one.ipynb").read_text("utf-8")
    assert "新しい文です。" in text
    assert outputs(config, "left") == ["l\n"]


def test_a_code_edit_runs_one_framework(config: Config) -> None:
    build_all(config)
    write(config, section(left="print('L')", right="print('r')"))
    assert ran(build_all(config)) == {"left"}
    assert outputs(config, "left") == ["L\n"]


def test_changed_pins_run_that_framework(config: Config) -> None:
    build_all(config)
    pins = config.framework("right").environment
    pins.write_text(pins.read_text("utf-8") + "# a comment changes nothing\n", "utf-8")
    assert ran(build_all(config)) == set()
    pins.write_text(pins.read_text("utf-8") + "another==1\n", "utf-8")
    assert ran(build_all(config)) == {"right"}


def test_changed_variables_run_again(config: Config) -> None:
    build_all(config)
    path = config.root / "config.ini"
    path.write_text(path.read_text("utf-8") + "variables = A=1\n", "utf-8")
    assert ran(build_all(load(config.root))) == {"left"}


def test_an_output_edited_by_hand_is_kept_but_a_cell_is_not(config: Config) -> None:
    build_all(config)
    path = config.notebooks / "left/chapter_a/one.ipynb"
    path.write_text(
        path.read_text("utf-8").replace("print('l')", "print('x')"), "utf-8"
    )
    assert ran(build_all(config)) == {"left"}


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("1 / 0", "raised", "ZeroDivisionError: division by zero"),
        (
            "import os\nimport signal\n\nos.kill(os.getpid(), signal.SIGKILL)",
            "dead-kernel",
            "SIGKILL",
        ),
        ("import os\n\nos._exit(3)", "dead-kernel", "exit status 3"),
        ("while True:\n    pass", "timeout", "after 5 s"),
        ("x = bytearray(10**11)", "raised", "MemoryError"),
    ],
)
def test_a_failure_is_named_and_harms_no_other(
    config: Config, code: str, kind: str, message: str
) -> None:
    build_all(config)
    before = files(config)[config.notebooks / "left/chapter_a/one.ipynb"]
    write(config, section(left=code, right="print('R')"))
    outcomes = build_all(config)
    failure = outcomes["left"].failure
    assert failure is not None
    assert (failure.kind, failure.line) == (kind, 5)
    assert message in failure.message
    assert failure.source == code
    assert outcomes["right"].failure is None
    assert outputs(config, "right") == ["R\n"]
    assert files(config)[config.notebooks / "left/chapter_a/one.ipynb"] == before


@pytest.mark.parametrize("code", ["x = 1", "1 / 0", "while True:\n    pass"])
def test_a_kernel_ends_with_its_notebook(config: Config, code: str) -> None:
    before = set(kernels())
    write(config, section(left=code, right="print('r')"))
    build_all(config)
    assert set(kernels()) == before


def kernels() -> list[int]:
    """Return the processes that this one started and that run a kernel."""
    templates = {server.pid for server in started_servers()}
    return [
        one.pid
        for one in psutil.Process().children(recursive=True)
        if one.status() != psutil.STATUS_ZOMBIE
        and any("ipykernel" in word for word in one.cmdline())
        and one.pid not in templates
    ]


def test_cells_find_resources_and_leave_no_litter(config: Config) -> None:
    code = "print(open('../data/x.txt').read())\nopen('made.txt', 'w').close()"
    write(config, section(left=code, right="print('r')"))
    build_all(config)
    assert outputs(config, "left") == ["from a file\n"]
    assert not list(config.root.rglob("made.txt"))


def test_streams_are_one_output_each(config: Config) -> None:
    code = "import sys\nfor i in range(3):\n    print(i)\n    sys.stdout.flush()"
    write(config, section(left=code, right="print('r')"))
    build_all(config)
    assert outputs(config, "left") == ["0\n1\n2\n"]


def test_a_broken_committed_notebook_is_named_and_kept(config: Config) -> None:
    path = config.notebooks / "left/chapter_a/one.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text("{", "utf-8")
    with pytest.raises(BookError, match=r"one\.ipynb: is not a notebook.*with git"):
        build_all(config)
    assert path.read_text("utf-8") == "{"


def test_orphans_of_ours_go_and_others_stay(config: Config) -> None:
    build_all(config)
    old = config.notebooks / "left/chapter_a/old.ipynb"
    old.write_bytes((config.notebooks / "left/chapter_a/one.ipynb").read_bytes())
    other = config.notebooks / "own.ipynb"
    other.write_text(
        '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "utf-8"
    )
    assert planner.remove_orphans(book.load(config)) == [old]
    assert other.exists()


def test_a_full_disk_leaves_the_old_file(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_all(config)
    before = files(config)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    write(config, section("別の文です。", left="print('l')", right="print('r')"))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BookError, match="No space left on device"):
        build_all(config)
    assert files(config) == before
    assert not list((config.output / "tmp").iterdir())

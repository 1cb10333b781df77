"""The engine forks kernels where a framework allows it, and warns where it cannot."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tabbook import environments
from tabbook.base.folders import scratch
from tabbook.cli import main as cli
from tabbook.environments.kernelspec import KernelStart
from tabbook.execution import local, planner
from tabbook.execution.forkserver.servers import close_servers, started_servers
from tabbook.source import book
from tabbook.verification import verify
from tests.support.forks import (
    IS_FORKED,
    NEXT_CELL,
    BookOfOneCell,
    all_ended,
    build,
    children,
    notebook_bytes,
    output_text,
    output_texts,
    process_of,
)
from tests.support.paths import ROOT
from tests.support.waiting import PATIENCE, wait_for

pytestmark = pytest.mark.long

PROCESS_NUMBER = re.compile(r"ipykernel_\d+")
"""What differs between the warnings of two kernels."""

OBSERVATIONS = {
    "streams": "import sys\nprint('out')\nprint('err', file=sys.stderr)",
    "logger of an import": "import logs\nlogs.log.info('logged')\nprint('then')",
    "threads": (
        "import threading\n"
        "print(sorted(one.name.split('-')[0] for one in threading.enumerate()))"
    ),
    "child processes": "!echo $((6 * 7))",
    "file descriptors": "import os\nprint(len(os.listdir('/proc/self/fd')) > 3)",
    "main": (
        "import __main__, sys\n"
        "print(__name__, sys.argv[0].rsplit('/')[-1], hasattr(__main__, '__file__'))\n"
        "print(sys.path[:2], sys.flags.dont_write_bytecode)"
    ),
    "signals": (
        "import signal\n"
        "print([signal.getsignal(one) for one in (signal.SIGINT, signal.SIGCHLD)][1])"
    ),
    "depth": "import inspect\nprint(len(inspect.stack()))",
    "variables of an import": (
        "import os, sets\n"
        "print(os.environ['SET_BY_IMPORT'], 'JPY_PARENT_PID' in os.environ)"
    ),
    "recursion": (
        "import sys\ndef f(n):\n    return n and f(n - 1)\n"
        "print(f(sys.getrecursionlimit() // 2))"
    ),
    "exception": (
        "def f():\n    return 1 / 0\ntry:\n    f()\nexcept Exception as error:\n"
        "    print(error, error.__traceback__.tb_next.tb_lineno)"
    ),
    "workers": (
        "from concurrent.futures import ProcessPoolExecutor\n"
        "with ProcessPoolExecutor(2) as pool:\n    print(list(pool.map(abs, [-1, -2])))"
    ),
    "asynchronous": "import asyncio\nawait asyncio.sleep(0.01)\nprint('awaited')",
    "engine": "import engine, threading\nprint(len(engine.workers) % 4)",
    "hash": "print(hash('a'), list({'x', 'y', 'z'}))",
    "limits": (
        "import os, resource\nprint(resource.getrlimit(resource.RLIMIT_DATA))\n"
        "print(open('/proc/self/oom_score_adj').read(), os.getsid(0) == os.getpid())"
    ),
}
"""Code that could distinguish a forked kernel from a fresh one."""

PRELOADED = {
    "logger of an import": "logs",
    "variables of an import": "sets",
    "engine": "engine",
}
"""The module that an observation is about, if it is not ``quiet``."""


def test_kernels_are_forked_unless_fresh_ones_are_requested(
    book_of_one_cell: BookOfOneCell,
) -> None:
    config = book_of_one_cell(IS_FORKED)
    build(config)
    assert output_text(config) == "True\n"
    build(config, KernelStart.FRESH)
    assert output_text(config) == "False\n"


def test_command_line_requests_fresh_kernels(book_of_one_cell: BookOfOneCell) -> None:
    config = book_of_one_cell(IS_FORKED)
    arguments = ["-C", str(config.root), "run", "--force"]
    assert cli.main(arguments) == 0
    assert output_text(config) == "True\n"
    assert cli.main([*arguments, "--fresh-kernels"]) == 0
    assert output_text(config) == "False\n"


def test_changed_pins_start_another_fork_server(
    book_of_one_cell: BookOfOneCell,
) -> None:
    config = book_of_one_cell("import quiet\nprint(getattr(quiet, 'version', 0))")
    build(config)
    pins = config.default.environment
    pins.write_text(pins.read_text("utf-8") + "another==1\n", "utf-8")
    before = {server.pid for server in started_servers()}
    build(config)
    assert {server.pid for server in started_servers()} > before


def test_framework_with_nothing_to_preload_is_not_forked(
    book_of_one_cell: BookOfOneCell,
) -> None:
    close_servers()  # those of other tests
    config = book_of_one_cell(IS_FORKED, module="")
    assert build(config)[1] == []
    assert output_text(config) == "False\n"
    assert not started_servers()


def test_system_without_forks_starts_fresh_kernels_silently(
    book_of_one_cell: BookOfOneCell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    config = book_of_one_cell(IS_FORKED)
    outcome, warnings = build(config)
    assert (outcome.failure, warnings) == (None, [])
    assert output_text(config) == "False\n"


@pytest.mark.parametrize("module", ["loud", "threaded", "broken", "warns"])
def test_refused_forks_give_fresh_kernels_and_a_warning(
    book_of_one_cell: BookOfOneCell, module: str
) -> None:
    code = f"try:\n    import {module}\nexcept ValueError as error:\n    print(error)"
    config = book_of_one_cell(code, module=module)
    outcome, (problem,) = build(config)
    assert outcome.failure is None
    assert (problem.name, problem.severity) == ("not-forked", "warning")
    assert problem.message.startswith("[left] kernels are started afresh")
    output = output_text(config)
    assert {"threaded": "", "warns": "DeprecationWarning"}.get(module, "t") in output
    assert build(config, KernelStart.FRESH)[1] == []
    output = PROCESS_NUMBER.sub("", output)
    assert PROCESS_NUMBER.sub("", output_text(config)) == output
    assert build(replace(config, silenced=frozenset({"not-forked"})))[1] == []


@pytest.mark.parametrize("module", ["quiet", *PRELOADED.values()])
def test_cells_see_the_same_in_forked_and_fresh_kernels(
    book_of_one_cell: BookOfOneCell, module: str
) -> None:
    cells = {
        name: code
        for name, code in OBSERVATIONS.items()
        if PRELOADED.get(name, "quiet") == module
    }
    config = book_of_one_cell(NEXT_CELL.join(cells.values()), module=module)
    outcome, warnings = build(config)
    about_forks = [warning for warning in warnings if warning.name != "unstable-output"]
    assert (outcome.failure, about_forks) == (None, [])
    in_forked = dict(zip(cells, output_texts(config), strict=True))
    assert all(in_forked.values()), in_forked
    forked = notebook_bytes(config)
    build(config, KernelStart.FRESH)
    assert dict(zip(cells, output_texts(config), strict=True)) == in_forked
    assert notebook_bytes(config) == forked


def test_nbval_has_its_kernels_forked(book_of_one_cell: BookOfOneCell) -> None:
    config = book_of_one_cell(IS_FORKED)
    build(config)
    loaded = book.load(config)
    verdict = verify.verify(loaded, loaded.sections, config.frameworks)
    assert [problem.message for problem in verdict.problems] == []
    verdict = verify.verify(
        loaded, loaded.sections, config.frameworks, start=KernelStart.FRESH
    )
    (problem,) = verdict.problems
    assert "-True\n" in problem.message
    assert "+False" in problem.message


@pytest.fixture
def temporary() -> Iterator[Path]:
    """Return a folder for temporary files into which sockets fit."""
    with tempfile.TemporaryDirectory(prefix="t-", dir=scratch.SHORT) as folder:
        yield Path(folder)


@pytest.mark.parametrize("options", [(), ("--fresh-kernels",)], ids=["fork", "fresh"])
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_no_process_outlives_a_build(
    book_of_one_cell: BookOfOneCell,
    number: str,
    options: tuple[str, ...],
    tmp_path: Path,
    temporary: Path,
) -> None:
    pids = tmp_path / "pids"
    code = (
        "import os, subprocess, time\n"
        "other = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{other.pid}}')\n"
        "time.sleep(600)"
    )
    config = book_of_one_cell(code)
    environments.prepare(config, config.default)  # with the fixture's installer
    command = [sys.executable, "-m", "tabbook", "-C", str(config.root), "run", *options]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    owner = psutil.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, env=environment)
    wait_for(lambda: pids.is_file() and " " in pids.read_text("utf-8"))
    family = [process.pid for process in owner.children(recursive=True)]
    assert {int(pid) for pid in pids.read_text("utf-8").split()} <= {*family}
    owner.send_signal(getattr(signal, number))
    status = owner.wait(PATIENCE)  # less than the cell takes
    wait_for(lambda: all_ended(family))
    if number == "SIGKILL":
        assert list(temporary.iterdir())
        scratch.remove_abandoned(temporary)  # as the next command does
    else:
        assert status == 128 + getattr(signal, number)
    assert not list(temporary.iterdir())


@pytest.mark.slow
def test_nothing_grows_over_50_notebooks(book_of_one_cell: BookOfOneCell) -> None:
    close_servers()  # those of other tests
    config = book_of_one_cell("x = [0] * 100_000\nprint(len(x))")
    loaded = book.load(config)
    (step,) = planner.plan(loaded, loaded.sections, config.frameworks, force=True)
    machine = local.prepare(config, [config.default])
    job = planner.job_of(loaded, step)

    def run(count: int) -> tuple[list[int], list[int]]:
        """Return descriptors and MiB of the fork server and of this process."""
        for _, result in machine.run([job] * count):
            assert result.failure is None
        (server,) = started_servers()
        wait_for(lambda: not children(server))
        processes = [process_of(server), psutil.Process()]
        return (
            [process.num_fds() for process in processes],
            [process.memory_info().rss >> 20 for process in processes],
        )

    descriptors, memory = run(10)
    more, larger = run(50)
    for now, then in zip(more, descriptors, strict=True):
        assert now <= then + 3  # a leak of one per notebook would be 50
    assert larger[0] <= memory[0] + 1
    assert larger[1] <= memory[1] + 15

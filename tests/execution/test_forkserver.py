"""Forked processes and kernels: they are as fresh ones, and nothing outlives its owner.

The templates are real, and so is what kills them. What a framework's import could do,
small modules do here; the frameworks themselves come last.
"""

from __future__ import annotations

import gc
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from tabbook import environments
from tabbook.base.config import Config, load
from tabbook.base.errors import Problem
from tabbook.cli import main as cli
from tabbook.execution import planner, runner
from tabbook.execution.forkserver import client as forkserver
from tabbook.execution.forkserver import server
from tabbook.execution.forkserver.client import NoForkError, Template
from tabbook.notebooks import store
from tabbook.source import book
from tabbook.verification import verify
from tests.support.paths import ROOT

SOON = 10
"""Seconds in which what has to end is gone."""

MODULES = {
    "quiet": "",
    "sets": "import os\nos.environ['SET_BY_IMPORT'] = 'yes'",
    "slow": "import time\ntime.sleep(1)",
    "dies": "import os\nos._exit(1)",
    "loud": "print('said at import')",
    "native": "import os\nos.system('echo said by C')",
    "warns": "import warnings\nwarnings.warn('old', DeprecationWarning, stacklevel=2)",
    "broken": "raise ValueError('not today')",
    "threaded": (
        "import threading\nnever = threading.Event()\n"
        "for _ in range(3):\n"
        "    threading.Thread(target=never.wait, daemon=True).start()"
    ),
    "logs": (
        "import logging\nlog = logging.getLogger('logs')\n"
        "log.addHandler(logging.StreamHandler())\nlog.setLevel(logging.INFO)"
    ),
    # Stops its threads before a fork and starts them after it, as MXNet does.
    "engine": """
import os, threading
workers = []
def start():
    global stopped
    stopped = threading.Event()
    for _ in range(4):
        workers.append(threading.Thread(target=stopped.wait, daemon=True))
        workers[-1].start()
def stop():
    if workers:
        stopped.set()
        for one in workers:
            one.join()
        workers.clear()
os.register_at_fork(before=stop, after_in_parent=start, after_in_child=start)
""",
}


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of modules, for PYTHONPATH."""
    folder = tmp_path_factory.mktemp("modules")
    for name, text in MODULES.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    return folder


@pytest.fixture
def start(modules: Path) -> Iterator[Callable[..., Template]]:
    """Return a function that starts a template; it ends with the test."""
    started: list[Template] = []

    def begin(*names: str) -> Template:
        env = {**os.environ, "PYTHONPATH": str(modules)}
        started.append(
            Template([sys.executable, "", " ".join(names or ["quiet"])], env)
        )
        return started[-1]

    yield begin
    for one in started:
        one.close()


HERE = server.Request([], {}, "/", [])

Fork = Callable[..., forkserver.Forked]


@pytest.fixture
def fork(tmp_path: Path, modules: Path) -> Fork:
    """Return a function that forks a process which runs some code."""

    def run(made: Template, code: str, **env: str) -> forkserver.Forked:
        name = f"code{time.monotonic_ns()}"
        (tmp_path / f"{name}.py").write_text(code, "utf-8")
        variables = {**os.environ, "PYTHONPATH": str(modules), **env}
        argv = ["-m", name, "one", "two"]
        return forkserver.fork(made.address, argv, env=variables, cwd=tmp_path)

    return run


def process_of(made: Template) -> psutil.Process:
    return psutil.Process(made._process.pid)


def children(made: Template) -> list[psutil.Process]:
    return process_of(made).children(recursive=True)


def wait_for(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


def gone(pids: list[int]) -> bool:
    return not any(_runs(pid) for pid in pids)


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


# A forked process is what a fresh one would be.


def test_a_fork_has_what_it_was_given(start, fork, capfd, tmp_path: Path) -> None:
    code = (
        "import json, os, sys\nprint(json.dumps([sys.argv[1:], os.getcwd(), __name__, "
        "os.environ.get('MINE'), sys.path[0], os.getsid(0) == os.getpid(), "
        "sys.stdin.fileno(), len(os.listdir('/proc/self/fd'))]))"
    )
    made = start()
    process = fork(made, code, MINE="set")
    assert process.wait(SOON) == 0
    told = json.loads(capfd.readouterr().out)
    here = str(tmp_path)
    assert told == [["one", "two"], here, "__main__", "set", here, True, 0, 4]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("", 0),
        ("import sys\nsys.exit(3)", 3),
        ("1 / 0", 1),
        ("import os\nos._exit(7)", 7),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", -9),
    ],
)
def test_its_end_is_told(start, fork, code: str, status: int) -> None:
    process = fork(start(), code)
    assert process.wait(SOON) == status
    assert process.poll() == status
    process.kill()  # of what has ended, that is nothing


def test_its_end_is_told_to_every_thread(start, fork) -> None:
    process = fork(start(), "import time\ntime.sleep(0.5)\nraise SystemExit(3)")
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(process.wait, [SOON] * 3)) == [3, 3, 3]


def test_variables_are_those_given_and_no_others(start, fork, capfd) -> None:
    code = "import subprocess\nsubprocess.run(['/usr/bin/env'])"
    process = fork(start(), code, ONLY="this")
    assert process.wait(SOON) == 0
    shown = dict(one.split("=", 1) for one in capfd.readouterr().out.splitlines())
    assert shown["ONLY"] == "this"
    assert set(shown) <= {*os.environ, "ONLY", "PYTHONPATH"}


def test_pythons_random_numbers_differ(start, fork, capfd) -> None:
    made = start()
    for _ in range(2):
        fork(made, "import random\nprint(random.random())").wait(SOON)
    first, second = capfd.readouterr().out.split()
    assert first != second


def test_modules_are_there_already(start, fork, capfd) -> None:
    code = "import sys\nprint('quiet' in sys.modules)"
    fork(start("quiet"), code).wait(SOON)
    assert capfd.readouterr().out == "True\n"


# What cannot be forked is refused, with the reason.


@pytest.mark.parametrize(
    ("module", "why"),
    [
        ("loud", "prints 'said at import"),
        ("native", "prints 'said by C"),
        ("warns", "DeprecationWarning: old"),
        ("broken", "importing broken there raised ValueError('not today')"),
        ("nowhere", "ModuleNotFoundError"),
        ("threaded", "4 threads run after its imports"),
    ],
)
def test_what_would_differ_is_refused(start, fork, module: str, why: str) -> None:
    made = start(module)
    with pytest.raises(NoForkError) as refused:
        fork(made, "")
    assert why in str(refused.value)
    assert made.refusal == str(refused.value)
    assert made.alive
    assert not children(made)


def test_threads_that_stop_for_a_fork_are_no_reason(start, fork, capfd) -> None:
    made = start("engine")
    code = "import threading\nprint(threading.active_count())"
    for _ in range(5):
        assert fork(made, code).wait(SOON) == 0
    assert capfd.readouterr().out == "5\n" * 5
    assert process_of(made).num_threads() == 5
    assert made.refusal == ""


def test_a_thread_that_comes_later_is_a_reason(start, fork) -> None:
    made = start()
    fork(made, "").wait(SOON)
    made_server = server.Server.__new__(server.Server)
    made_server._refusal, made_server._threads = "", 2
    never = threading.Event()
    threads = [threading.Thread(target=never.wait) for _ in range(3)]
    for one in threads:
        one.start()
    try:
        assert "threads run" in (made_server._why_not(HERE) or "")
    finally:
        never.set()
        for one in threads:
            one.join()


def test_a_gpu_in_use_is_no_word_worth(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made_server = server.Server.__new__(server.Server)
    made_server._refusal, made_server._threads = "", 1000
    assert made_server._why_not(HERE) is None
    monkeypatch.setattr(server, "GPUS", (str(tmp_path / "nvidia"),))
    with (tmp_path / "nvidia0").open("w"):
        assert made_server._why_not(HERE) == ""


# Who dies harms nobody, and nobody outlives its owner.

SLEEPER = (
    "import subprocess, sys, time\n"
    "one = subprocess.Popen(['sleep', '600'])\n"
    "two = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
    "print(one.pid, two.pid, flush=True)\ntime.sleep(600)"
)


def test_a_killed_one_harms_no_sibling(start, fork, capfd) -> None:
    made = start()
    sibling = fork(made, "import time\ntime.sleep(0.5)\nprint('well')")
    victim = fork(made, "import time\ntime.sleep(600)")
    os.kill(victim.pid, signal.SIGKILL)
    assert victim.wait(SOON) == -9
    assert sibling.wait(SOON) == 0
    assert capfd.readouterr().out == "well\n"
    assert fork(made, "print('after')").wait(SOON) == 0


def test_one_that_hangs_is_killed_with_its_group(start, fork, capfd) -> None:
    made = start()
    process = fork(made, SLEEPER)
    shown: list[str] = []
    wait_for(lambda: shown.append(capfd.readouterr().out) or "\n" in "".join(shown))
    first, second = map(int, "".join(shown).split())
    process.kill()
    assert process.wait(SOON) == -9
    wait_for(lambda: gone([first]))
    made.close()  # what has a session of its own lasts until here
    assert gone([second])


def test_one_that_ends_takes_its_group_along(start, fork, capfd) -> None:
    made = start()
    code = "import subprocess\nprint(subprocess.Popen(['sleep', '600']).pid)"
    assert fork(made, code).wait(SOON) == 0
    started = int(capfd.readouterr().out)
    wait_for(lambda: gone([started]))


def test_an_interrupt_reaches_it(start, fork) -> None:
    code = (
        "import time\ntry:\n    time.sleep(600)\n"
        "except KeyboardInterrupt:\n    raise SystemExit(5)"
    )
    made = start()
    process = fork(made, code)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(SOON) == 5
    assert made.alive


def test_who_hangs_up_ends_it(start, fork) -> None:
    made = start()
    process = fork(made, "import time\ntime.sleep(600)")
    process._connection.close()
    process.stdin.close()
    wait_for(lambda: gone([process.pid]))
    assert made.alive


def test_who_hangs_up_while_it_imports_is_not_forked(
    start, tmp_path: Path, capfd
) -> None:
    made = start("slow")
    (tmp_path / "ghost.py").write_text("print('boo')", "utf-8")
    request = {"argv": ["-m", "ghost"], "env": {}, "cwd": str(tmp_path)}
    with forkserver._connected(made.address) as connection:
        packet = [json.dumps(request).encode()]
        socket.send_fds(connection, packet, [0, 1, 2])
    assert made.refusal == ""  # it has imported, and has come to this question
    assert not children(made)
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    "packet",
    [b"{", b"[]", b"{}", b'{"argv": []}', b'{"argv": 1, "more": 2}', b"\xff"],
)
def test_an_odd_request_harms_nobody(start, fork, packet: bytes) -> None:
    made = start()
    sibling = fork(made, "import time\ntime.sleep(600)")
    assert made.refusal == ""  # all that came before this question is done
    before = process_of(made).num_fds()
    for descriptors in ([0, 1, 2], []):
        with forkserver._connected(made.address) as connection:
            socket.send_fds(connection, [packet], descriptors)
            forkserver._readable(connection, SOON)
    wait_for(lambda: process_of(made).num_fds() <= before)
    assert made.refusal == ""
    assert sibling.poll() is None
    sibling.kill()
    assert sibling.wait(SOON) == -9


def test_a_template_that_dies_leaves_nothing(
    modules: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    env = {**os.environ, "PYTHONPATH": str(modules)}
    gc.collect()  # what other tests left open is not looked at
    before = psutil.Process().num_fds()
    for _ in range(3):
        made = forkserver.template([sys.executable, "", "dies"], env)
        assert made
        with pytest.raises(NoForkError):
            forkserver.fork(made.address, ["-m", "x"], env=env, cwd="/")
        wait_for(lambda one=made: not one.alive)
    forkserver.close()
    assert not list(tmp_path.iterdir())
    assert psutil.Process().num_fds() <= before


def test_a_missing_folder_is_left_to_a_fresh_start(start) -> None:
    with pytest.raises(NoForkError):
        forkserver.fork(start().address, ["-m", "x"], env={}, cwd="/nowhere")


def test_a_killed_template_takes_its_processes_along(start, fork) -> None:
    made = start()
    process = fork(made, "import time\ntime.sleep(600)")
    process_of(made).kill()
    assert process.wait(SOON) == -9
    wait_for(lambda: gone([process.pid]))


def test_nothing_outlives_a_killed_owner(tmp_path: Path) -> None:
    (tmp_path / "sleeper.py").write_text(SLEEPER, "utf-8")
    code = (
        "import os, sys\nfrom tabbook.execution.forkserver import client as forking\n"
        "made = forking.template([sys.executable, '', 'json'], os.environ)\n"
        f"forking.fork(made.address, ['-m', 'sleeper'], env=os.environ, "
        f"cwd={str(tmp_path)!r}).wait()"
    )
    owner = psutil.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout
    started = [int(pid) for pid in owner.stdout.readline().split()]
    family = [one.pid for one in owner.children(recursive=True)]
    assert {*started} <= {*family}
    folder = Path(
        next(
            one.laddr
            for pid in family
            for one in psutil.Process(pid).net_connections("unix")
            if one.laddr and one.laddr.endswith("/template")
        )
    ).parent
    owner.kill()
    owner.wait()
    owner.stdout.close()
    wait_for(lambda: gone(family))
    wait_for(lambda: not folder.exists())


def test_a_dead_template_is_replaced(fork, modules: Path) -> None:
    command = [sys.executable, "", "quiet"]
    env = {**os.environ, "PYTHONPATH": str(modules)}
    first = forkserver.template(command, env)
    assert first
    assert forkserver.template(command, env) is first
    process_of(first).kill()
    wait_for(lambda: not first.alive)
    second = forkserver.template(command, env)
    assert second
    assert second is not first
    assert fork(second, "").wait(SOON) == 0
    first.close()
    forkserver.close()
    assert not second.alive


# Kernels, by way of whatever starts kernels.

SECTION = "# 一\n\n```{{.python .input}}\n%%tab left\n{code}\n```\n"
CONFIG = """[project]
title = 本
lang = ja
[build]
notebooks = index.md chapter_*/*.md
tabs = left
[tabbook]
timeout = 60
[framework-left]
preload = {module}
variables = PYTHONPATH={folder}
"""


@pytest.fixture
def one_cell(make_book, light_environments, modules: Path) -> Iterator[MakeOne]:
    """Return a function that makes a book of one cell with a module to preload."""

    def make(code: str, module: str = "quiet") -> Config:
        files = {
            "index.md": "# 本\n\n```toc\nchapter_a/one\n```\n",
            "chapter_a/one.md": SECTION.format(code=code),
        }
        return make_book(files, CONFIG.format(module=module, folder=modules))

    yield make
    forkserver.close()


MakeOne = Callable[..., Config]


def built(config: Config) -> tuple[planner.Outcome, list[Problem]]:
    warned: list[Problem] = []
    loaded = book.load(config)
    steps = planner.plan(loaded, loaded.sections, config.frameworks, force=True)
    progress = planner.Progress(warned=warned.extend)
    (outcome,) = planner.run(loaded, steps, progress=progress)
    return outcome, warned


def bytes_of(config: Config) -> bytes:
    return (config.notebooks / "left/chapter_a/one.ipynb").read_bytes()


def output(config: Config) -> str:
    cells = json.loads(bytes_of(config))["cells"]
    return "".join(
        "".join(one.get("text", one.get("data", {}).get("text/plain", "")))
        for cell in cells
        for one in cell.get("outputs", ())
    )


IS_FORKED = "import sys\nprint('quiet' in sys.modules)"


def test_kernels_are_forked_unless_asked_otherwise(one_cell: MakeOne) -> None:
    config = one_cell(IS_FORKED)
    built(config)
    assert output(config) == "True\n"
    built(replace(config, fresh_kernels=True))
    assert output(config) == "False\n"


def test_other_pins_are_another_template(one_cell: MakeOne) -> None:
    config = one_cell("import quiet\nprint(getattr(quiet, 'version', 0))")
    built(config)
    pins = config.default.environment
    pins.write_text(pins.read_text("utf-8") + "another==1\n", "utf-8")
    first = {one._process.pid for one in forkserver._TEMPLATES.values()}
    built(config)
    assert {one._process.pid for one in forkserver._TEMPLATES.values()} > first


def test_a_framework_with_nothing_to_preload_is_not_forked(one_cell: MakeOne) -> None:
    config = one_cell(IS_FORKED, module="")
    assert built(config)[1] == []
    assert output(config) == "False\n"
    assert not forkserver._TEMPLATES


def test_where_no_fork_is_possible_nothing_is_said(
    one_cell: MakeOne, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    config = one_cell(IS_FORKED)
    outcome, warned = built(config)
    assert (outcome.failure, warned) == (None, [])
    assert output(config) == "False\n"


@pytest.mark.parametrize("reason", ["no such interpreter", "long temporary folder"])
def test_a_template_that_cannot_start_is_none(
    reason: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path
    command = [str(tmp_path / "nothing"), "", "json"]
    if reason == "long temporary folder":
        folder, command = tmp_path / ("x" * 100), [sys.executable, "", "json"]
        folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    assert forkserver.template(command, os.environ) is None
    assert not list(folder.iterdir())


@pytest.mark.parametrize("module", ["loud", "threaded", "broken", "warns"])
def test_where_forks_would_differ_kernels_are_fresh_and_that_is_said(
    one_cell: MakeOne, module: str
) -> None:
    code = f"try:\n    import {module}\nexcept ValueError as error:\n    print(error)"
    config = one_cell(code, module=module)
    outcome, (problem,) = built(config)
    assert outcome.failure is None
    assert (problem.name, problem.severity) == ("not-forked", "warning")
    assert problem.message.startswith("[left] kernels are started afresh")
    shown = output(config)
    assert {"threaded": "", "warns": "DeprecationWarning"}.get(module, "t") in shown
    fresh = replace(config, fresh_kernels=True)
    assert built(fresh)[1] == []
    assert KERNELS_OWN.sub("", output(config)) == KERNELS_OWN.sub("", shown)
    assert built(replace(config, silenced=frozenset({"not-forked"})))[1] == []


KERNELS_OWN = re.compile(r"ipykernel_\d+")
"""What a warning says of the kernel it comes from."""

SAME = {
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
"""What a cell could tell a forked kernel by."""


@pytest.mark.parametrize("what", SAME)
def test_a_cell_sees_the_same(one_cell: MakeOne, what: str) -> None:
    modules = {"logger of an import": "logs", "variables of an import": "sets"}
    module = {**modules, "engine": "engine"}.get(what, "quiet")
    config = one_cell(SAME[what], module=module)
    outcome, warned = built(config)
    assert (outcome.failure, warned) == (None, [])
    assert output(config)
    forked = bytes_of(config)
    built(replace(config, fresh_kernels=True))
    assert bytes_of(config) == forked


def test_nbval_has_its_kernels_forked(one_cell: MakeOne) -> None:
    config = one_cell(IS_FORKED)
    built(config)
    loaded = book.load(config)
    verdict = verify.verify(loaded, loaded.sections, config.frameworks, jobs=1)
    assert [one.message for one in verdict.problems] == []
    fresh = replace(loaded, config=replace(config, fresh_kernels=True))
    (problem,) = verify.verify(
        fresh, fresh.sections, config.frameworks, jobs=1
    ).problems
    assert "-True\n" in problem.message
    assert "+False" in problem.message


def test_jupyter_starts_interrupts_and_restarts_them(one_cell: MakeOne) -> None:
    config = one_cell(IS_FORKED)
    made = environments.prepare(config, config.default)
    specs = KernelSpecManager(kernel_dirs=[str(made.jupyter_forking / "kernels")])
    manager = KernelManager(kernel_name="python3", kernel_spec_manager=specs)
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=SOON)
        assert answer(client, "'quiet' in __import__('sys').modules") == "True"
        message = client.execute("import time; time.sleep(600)")
        time.sleep(0.5)
        manager.interrupt_kernel()
        reply = client.get_shell_msg(timeout=SOON)
        assert reply["parent_header"]["msg_id"] == message
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        first = manager.provisioner.pid
        manager.restart_kernel(now=True)
        client.wait_for_ready(timeout=SOON)
        assert answer(client, "6 * 7") == "42"
        assert manager.provisioner.pid != first
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
    assert not manager.is_alive()
    (made_template,) = forkserver._TEMPLATES.values()
    wait_for(lambda: not children(made_template))


def answer(client, code: str) -> str:
    client.execute("", user_expressions={"asked": code})
    reply = client.get_shell_msg(timeout=SOON)
    return str(reply["content"]["user_expressions"]["asked"]["data"]["text/plain"])


def test_the_command_line_asks_for_fresh_kernels(one_cell: MakeOne) -> None:
    config = one_cell(IS_FORKED)
    arguments = ["-C", str(config.root), "run", "--force"]
    assert cli.main(arguments) == 0
    assert output(config) == "True\n"
    assert cli.main([*arguments, "--fresh-kernels"]) == 0
    assert output(config) == "False\n"


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_no_process_outlives_a_build(
    one_cell: MakeOne, number: str, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    code = (
        "import os, subprocess, time\n"
        "made = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{made.pid}}')\n"
        "time.sleep(600)"
    )
    config = one_cell(code)
    environments.prepare(config, config.default)  # as the command is to find it
    command = [sys.executable, "-m", "tabbook", "-C", str(config.root), "run"]
    owner = psutil.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    wait_for(lambda: pids.is_file() and " " in pids.read_text("utf-8"))
    family = [one.pid for one in owner.children(recursive=True)]
    assert {int(pid) for pid in pids.read_text("utf-8").split()} <= {*family}
    owner.send_signal(getattr(signal, number))
    owner.wait(SOON)  # and not for as long as the cell may take
    wait_for(lambda: gone(family))


@pytest.mark.slow
def test_nothing_grows_over_200_notebooks(one_cell: MakeOne) -> None:
    config = one_cell("x = [0] * 100_000\nprint(len(x))")
    loaded = book.load(config)
    (step,) = planner.plan(loaded, loaded.sections, config.frameworks, force=True)
    made = environments.prepare(config, config.default)
    kernels = forkserver.kernels(config, config.default, made)
    job = planner._job(loaded, step, kernels.jupyter)

    def run(count: int) -> tuple[list[int], list[int]]:
        """Return descriptors and MiB of the template and of this process."""
        with planner.local_executor(config) as executor:
            for result in executor.map(runner.run, [job] * count):
                assert result.failure is None
        (one,) = forkserver._TEMPLATES.values()
        wait_for(lambda: not children(one))
        looked_at = [process_of(one), psutil.Process()]
        return (
            [process.num_fds() for process in looked_at],
            [process.memory_info().rss >> 20 for process in looked_at],
        )

    descriptors, memory = run(20)
    more, larger = run(200)
    for now, then in zip(more, descriptors, strict=True):
        assert now <= then + 3  # one leaked a notebook would be 200
    assert larger[0] <= memory[0] + 1
    assert larger[1] <= memory[1] + 30


# The frameworks themselves.

CONFIG_HERE = load(ROOT)
BOOK = book.load(CONFIG_HERE)
RANDOM = {
    "mxnet": "import mxnet as mx\nprint(mx.np.random.uniform(size=(2,)))",
    "pytorch": (
        "import numpy, torch\nprint(torch.rand(2), numpy.random.rand(2))\n"
        "torch.manual_seed(1)\nnumpy.random.seed(1)\n"
        "print('seeded', torch.rand(2), numpy.random.rand(2))"
    ),
    "tensorflow": (
        "import numpy, tensorflow as tf\n"
        "print(tf.random.uniform((2,)), tf.keras.layers.Dense(2)(tf.ones((1, 2))))\n"
        "tf.keras.utils.set_random_seed(1)\n"
        "print('seeded', tf.random.uniform((2,)), numpy.random.rand(2))"
    ),
}


@pytest.fixture(scope="module")
def fresh_notebooks() -> FreshNotebooks:
    """Execute every notebook in a kernel that was not forked."""
    loaded = book.load(CONFIG_HERE)
    steps = planner.plan(loaded, loaded.sections, CONFIG_HERE.frameworks, force=True)
    config = replace(CONFIG_HERE, fresh_kernels=True)
    notebooks: FreshNotebooks = {}
    jobs = []
    for step in steps:
        environment = environments.prepare(config, step.framework)
        jupyter = forkserver.kernels(config, step.framework, environment).jupyter
        jobs.append(planner._job(loaded, step, jupyter))
    with planner.local_executor(config) as executor:
        for job, result in runner.run_all(jobs, executor):
            assert result.failure is None, job.name
            notebooks[job.section, job.framework] = result.notebook
    return notebooks


FreshNotebooks = dict[tuple[str, str], store.NotebookNode]


@pytest.mark.slow
@pytest.mark.xdist_group("fresh kernels")
@pytest.mark.kernels
@pytest.mark.parametrize(
    ("section", "framework"),
    [
        pytest.param(one, framework, id=f"{one.name}-{framework.name}")
        for one in BOOK.sections
        for framework in BOOK.frameworks_of(one)
    ],
)
def test_fresh_kernel_gives_the_committed_outputs(
    fresh_notebooks: FreshNotebooks, section, framework
) -> None:
    """So does a forked one: ``tabbook verify`` executes every notebook in one."""
    fresh = fresh_notebooks[section.name, framework.name]
    committed = store.load(CONFIG_HERE, section, framework)
    assert committed
    assert store.text(_stamped(fresh, framework, committed)) == store.text(committed)


def _stamped(fresh, framework, committed) -> store.NotebookNode:
    """Return an executed notebook with the metadata that storing it adds."""
    versions = committed.metadata["tabbook"]["versions"]
    return store.stamp(CONFIG_HERE, framework, fresh, versions)


@pytest.mark.kernels
@pytest.mark.parametrize("framework", CONFIG_HERE.frameworks, ids=lambda one: one.name)
def test_random_streams_are_those_of_fresh_kernels(framework) -> None:
    """Seeded they are equal; unseeded they differ where those of fresh kernels do."""
    config = CONFIG_HERE
    made = environments.prepare(config, framework)
    told: dict[bool, list[list[str]]] = {}
    for fresh in (True, False):
        kernels = forkserver.kernels(
            replace(config, fresh_kernels=fresh), framework, made
        )
        notebook = store.nbformat.v4.new_notebook(
            cells=[store.nbformat.v4.new_code_cell(RANDOM[framework.name])]
        )
        jupyter, root, name = str(kernels.jupyter), str(ROOT), framework.name
        job = runner.Job("one", name, notebook, (1,), jupyter, root, (), 60)
        results = [runner.run(job) for _ in range(2)]
        assert [one.failure for one in results] == [None, None]
        texts = [one.notebook.cells[0].outputs[0].text for one in results]
        told[fresh] = [one.split("seeded") for one in texts]
    for fresh, forked in zip(*told.values(), strict=True):
        assert fresh[1:] == forked[1:]
    differ = {way: one[0] != other[0] for way, (one, other) in told.items()}
    assert differ[True] == differ[False]
    assert differ[True] or framework.name == "mxnet"

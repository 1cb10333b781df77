"""A forked process equals a fresh one."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest

from tests.support.forks import ForkCode, StartServer
from tests.support.waiting import PATIENCE


def test_child_gets_arguments_folder_variables_and_streams(
    start_server: StartServer,
    fork_code: ForkCode,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    code = (
        "import json, os, sys\nprint(json.dumps([sys.argv[1:], os.getcwd(), __name__, "
        "os.environ.get('MINE'), sys.path[0], os.getsid(0) == os.getpid(), "
        "sys.stdin.fileno(), len(os.listdir('/proc/self/fd'))]))"
    )
    process = fork_code(start_server(), code, MINE="set")
    assert process.wait(PATIENCE) == 0
    printed = json.loads(capfd.readouterr().out)
    here = str(tmp_path)
    assert printed == [["one", "two"], here, "__main__", "set", here, True, 0, 4]


def test_child_has_only_the_variables_of_its_request(
    start_server: StartServer, fork_code: ForkCode, capfd: pytest.CaptureFixture[str]
) -> None:
    code = "import subprocess\nsubprocess.run(['/usr/bin/env'])"
    process = fork_code(start_server(), code, ONLY="this")
    assert process.wait(PATIENCE) == 0
    lines = capfd.readouterr().out.splitlines()
    variables = dict(line.split("=", 1) for line in lines)
    assert variables["ONLY"] == "this"
    assert set(variables) <= {*os.environ, "ONLY", "PYTHONPATH"}


def test_children_have_different_random_numbers(
    start_server: StartServer, fork_code: ForkCode, capfd: pytest.CaptureFixture[str]
) -> None:
    server = start_server()
    for _ in range(2):
        fork_code(server, "import random\nprint(random.random())").wait(PATIENCE)
    first, second = capfd.readouterr().out.split()
    assert first != second


def test_child_has_imported_modules_and_no_engine(
    start_server: StartServer, fork_code: ForkCode, capfd: pytest.CaptureFixture[str]
) -> None:
    code = (
        "import sys\nprint('quiet' in sys.modules)\n"
        "print([name for name in sys.modules if name.startswith('tabbook')])"
    )
    fork_code(start_server("quiet"), code).wait(PATIENCE)
    assert capfd.readouterr().out == "True\n[]\n"


def test_temporary_files_are_left_neither_by_imports_nor_by_children(
    start_server: StartServer,
    fork_code: ForkCode,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    for name in ("machine", "kernel"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "machine"))
    server = start_server("compiles")
    code = "import os, tempfile\nprint(os.environ['COMPILED'], tempfile.gettempdir())"
    kernel = str(tmp_path / "kernel")
    assert fork_code(server, code, TMPDIR=kernel).wait(PATIENCE) == 0
    assert capfd.readouterr().out.split() == [f"{kernel}/made", kernel]
    server.close()
    assert not list((tmp_path / "machine").iterdir())

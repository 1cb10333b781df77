"""Fork servers are started on demand, and nothing outlives its owner."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from tabbook.execution.forkserver import client, servers
from tabbook.execution.forkserver.client import ForkRefusedError
from tests.support.forks import SLEEPER, ForkCode, StartServer, all_ended, process_of
from tests.support.paths import ROOT
from tests.support.waiting import PATIENCE, wait_for


def test_server_that_dies_leaves_no_files_and_descriptors(
    modules: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    env = {**os.environ, "PYTHONPATH": str(modules)}
    gc.collect()  # closes what other tests left open
    before = psutil.Process().num_fds()
    for _ in range(3):
        server = servers.fork_server_for([sys.executable, "", "dies"], env)
        assert server
        with pytest.raises(ForkRefusedError):
            client.fork(server.address, ["-m", "x"], env=env, cwd="/")
        wait_for(lambda server=server: not server.alive)
    servers.close_servers()
    assert not list(tmp_path.iterdir())
    assert psutil.Process().num_fds() <= before


def test_killed_server_takes_its_children_along(
    start_server: StartServer, fork_code: ForkCode
) -> None:
    server = start_server()
    process = fork_code(server, "import time\ntime.sleep(600)")
    process_of(server).kill()
    assert process.wait(PATIENCE) == -9
    wait_for(lambda: all_ended([process.pid]))


def test_killed_owner_takes_everything_along(tmp_path: Path) -> None:
    (tmp_path / "sleeper.py").write_text(SLEEPER, "utf-8")
    code = (
        "import os, sys\nfrom tabbook.execution.forkserver import client, servers\n"
        "server = servers.fork_server_for([sys.executable, '', 'json'], os.environ)\n"
        f"client.fork(server.address, ['-m', 'sleeper'], env=os.environ, "
        f"cwd={str(tmp_path)!r}).wait()"
    )
    command = [sys.executable, "-c", code]
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    owner = psutil.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    assert owner.stdout
    started = [int(pid) for pid in owner.stdout.readline().split()]
    family = [process.pid for process in owner.children(recursive=True)]
    assert {*started} <= {*family}
    (folder,) = tmp_path.glob("tabbook-*")
    owner.kill()
    owner.wait()
    owner.stdout.close()
    wait_for(lambda: all_ended(family))
    wait_for(lambda: not folder.exists())


def test_dead_server_is_replaced(fork_code: ForkCode, modules: Path) -> None:
    command = [sys.executable, "", "quiet"]
    env = {**os.environ, "PYTHONPATH": str(modules)}
    first = servers.fork_server_for(command, env)
    assert first
    assert servers.fork_server_for(command, env) is first
    process_of(first).kill()
    wait_for(lambda: not first.alive)
    second = servers.fork_server_for(command, env)
    assert second
    assert second is not first
    assert fork_code(second, "").wait(PATIENCE) == 0
    first.close()
    servers.close_servers()
    assert not second.alive


def test_server_that_cannot_start_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    command = [str(tmp_path / "nothing"), "", "json"]
    assert servers.fork_server_for(command, os.environ) is None
    assert not list(tmp_path.iterdir())


def test_server_starts_where_temporary_files_have_long_paths(
    fork_code: ForkCode, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / ("x" * 100)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    server = servers.fork_server_for([sys.executable, "", "json"], os.environ)
    assert server
    assert fork_code(server, "").wait(PATIENCE) == 0
    servers.close_servers()
    assert not server.alive

"""The fork server handles requests, signals and faults of its clients."""

from __future__ import annotations

import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tabbook.execution.forkserver import client, protocol
from tests.support.forks import (
    SLEEPER,
    ForkCode,
    StartServer,
    all_ended,
    children,
    process_of,
)
from tests.support.waiting import PATIENCE, wait_for

SLEEP = "import time\ntime.sleep(600)"


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
def test_exit_status_is_reported(
    start_server: StartServer, fork_code: ForkCode, code: str, status: int
) -> None:
    process = fork_code(start_server(), code)
    assert process.wait(PATIENCE) == status
    assert process.poll() == status
    process.kill()  # without effect after the end


def test_exit_status_is_reported_to_every_waiting_thread(
    start_server: StartServer, fork_code: ForkCode
) -> None:
    code = "import time\ntime.sleep(0.5)\nraise SystemExit(3)"
    process = fork_code(start_server(), code)
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(process.wait, [PATIENCE] * 3)) == [3, 3, 3]


def test_killed_child_does_not_affect_its_siblings(
    start_server: StartServer, fork_code: ForkCode, capfd: pytest.CaptureFixture[str]
) -> None:
    server = start_server()
    sibling = fork_code(server, "import time\ntime.sleep(0.5)\nprint('well')")
    victim = fork_code(server, SLEEP)
    os.kill(victim.pid, signal.SIGKILL)
    assert victim.wait(PATIENCE) == -9
    assert sibling.wait(PATIENCE) == 0
    assert capfd.readouterr().out == "well\n"
    assert fork_code(server, "print('after')").wait(PATIENCE) == 0


def test_killed_child_takes_its_process_group_along(
    start_server: StartServer, fork_code: ForkCode, capfd: pytest.CaptureFixture[str]
) -> None:
    server = start_server()
    process = fork_code(server, SLEEPER)
    printed: list[str] = []
    wait_for(lambda: printed.append(capfd.readouterr().out) or "\n" in "".join(printed))
    same_session, other_session = map(int, "".join(printed).split())
    process.kill()
    assert process.wait(PATIENCE) == -9
    wait_for(lambda: all_ended([same_session]))
    server.close()  # only this ends what has a session of its own
    assert all_ended([other_session])


def test_ended_child_takes_its_process_group_along(
    start_server: StartServer, fork_code: ForkCode, capfd: pytest.CaptureFixture[str]
) -> None:
    code = "import subprocess\nprint(subprocess.Popen(['sleep', '600']).pid)"
    assert fork_code(start_server(), code).wait(PATIENCE) == 0
    grandchild = int(capfd.readouterr().out)
    wait_for(lambda: all_ended([grandchild]))


@pytest.mark.parametrize(
    "inherited",
    [signal.default_int_handler, signal.SIG_IGN],
    ids=["foreground", "background"],
)
def test_interrupt_reaches_the_child(
    start_server: StartServer,
    fork_code: ForkCode,
    tmp_path: Path,
    inherited: signal.Handlers,
) -> None:
    """Also if a shell started the build in the background, with SIGINT ignored."""
    started = tmp_path / "started"
    code = (
        f"import pathlib, time\ntry:\n    pathlib.Path({str(started)!r}).touch()\n"
        "    time.sleep(600)\nexcept KeyboardInterrupt:\n    raise SystemExit(5)"
    )
    own = signal.signal(signal.SIGINT, inherited)
    try:
        server = start_server()
    finally:
        signal.signal(signal.SIGINT, own)
    process = fork_code(server, code)
    wait_for(started.exists)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 5
    assert server.alive


def test_child_is_killed_when_its_client_disconnects(
    start_server: StartServer, fork_code: ForkCode
) -> None:
    server = start_server()
    process = fork_code(server, SLEEP)
    process.disconnect()
    wait_for(lambda: all_ended([process.pid]))
    assert server.alive


def test_client_that_disconnects_during_imports_gets_no_child(
    start_server: StartServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    server = start_server("slow")
    (tmp_path / "ghost.py").write_text("print('boo')", "utf-8")
    request = {"argv": ["-m", "ghost"], "env": {}, "cwd": str(tmp_path)}
    with client.connect(server.address) as connection:
        protocol.send(connection, request, [0, 1, 2])
    assert server.refusal == ""  # a reply after the imports and the request
    assert not children(server)
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    "packet",
    [b"{", b"[]", b"1", b"{}", b'{"argv": []}', b'{"argv": 1, "more": 2}', b"\xff"],
)
def test_invalid_request_is_ignored(
    start_server: StartServer, fork_code: ForkCode, packet: bytes
) -> None:
    server = start_server()
    sibling = fork_code(server, SLEEP)
    assert server.refusal == ""  # a reply after all earlier requests
    before = process_of(server).num_fds()
    for descriptors in ([0, 1, 2], []):
        with client.connect(server.address) as connection:
            socket.send_fds(connection, [packet], descriptors)
            client.is_readable(connection, PATIENCE)
    wait_for(lambda: process_of(server).num_fds() <= before)
    assert server.refusal == ""
    assert sibling.poll() is None
    sibling.kill()
    assert sibling.wait(PATIENCE) == -9


def test_idle_server_reaps_orphans(
    start_server: StartServer, fork_code: ForkCode
) -> None:
    server = start_server()
    code = "import os, time\nif not os.fork():\n    os.setsid()\n    time.sleep(1)"
    assert fork_code(server, code).wait(PATIENCE) == 0
    time.sleep(1)
    wait_for(lambda: not children(server))

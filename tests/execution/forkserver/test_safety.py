"""The fork server refuses where a child would differ from a fresh process."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tabbook.execution.forkserver import client, safety
from tabbook.execution.forkserver.client import ForkRefusedError
from tabbook.execution.forkserver.safety import ForkSafety
from tests.support.forks import ForkCode, StartServer, children, process_of
from tests.support.waiting import PATIENCE


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("loud", "prints 'said at import"),
        ("native", "prints 'said by C"),
        ("warns", "DeprecationWarning: old"),
        ("broken", "importing broken there raised ValueError('not today')"),
        ("nowhere", "ModuleNotFoundError"),
        ("threaded", "4 threads run after its imports"),
    ],
)
def test_fork_server_refuses_imports_that_children_would_show(
    start_server: StartServer, fork_code: ForkCode, module: str, reason: str
) -> None:
    server = start_server(module)
    with pytest.raises(ForkRefusedError) as refused:
        fork_code(server, "")
    assert reason in str(refused.value)
    assert server.refusal == str(refused.value)
    assert server.alive
    assert not children(server)


def test_fork_server_accepts_threads_that_stop_before_a_fork(
    start_server: StartServer, fork_code: ForkCode, capfd: pytest.CaptureFixture[str]
) -> None:
    server = start_server("engine")
    code = "import threading\nprint(threading.active_count())"
    for _ in range(5):
        assert fork_code(server, code).wait(PATIENCE) == 0
    assert capfd.readouterr().out == "5\n" * 5
    assert process_of(server).num_threads() == 5
    assert server.refusal == ""


def test_fork_server_refuses_once_threads_are_started_later(
    start_server: StartServer, fork_code: ForkCode
) -> None:
    server = start_server("grows")
    for _ in range(2):
        assert fork_code(server, "").wait(PATIENCE) == 0
    with pytest.raises(ForkRefusedError, match="4 threads run after its imports"):
        fork_code(server, "")


def test_threads_after_the_first_fork_are_the_limit() -> None:
    fork_safety, never = ForkSafety(), threading.Event()
    fork_safety.record_fork()
    threads = [threading.Thread(target=never.wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        assert "threads run" in (fork_safety.reason_against("/") or "")
    finally:
        never.set()
        for thread in threads:
            thread.join()


def test_fork_server_refuses_silently_when_gpu_is_initialised(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fork_safety = ForkSafety()
    fork_safety.record_fork()  # the threads of this process are no reason
    assert fork_safety.reason_against("/") is None
    monkeypatch.setattr(safety, "GPU_DEVICES", (str(tmp_path / "nvidia"),))
    with (tmp_path / "nvidia0").open("w"):
        assert fork_safety.reason_against("/") == ""
    assert fork_safety.refusal == ""


def test_fork_server_refuses_silently_when_the_folder_is_missing(
    start_server: StartServer,
) -> None:
    address = start_server().address
    with pytest.raises(ForkRefusedError, match=r"^$"):
        client.fork(address, ["-m", "x"], env={}, cwd="/nowhere")

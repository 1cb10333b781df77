"""One notebook is executed in a kernel of its own, fresh or forked."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from tabbook.base.config import Config
from tabbook.execution.forkserver.servers import close_servers, started_servers
from tests.support.forks import all_ended
from tests.support.two_frameworks import (
    ENDLESS,
    LIMIT,
    build,
    limit_cells,
    notebook_file,
    notebook_states,
    section,
    streams,
    write_section,
)

pytestmark = pytest.mark.long


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
        (ENDLESS, "timeout", f"after {LIMIT} s"),
        ("x = bytearray(10**11)", "raised", "MemoryError"),
    ],
)
def test_failure_names_its_cell_and_affects_no_other_notebook(
    config: Config, code: str, kind: str, message: str
) -> None:
    build(config)
    before = notebook_states(config)[notebook_file(config)]
    write_section(config, section(left=code, right="print('R')"))
    outcomes = build(limit_cells(config) if code == ENDLESS else config)
    failure = outcomes["left"].failure
    assert failure is not None
    assert (failure.kind, failure.line) == (kind, 5)
    assert message in failure.message
    assert failure.source == code
    assert outcomes["right"].failure is None
    assert streams(config, "right") == ["R\n"]
    assert notebook_states(config)[notebook_file(config)] == before


@pytest.mark.parametrize("code", ["x = 1", "1 / 0", ENDLESS])
def test_kernel_ends_with_its_notebook(config: Config, code: str) -> None:
    before = _kernels()
    write_section(config, section(left=code, right="print('r')"))
    build(limit_cells(config) if code == ENDLESS else config)
    assert _kernels() == before


def _kernels() -> set[int]:
    """Return the live processes below this one that run a kernel."""
    fork_servers = {server.pid for server in started_servers()}
    return {
        process.pid
        for process in psutil.Process().children(recursive=True)
        if process.status() != psutil.STATUS_ZOMBIE
        and any("ipykernel" in word for word in process.cmdline())
        and process.pid not in fork_servers
    }


def test_cell_reads_resources_and_its_files_are_deleted(config: Config) -> None:
    code = "print(open('../data/x.txt').read())\nopen('new.txt', 'w').close()"
    write_section(config, section(left=code, right="print('r')"))
    build(config)
    assert streams(config, "left") == ["from a file\n"]
    assert not list(config.root.rglob("new.txt"))


def test_process_that_a_cell_started_ends_with_its_kernel(
    config: Config, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    code = (
        "import subprocess\n\nsame = subprocess.Popen(['sleep', '600'])\n"
        "other = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        f"open({str(pids)!r}, 'w').write(f'{{same.pid}} {{other.pid}}');"
    )
    write_section(config, section(left=code, right="print('r')"))
    assert build(config)["left"].failure is None
    close_servers()
    assert all_ended([int(pid) for pid in pids.read_text("utf-8").split()])


def test_stream_of_a_cell_is_one_output(config: Config) -> None:
    code = "import sys\nfor i in range(3):\n    print(i)\n    sys.stdout.flush()"
    write_section(config, section(left=code, right="print('r')"))
    build(config)
    assert streams(config, "left") == ["0\n1\n2\n"]

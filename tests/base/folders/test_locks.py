"""Locks say who holds them, and end with their process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tabbook.base.folders.locks import lock
from tests.support.forks import all_ended
from tests.support.paths import ROOT as REPOSITORY
from tests.support.waiting import PATIENCE

HOLD = (
    "import os, sys, time; from pathlib import Path\n"
    "from tabbook.base.folders.locks import lock\n"
    "with lock(Path(sys.argv[1])):\n"
    "    print(os.getpid(), flush=True)\n"
    "    if 'fork' in sys.argv and not os.fork():\n"
    "        print(os.getpid(), flush=True)\n"
    "    time.sleep(600 if 'fork' in sys.argv else 2)\n"
)


def holder(file: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a process that holds a lock; return once it does."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file), *arguments],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout and process.stdout.readline() == f"{process.pid}\n"
    return process


def test_wait_names_the_process_that_holds_the_lock(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "folder/lock"
    with holder(file) as process, lock(file):
        assert process.wait(PATIENCE) == 0
    message = f"waiting for process {process.pid}, which holds {file}\n"
    assert capfd.readouterr().err == message


def test_short_wait_says_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "lock"
    with holder(file) as process:
        process.kill()
        with lock(file):
            assert file.read_text("utf-8") == f"{os.getpid()}\n"
    assert capfd.readouterr().err == ""


def test_forked_process_does_not_keep_the_lock(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with holder(file, "fork") as process:
        assert process.stdout
        child = int(process.stdout.readline())
        process.kill()
        process.wait(PATIENCE)
        began = time.monotonic()
        with lock(file):
            assert time.monotonic() - began < PATIENCE
        assert not all_ended([child])
        os.kill(child, signal.SIGKILL)

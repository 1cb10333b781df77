"""Folders for temporary files end with their processes, however these end."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tabbook.base.folders import scratch

HOLDER = """
import os, sys
from tabbook.base.folders.scratch import make_folder

folder = make_folder()
if os.fork() == 0:  # a child that outlives its parent holds nothing
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.stdin.read()
print(folder, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="t-", dir=scratch.SHORT) as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        monkeypatch.setattr(scratch, "_swept", set())
        yield Path(folder)


@contextmanager
def holder(temporary: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        env={**os.environ, "TMPDIR": str(temporary)},
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    try:
        yield process, Path(process.stdout.readline().strip())
    finally:
        process.kill()
        process.communicate()


def test_folder_of_a_killed_process_is_deleted_by_the_next(temporary: Path) -> None:
    with holder(temporary) as (process, killed), holder(temporary) as (_, living):
        process.kill()
        process.wait()
        (killed / "deep").mkdir()
        with scratch.scratch_folder() as own:
            assert set(temporary.iterdir()) == {living, own}


def test_only_folders_of_ended_processes_are_deleted(temporary: Path) -> None:
    (temporary / "other").mkdir()
    (temporary / "tabbook-link").symlink_to(temporary / "other")
    (temporary / "tabbook-file").touch()
    beginning, old = temporary / "tabbook-beginning", temporary / "tabbook-old"
    beginning.mkdir(0o700)
    old.mkdir(0o700)
    again = temporary / "tabbook-again"  # by a kernel that starts too late
    (again / "tmp").mkdir(parents=True)
    again.chmod(0o755)
    os.utime(old, (0, time.time() - scratch.UNOWNED - 1))
    with scratch.scratch_folder() as folder:
        scratch.remove_abandoned(temporary)
        assert set(temporary.iterdir()) == {
            temporary / "other",
            temporary / "tabbook-link",
            temporary / "tabbook-file",
            beginning,
            folder,
        }
    assert not folder.exists()

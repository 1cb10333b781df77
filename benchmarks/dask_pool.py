"""Compare two local Dask workers with the local pool of kernels.

Both execute the whole book with ``--force`` and the same number of kernels at once, in
turn. The scheduler and the workers are already running, as those of a cluster are. The
fastest run of each counts.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tabbook import environments
from tabbook.base import config
from tabbook.base.process import worker_count
from tests.support.paths import ROOT as REPOSITORY

WORKERS = 2


def seconds(folder: Path, times: int = 2) -> tuple[float, float]:
    """Return the seconds that a book takes in the local pool and on the workers."""
    book = config.load(folder)
    for framework in book.frameworks:
        environments.prepare(book, framework)
    jobs = worker_count(book.jobs)
    pool, dask = [], []
    with _cluster(folder, -(-jobs // WORKERS)) as address:
        for _ in range(times):
            pool.append(_seconds(folder))
            dask.append(_seconds(folder, "--scheduler", address))
    return min(pool), min(dask)


@contextlib.contextmanager
def _cluster(folder: Path, jobs: int) -> Iterator[str]:
    with contextlib.ExitStack() as stack:
        first_line = _start(stack, folder, "scheduler", "tcp://127.0.0.1:0")
        address = first_line.split()[2].strip(";")
        for _ in range(WORKERS):
            _start(stack, folder, "worker", address, "--jobs", str(jobs))
        yield address


def _start(stack: contextlib.ExitStack, folder: Path, *arguments: str) -> str:
    """Start a command, to be ended with the stack; return its first line of output."""
    process = stack.enter_context(
        subprocess.Popen(
            _command(folder, *arguments), stdout=subprocess.PIPE, text=True
        )
    )
    stack.callback(process.terminate)
    assert process.stdout
    return process.stdout.readline()


def _seconds(folder: Path, *options: str) -> float:
    started = time.monotonic()
    command = _command(folder, "run", "--force", *options)
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    if process.returncode:
        sys.exit(f"{command} failed:\n{process.stdout}{process.stderr}")
    return time.monotonic() - started


def _command(folder: Path, *arguments: str) -> list[str]:
    return [str(REPOSITORY / "build.sh"), "-C", str(folder), *arguments]

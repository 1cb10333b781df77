"""Prove the engine and its own book: static checks, the check of the book, tests."""

from __future__ import annotations

import subprocess
import sys

from tabbook.base.paths import REPOSITORY
from tabbook.base.process import cores

STATIC_CHECKS = (
    ("ruff", "check"),
    ("ruff", "format", "--check"),
    ("mypy",),
)
"""Modules that run with these arguments while the book is checked."""

MOST_WORKERS = 4
"""Workers of pytest that still shorten the run; each may hold a browser and kernels."""


def prove(pytest_arguments: list[str]) -> bool:
    """Run every check, then the tests; pytest's summary is the last line.

    The tests have the machine to themselves, since some of them bound time.
    """
    processes = {check: _start(check) for check in STATIC_CHECKS}
    passed = [_run(("tabbook", "check"))]
    for check, process in processes.items():
        output, _ = process.communicate()
        _head(check)
        sys.stdout.write(output)
        passed.append(process.returncode == 0)
    workers = str(min(cores(), MOST_WORKERS))
    options = ("-n", workers, "--dist", "loadgroup", "--durations=10")
    passed.append(_run(("pytest", *options, *pytest_arguments)))
    return all(passed)


def benchmark(rows: list[str]) -> int:
    """Run the benchmarks, or some of their rows; return the exit status."""
    command = [sys.executable, "-m", "benchmarks.run", *rows]
    return subprocess.run(command, cwd=REPOSITORY, check=False).returncode


def _start(module: tuple[str, ...]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", *module],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _run(module: tuple[str, ...]) -> bool:
    """Run a module with its output on the terminal; return whether it succeeded."""
    _head(module)
    command = [sys.executable, "-m", *module]
    return subprocess.run(command, cwd=REPOSITORY, check=False).returncode == 0


def _head(module: tuple[str, ...]) -> None:
    sys.stdout.write(f"\n== {' '.join(module)}\n")
    sys.stdout.flush()

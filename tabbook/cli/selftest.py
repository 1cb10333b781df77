"""Prove the engine and its own book: static checks, the check of the book, tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from tabbook.base.engine import REPOSITORY
from tabbook.base.process import worker_count
from tabbook.cli.commands.check import STEPS

STATIC_CHECKS = (
    ("-m", "ruff", "check"),
    ("-m", "ruff", "format", "--check"),
    ("-m", "mypy"),
    # The contracts in pyproject.toml: import-linter is a script and no module.
    (str(Path(sys.executable).with_name("lint-imports")),),
)
"""Arguments of Python for the checks that run while the book is checked."""

ACCESSIBILITY = "accessibility"
"""The step of the check that takes one core for long: it runs while the tests do."""

MOST_WORKERS = 4
"""Workers of pytest that still shorten the run; each may hold a browser and kernels."""


def prove(pytest_arguments: list[str]) -> bool:
    """Run every check, then the tests, whose slowest ten are printed.

    Many tests wait for a process or for a limit of time to pass: with one worker more
    than cores, a fifth of the processors' time was left.
    """
    processes = {check: _start(check) for check in STATIC_CHECKS}
    passed = [_run(("-m", "tabbook", "check", *_without({ACCESSIBILITY})))]
    passed += [_finished(check, process) for check, process in processes.items()]
    accessibility = ("-m", "tabbook", "check", *_without({*STEPS} - {ACCESSIBILITY}))
    process = _start(accessibility)
    workers = str(min(worker_count(0), MOST_WORKERS))
    options = ("-n", workers, "--dist", "loadgroup", "--durations=10")
    passed.append(_run(("-m", "pytest", *options, *pytest_arguments)))
    passed.append(_finished(accessibility, process))
    return all(passed)


def benchmark(rows: list[str]) -> int:
    """Run the benchmarks, or some of their rows; return the exit status."""
    command = [sys.executable, "-m", "benchmarks.run", *rows]
    return subprocess.run(command, cwd=REPOSITORY, check=False).returncode


def _without(steps: Collection[str]) -> list[str]:
    """Return the arguments of ``check`` that leave out steps."""
    return [f"--without={step}" for step in sorted(steps)]


def _finished(check: tuple[str, ...], process: subprocess.Popen[str]) -> bool:
    """Wait for a check and print its output; return whether it succeeded."""
    output, _ = process.communicate()
    _head(check)
    sys.stdout.write(output)
    return process.returncode == 0


def _start(check: tuple[str, ...]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *check],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _run(check: tuple[str, ...]) -> bool:
    """Run a check with its output on the terminal; return whether it succeeded."""
    _head(check)
    command = [sys.executable, *check]
    return subprocess.run(command, cwd=REPOSITORY, check=False).returncode == 0


def _head(check: tuple[str, ...]) -> None:
    words = [Path(word).name for word in check if word != "-m"]
    sys.stdout.write(f"\n== {' '.join(words)}\n")
    sys.stdout.flush()

"""Commands of the engine's own repository, which need no book: tests, benchmarks."""

from __future__ import annotations

import argparse
import subprocess
import sys

from tabbook.base.paths import REPOSITORY
from tabbook.cli.commands.command import command, option


@command(
    "test",
    "prove the project: lint, types, verify, tests, browser",
    option("arguments", nargs="*", help="arguments for pytest"),
)
def test(arguments: argparse.Namespace) -> int:
    """Run everything that proves the project; pytest's report comes last."""
    steps = [
        ["ruff", "check"],
        ["ruff", "format", "--check"],
        ["mypy"],
        ["tabbook", "lint"],
        ["tabbook", "verify"],
        ["pytest", *arguments.arguments],
    ]
    passed = True
    for step in steps:
        sys.stdout.write(f"\n== {' '.join(step)}\n")
        sys.stdout.flush()
        done = subprocess.run(
            [sys.executable, "-m", *step], cwd=REPOSITORY, check=False
        )
        passed = passed and done.returncode == 0
    return 0 if passed else 1


@command(
    "bench",
    "time it beside d2lbook, write benchmarks/RESULTS.md",
    option("arguments", nargs="*", help="some rows alone, such as kernels"),
)
def bench(arguments: argparse.Namespace) -> int:
    """Run the benchmarks."""
    program = REPOSITORY / "benchmarks" / "run.py"
    command = [sys.executable, str(program), *arguments.arguments]
    return subprocess.run(command, check=False).returncode

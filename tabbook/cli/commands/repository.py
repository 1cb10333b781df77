"""Commands of the engine's own repository, which need no book: tests, benchmarks."""

from __future__ import annotations

import argparse

from tabbook.cli.commands.command import command, option


@command(
    "test",
    "prove the project: lint, types, the book (check), tests",
    option("arguments", nargs="*", help="arguments for pytest"),
    reads_sections=False,
)
def test(arguments: argparse.Namespace) -> int:
    """Run everything that proves the project; pytest's summary comes last."""
    from tabbook.cli import selftest

    return 0 if selftest.prove(arguments.arguments) else 1


@command(
    "bench",
    "measure against d2lbook, write benchmarks/RESULTS.md",
    option("arguments", nargs="*", help="some rows alone, such as kernels"),
    reads_sections=False,
)
def bench(arguments: argparse.Namespace) -> int:
    """Run the benchmarks."""
    from tabbook.cli import selftest

    return selftest.benchmark(arguments.arguments)

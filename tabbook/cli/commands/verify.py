"""Commands that execute committed notebooks again and compare their outputs."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tabbook.cli.commands.command import command, option
from tabbook.cli.commands.options import (
    FRAMEWORKS,
    FRESH_KERNELS,
    SECTIONS,
    kernel_start,
    load_book,
    refuse_translation,
    selection,
)

if TYPE_CHECKING:
    from tabbook.base.config import Config
    from tabbook.verification.verdict import Verdict


@command(
    "verify",
    "run every committed notebook again and compare all outputs (nbval)",
    *(SECTIONS, FRAMEWORKS, FRESH_KERNELS),
)
def verify(arguments: argparse.Namespace) -> int:
    """Execute notebooks in their pinned environments; record those that passed."""
    from tabbook.base import console
    from tabbook.execution.report import report_set_up
    from tabbook.notebooks import verified
    from tabbook.verification import verify

    book, selected = load_book(arguments), selection(arguments)
    config = book.config
    verdict = verify.verify(
        book,
        selected.sections(book),
        selected.frameworks(config),
        start=kernel_start(arguments),
        progress=verify.VerificationProgress(
            report_set_up, warned=console.print_problems
        ),
    )
    _report(config, verdict, "verify")
    verified.update(config, verdict.executed, verdict.failed)
    return 0 if verdict.passed else 1


@command(
    "colab-check",
    "run every notebook as Colab would, on its versions, and compare",
    SECTIONS,
    FRAMEWORKS,
    option(
        "--newest",
        action="store_true",
        help="on the newest releases instead of the versions that Colab has",
    ),
    option(
        "--forked-kernels",
        action="store_true",
        help="fork kernels: done sooner, but what the first cell sets comes after "
        "the imports of config.ini's preload",
    ),
)
def colab_check(arguments: argparse.Namespace) -> int:
    """Execute notebooks with Colab's versions of Python and of the packages."""
    from tabbook.base import console
    from tabbook.environments.kernelspec import KernelStart
    from tabbook.execution.report import report_set_up
    from tabbook.verification import colab, verify

    book, selected = load_book(arguments), selection(arguments)
    config = book.config
    refuse_translation(config, "colab-check")
    machines = colab.machines(
        book,
        selected.frameworks(config),
        newest=arguments.newest,
        progress=verify.VerificationProgress(report_set_up),
    )
    for machine in machines:
        for line in colab.describe(config, machine):
            console.say(line)
    start = KernelStart.FORKED if arguments.forked_kernels else KernelStart.FRESH
    verdict = colab.check(book, selected.sections(book), machines, start=start)
    _report(config, verdict, "colab-check")
    return 0 if verdict.passed else 1


def _report(config: Config, verdict: Verdict, name: str) -> None:
    """Print a verification and write its files.

    :param name: name of the command.
    """
    from tabbook.base import console
    from tabbook.verification import report

    _print_verdict(verdict)
    if page := report.write(config, verdict, name):
        console.complain(f"pictures that differ, side by side: {page}")


def _print_verdict(verdict: Verdict) -> None:
    """Print the problems of a verification, then a row per notebook."""
    from tabbook.base.console import print_problems
    from tabbook.cli.summary import print_summary

    print_problems(verdict.problems)
    rows = []
    for notebook in verdict.notebooks:
        seconds = "" if notebook.seconds is None else f"{notebook.seconds:.1f}"
        result = "same outputs"
        if not notebook.passed:
            result = f"failed: {notebook.problems[0].name}"
        place = notebook.section.name, notebook.framework.label, str(notebook.cells)
        rows.append((*place, seconds, result))
    print_summary(rows)

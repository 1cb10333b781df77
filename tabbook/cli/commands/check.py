"""The command that checks everything that can be said of any book."""

from __future__ import annotations

import argparse

from tabbook.cli.commands.command import command, option
from tabbook.cli.commands.options import FRESH_KERNELS, kernel_start, load_book

STEPS = ("lint", "verify", "facts", "coverage", "links", "accessibility")
"""Those of the module ``check``, which ``--help`` must not import."""


@command(
    "check",
    "prove the book: lint, outputs, facts, coverage, links, accessibility",
    option(
        "--without",
        action="append",
        default=[],
        choices=STEPS,
        metavar="STEP",
        help=f"leave out {', '.join(STEPS)}; may be given several times",
    ),
    option(
        "--untouched",
        action="store_true",
        help="list the sentences with a number or code that no fact or cell touches",
    ),
    FRESH_KERNELS,
)
def check(arguments: argparse.Namespace) -> int:
    """Run every step, print a line for each and all problems with their places."""
    from tabbook.base import console
    from tabbook.execution.report import report_set_up
    from tabbook.verification import check, verify

    book = load_book(arguments)
    passed = True
    for report in check.run(
        book,
        start=kernel_start(arguments),
        without=arguments.without,
        progress=verify.VerificationProgress(
            report_set_up, warned=console.print_problems
        ),
    ):
        console.say(str(report))
        if report.rows:
            headings, *rows = report.rows
            console.print_table(headings, rows, numbers=headings[1:])
        for note in report.notes if arguments.untouched else ():
            console.say(note)
        console.print_problems(report.problems)
        passed = passed and report.passed
    return 0 if passed else 1

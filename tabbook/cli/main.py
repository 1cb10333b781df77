"""The command line: parse the arguments, run one command, return the exit status."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys

from tabbook.base.engine import IN_CHECKOUT
from tabbook.base.errors import BookError
from tabbook.base.folders import scratch
from tabbook.base.process import end_at_once
from tabbook.base.program import PROGRAM, VARIABLE, in_folder
from tabbook.cli.commands import (
    build,
    check,
    cluster,
    export,
    importing,
    project,
    repository,
    start,
    translate,
    verify,
)
from tabbook.environments.dialect_reader import provide_reader

COMMANDS = (
    start.init,
    importing.import_files,
    build.build,
    build.lint,
    build.compile_notebooks,
    build.run,
    check.check,
    verify.verify,
    verify.colab_check,
    build.html,
    export.serve,
    export.lab,
    export.pdf,
    export.epub,
    export.slides,
    export.archive,
    export.myst,
    export.publish,
    export.saved_code,
    translate.translate,
    cluster.scheduler,
    cluster.worker,
    cluster.cluster,
    project.pin,
    project.setup,
    project.clean,
    *((repository.test, repository.bench) if IN_CHECKOUT else ()),
)
"""All commands, in the order of ``--help``; some need the engine's repository."""

GARBAGE = 10_000
"""New objects until Python looks for garbage; with its own 700, a sixth of a build."""

DEFAULT = build.build.name
"""The command to run where the arguments name none."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    :param arguments: those of the process by default.
    :returns: the exit status: 0 for success, 1 for a mistake in the book that the user
        has to correct, 2 for a wrong command line.
    :raises SystemExit: argparse refused the arguments, or printed the help.
    """
    if arguments is None:
        gc.set_threshold(GARBAGE)
        signal.signal(signal.SIGTERM, _interrupt)
        scratch.sweep()
    options = parse(sys.argv[1:] if arguments is None else arguments)
    os.environ.pop(VARIABLE, None)  # it must not reach kernels
    try:
        if options.reads_sections:
            provide_reader()
        with in_folder(options.directory):
            return int(options.run(options))
    except BookError as error:
        sys.stderr.write(f"{PROGRAM}: {error}\n")
        return error.exit_code
    except KeyboardInterrupt as interrupt:
        sys.stderr.write("stopped; what was finished is saved\n")
        # The status is the one that shells expect.
        end_at_once(128 + next(iter(interrupt.args), signal.SIGINT))


def _interrupt(number: int, frame: object) -> None:
    """Treat a signal as Ctrl-C."""
    raise KeyboardInterrupt(number)


def parse(arguments: list[str]) -> argparse.Namespace:
    """Return the options of a command; ``run`` is its function.

    :raises SystemExit: there is no such command or option; exit status 2.
    """
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description="Build a book whose sections run."
    )
    parser.add_argument(
        "-C",
        dest="directory",
        default=".",
        metavar="DIR",
        help="folder of the book; the current one by default",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(commands)
    return parser.parse_args(_with_command(arguments))


def _with_command(arguments: list[str]) -> list[str]:
    """Insert the default command where the arguments name none."""
    names = {"-h", "--help", *(command.name for command in COMMANDS)}
    index = 2 if arguments[:1] == ["-C"] else 0
    if arguments[index : index + 1] and arguments[index] in names:
        return arguments
    return [*arguments[:index], DEFAULT, *arguments[index:]]

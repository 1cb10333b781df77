"""Declare a command: its name, its help, its options and the function that runs it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Option = Callable[[argparse.ArgumentParser], object]
"""Add one option to the parser of a command."""

Run = Callable[[argparse.Namespace], int]
"""Run a command with its parsed options; return the exit status."""

Subparsers = argparse._SubParsersAction  # argparse has no public name for it.


@dataclass(frozen=True)
class Command:
    """A command of the program."""

    name: str
    """Name on the command line."""
    summary: str
    """One line of help."""
    options: tuple[Option, ...]
    run: Run
    reads_sections: bool = True
    """Whether it needs the reader of the dialect."""
    writes_output: bool = True
    """Whether it writes to the folder of build products."""

    def add_parser(self, commands: Subparsers[argparse.ArgumentParser]) -> None:
        """Add the command to the program's parser."""
        parser = commands.add_parser(
            self.name, help=self.summary, description=self.summary
        )
        for add_option in self.options:
            add_option(parser)
        parser.set_defaults(
            run=self.run,
            reads_sections=self.reads_sections,
            writes_output=self.writes_output,
        )


def command(
    name: str,
    summary: str,
    *options: Option,
    reads_sections: bool = True,
    writes_output: bool = True,
) -> Callable[[Run], Command]:
    """Declare the decorated function to be a command."""
    return lambda run: Command(
        name, summary, options, run, reads_sections, writes_output
    )


def option(*names: str, **settings: Any) -> Option:
    """Declare an option; the arguments are those of ``add_argument``."""
    return lambda parser: parser.add_argument(*names, **settings)

"""The command that imports notebooks and pages of other programs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tabbook.base.program import command_line, in_folder
from tabbook.cli.commands.command import command, option
from tabbook.cli.commands.options import load_book

if TYPE_CHECKING:
    from tabbook.importers import Source


@command(
    "import",
    "make sections of Jupyter notebooks, MyST, Jupyter Book and Quarto pages",
    option(
        "files",
        nargs="+",
        metavar="[FRAMEWORK=]FILE",
        help="a notebook (.ipynb) or a page (.md, .qmd); files with equal names and "
        "different frameworks become one section with tabs",
    ),
    option(
        "--to",
        dest="folder",
        metavar="FOLDER",
        help="folder of the sections in the book; chapter_imported by default",
    ),
    option(
        "--as",
        dest="name",
        default="",
        metavar="NAME",
        help="name of the one section that all files become",
    ),
    option("--force", action="store_true", help="replace sections that exist"),
    writes_output=False,
)
def import_files(arguments: argparse.Namespace) -> int:
    """Write the sections; print them and the losses."""
    from tabbook import importers
    from tabbook.base import console

    book = load_book(arguments)
    imported = importers.import_files(
        book,
        [_source(name) for name in arguments.files],
        folder=arguments.folder or importers.CHAPTER,
        name=arguments.name,
        force=arguments.force,
    )
    console.print_problems(imported.problems)
    for path in imported.files:
        console.say(path)
    count = console.plural(len(imported.sections), "section")
    notes = console.plural(len(imported.problems), "note")
    console.say(f"{count} imported, {notes}; next:")
    with in_folder(arguments.directory):
        console.say(f"  {command_line('lint')}")
        console.say(f"  {command_line()}")
    return 0


def _source(argument: str) -> Source:
    """Return a file to import, whose framework may stand before it."""
    from tabbook.importers import Source

    name, equals, path = argument.partition("=")
    if equals and name.isidentifier() and not Path(argument).exists():
        return Source(path, name)
    return Source(argument)

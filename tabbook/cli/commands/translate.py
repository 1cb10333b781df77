"""Command that brings a translation up to the book it translates."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tabbook.base.errors import UsageError
from tabbook.cli.commands.command import command, option
from tabbook.cli.commands.options import load_book, load_config

if TYPE_CHECKING:
    from tabbook.base.config import Config
    from tabbook.source.book import Book


@command(
    "translate",
    "take over the cells of the book that this one translates; add sections",
    option(
        "sections",
        nargs="*",
        metavar="SECTION",
        help="a section to bring up to date, or to add; all that exist by default",
    ),
    option(
        "--reviewed",
        action="store_true",
        help="record that the paragraphs say what those of the origin say now",
    ),
    writes_output=False,
)
def translate(arguments: argparse.Namespace) -> int:
    """Write the sources of the sections, and the record of translated paragraphs."""
    from tabbook.base import console
    from tabbook.base.files import write_text
    from tabbook.source import translation

    config = load_config(arguments)
    if config.origin is None:
        raise UsageError(
            "this book translates no other; name the folder of that book in "
            "config.ini: [tabbook] translation_of = ../.."
        )
    record = translation.load_record(config)
    _add_root_page(config)
    book = load_book(arguments)
    for name in _names(book, arguments.sections, reviewed=arguments.reviewed):
        update = translation.update(book, name)
        if update.text and write_text(config.root / f"{name}.md", update.text):
            console.say(f"{name}.md: {update.summary}")
        if arguments.reviewed or name not in record:
            record[name] = translation.digests(update.origin)
    translation.save_record(config, record)
    return 0


def _add_root_page(config: Config) -> None:
    """Write the root page of a translation that has none yet."""
    from tabbook.base.files import read_text, write_text

    assert config.origin is not None
    page = f"{config.index}.md"
    if not (config.root / page).exists():
        write_text(config.root / page, read_text(config.origin.root / page))


def _names(book: Book, names: list[str], *, reviewed: bool) -> list[str]:
    """Return the names of sections to bring up to date; the origin has each of them.

    :param reviewed: leave out those that are not translated yet.
    :raises UsageError: a name matches no section of the origin.
    """
    from tabbook.source import book as source
    from tabbook.source import translation

    assert book.config.origin is not None
    translated = [
        each.name for each in book.sections if translation.original(book, each)
    ]
    if not names:
        return translated
    origin = source.load(book.config.origin)
    selected: list[str] = []
    for name in names:
        # A name that is a whole one means no other section that ends with it.
        whole = origin.section(name.removesuffix(".md"))
        sections = (whole,) if whole else origin.select([name])
        selected += [section.name for section in sections]
    return [name for name in selected if name in translated or not reviewed]

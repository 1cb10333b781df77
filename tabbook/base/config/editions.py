"""Editions: a book for other readers, such as one for students without solutions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from tabbook.base.config import repeated_keys
from tabbook.base.config.file import ConfigFile
from tabbook.base.config.key import EDITION, EDITION_NAME


class Solutions(StrEnum):
    """How an edition presents the solutions of exercises."""

    SHOWN = "shown"
    FOLDED = "folded"
    LEFT_OUT = "left out"


@dataclass(frozen=True)
class Edition:
    """The settings of an edition; the one without a name is the book itself."""

    name: str = ""
    title: str = ""
    """Empty for that of the book."""
    exclusions: tuple[str, ...] = ()
    """Globs of Markdown files that are no source, besides those of the book."""
    solutions: Solutions = Solutions.FOLDED
    blanks: bool = False
    """Whether the code of solutions within cells is replaced by a stub."""
    site: str = ""
    """Address of its pages; empty if it is unknown."""


THE_BOOK = Edition()
"""The book itself."""


def editions(file: ConfigFile) -> Iterator[Edition]:
    """Yield the editions of a book in the order of config.ini.

    :raises BookError: a value is wrong.
    """
    for name in names(file):
        yield Edition(
            name=name,
            title=repeated_keys.EDITION_TITLE.read(file, name),
            exclusions=repeated_keys.EDITION_EXCLUSIONS.read(file, name),
            solutions=Solutions(repeated_keys.EDITION_SOLUTIONS.read(file, name)),
            blanks=repeated_keys.EDITION_BLANKS.read(file, name),
            site=repeated_keys.EDITION_SITE.read(file, name),
        )


def names(file: ConfigFile) -> tuple[str, ...]:
    """Return the names of the editions.

    :raises BookError: a name cannot be that of a folder.
    """
    names = []
    for section in file.sections:
        if section.startswith(EDITION):
            name = section.removeprefix(EDITION)
            if not EDITION_NAME.fullmatch(name):
                raise file.error(
                    section, "", "is no name; write one of a-z, 0-9, _ and -"
                )
            names.append(name)
    return tuple(names)

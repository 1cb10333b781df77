"""The names of a book's sources: paths without ``.md``, by d2lbook's rules."""

from __future__ import annotations

import glob
import posixpath
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from tabbook.base.config import FILE_NAME, Config
from tabbook.base.config.editions import Solutions
from tabbook.source.section import SOLUTIONS


def names(config: Config) -> list[str]:
    """Return the names of the sources that the edition has."""
    matched = matching(config)
    if config.edition.solutions != Solutions.LEFT_OUT:
        return matched
    return [name for name in matched if not _is_solution(name, matched)]


def names_of_the_book(config: Config) -> set[str]:
    """Return the names of the sources of the book itself; empty if it is built."""
    edition = config.edition
    if not edition.name:
        return set()
    count = len(config.exclusions) - len(edition.exclusions)
    return set(matching(replace(config, exclusions=config.exclusions[:count])))


def _is_solution(name: str, names: Collection[str]) -> bool:
    return name.endswith(SOLUTIONS) and name.removesuffix(SOLUTIONS) in names


def matching(config: Config) -> list[str]:
    """Return the names of the sources, by d2lbook's rules for patterns."""

    def files(patterns: tuple[str, ...]) -> set[str]:
        """Return the paths that any of the patterns matches."""
        matched: set[str] = set()
        for pattern in patterns:
            expanded = (
                f"{pattern.rstrip('/')}/**"
                if (config.root / pattern).is_dir()
                else pattern
            )
            matched |= set(
                # Path.glob includes hidden folders, d2lbook's glob does not.
                glob.glob(expanded, root_dir=config.root, recursive=True)  # noqa: PTH207
            )
        return matched

    output = config.products_path + "/"
    matched = files(config.patterns) - files(config.exclusions)
    return sorted(
        posixpath.normpath(name).removesuffix(".md")
        for name in matched
        if name.endswith(".md")
        and not name.startswith(output)
        and not _is_of_another_book(config.root, posixpath.dirname(name))
    )


def _is_of_another_book(root: Path, folder: str) -> bool:
    """Return whether a folder, or one around it, is a book of its own."""
    while folder:
        if (root / folder / FILE_NAME).is_file():
            return True
        folder = posixpath.dirname(folder)
    return False

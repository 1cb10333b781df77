"""Warnings about sections and keys of config.ini that nothing reads."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator

from tabbook.base.config.file import FILE_NAME, ConfigFile
from tabbook.base.config.keys import known_keys
from tabbook.base.errors import Problem

FREE = "library-"
"""Beginning of the sections whose keys d2lbook leaves to the author."""


def unknown_keys(file: ConfigFile, tabs: tuple[str, ...]) -> Iterator[Problem]:
    """Yield a warning for each unknown section, and for each unknown key of others."""
    known = known_keys(tabs)
    reported = set()
    for section, key in file.entries():
        if section.startswith(FREE) or section in reported:
            continue
        if section not in known:
            reported.add(section)
            message = f"unknown [{section}]{_hint(section, known)}"
            yield _warning(file.line(section), message)
        elif key and key not in known[section]:
            message = f"unknown key {key!r} in [{section}]{_hint(key, known[section])}"
            yield _warning(file.line(section, key), message)


def _warning(line: int, message: str) -> Problem:
    return Problem(FILE_NAME, line, "unknown-key", message, "warning")


def _hint(name: str, known: Collection[str]) -> str:
    similar = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if similar:
        return f"; did you mean {similar[0]!r}?"
    return f"; known: {', '.join(known)}"

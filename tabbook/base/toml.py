"""Read TOML files that users write, and find the lines of their tables."""

from __future__ import annotations

import re
import tomllib
from typing import Any

PLACE = re.compile(r"\s*\(at line (?P<line>\d+), column \d+\)")
"""Where tomllib says in its message that a mistake is."""


class TomlError(Exception):
    """A text that is not TOML."""

    def __init__(self, line: int, reason: str) -> None:
        """Store the line, counted from 1; 0 if it is not known."""
        super().__init__(reason)
        self.line = line
        self.reason = reason


def parse(text: str) -> dict[str, Any]:
    """Return the table that a text contains.

    :raises TomlError: it is not TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = PLACE.search(str(error))
        line = int(place["line"]) if place else 0
        raise TomlError(line, f"is not TOML: {PLACE.sub('', str(error))}") from error
    except RecursionError as error:
        raise TomlError(0, "is not TOML: it is nested too deeply") from error


def header_lines(text: str, name: str, count: int) -> list[int]:
    """Return the line of each header ``[[name]]``, counted from 1.

    :param count: how many such tables there are; if other headers were found, such as
        one in a text of several lines, all lines are 0.
    """
    header = re.compile(rf"\s*\[\[\s*{name}\s*\]\]")
    lines = [
        number for number, line in enumerate(text.splitlines(), 1) if header.match(line)
    ]
    return lines if len(lines) == count else [0] * count

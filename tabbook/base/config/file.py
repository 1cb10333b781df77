"""config.ini as text: its sections and keys, with the lines they stand on."""

from __future__ import annotations

import configparser
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tabbook.base.errors import BookError
from tabbook.base.files import read_text
from tabbook.base.program import PROGRAM

FILE_NAME = "config.ini"


@dataclass(frozen=True)
class ConfigFile:
    """The parsed file."""

    path: Path
    lines: tuple[str, ...]
    parser: configparser.ConfigParser
    origin: ConfigFile | None = None
    """The file of the book that this one translates: it gives what is missing here."""

    def owner(self, section: str, key: str) -> ConfigFile:
        """Return the file that gives a key: this one, unless only the origin does."""
        if self.origin is None or self.parser.has_option(section, key):
            return self
        return self.origin

    @property
    def sections(self) -> tuple[str, ...]:
        """Return the names of the sections, those of the origin included."""
        own = self.parser.sections()
        return tuple(
            dict.fromkeys([*own, *(self.origin.sections if self.origin else ())])
        )

    def translating(self, origin: ConfigFile) -> ConfigFile:
        """Return the file with another one that gives what is missing here."""
        return replace(self, origin=origin)

    def value(self, section: str, key: str) -> str:
        """Return the text of a key; empty if it is not given."""
        return self.parser.get(section, key, fallback="").strip()

    def interpolated(self, section: str, key: str) -> str:
        """Return the text of a key as d2lbook reads it, where ``%%`` means ``%``.

        :raises BookError: a ``%`` means nothing.
        """
        raw = self.value(section, key)
        values = dict(self.parser[section]) if raw else {}
        try:
            return configparser.BasicInterpolation().before_get(
                self.parser, section, key, raw, values
            )
        except configparser.InterpolationError as error:
            raise self.error(
                section, key, "has a `%` that d2lbook cannot read; write `%%`"
            ) from error

    def entries(self) -> Iterator[tuple[str, str]]:
        """Yield the section and the name of each key, then each empty section."""
        for section in self.parser.sections():
            names = [
                name
                for name in self.parser[section]
                if name not in self.parser.defaults()
            ]
            yield from ((section, name) for name in names or [""])

    def line(self, section: str, key: str = "") -> int:
        """Return the line of a section or of one of its keys; 0 if there is none."""
        inside = False
        for number, line in enumerate(self.lines, 1):
            text = line.strip()
            if text == f"[{section}]":
                if not key:
                    return number
                inside = True
            elif text.startswith("["):
                inside = False
            elif inside and _key_of(line) == key:
                return number
        return 0

    def error(
        self, section: str, key: str, message: str, *, line: str = ""
    ) -> BookError:
        """Return an error about one key, with its line or that of its section.

        :param line: the text of the line below the key that is meant, if there is one.
        """
        number = self.line(section, key) or self.line(section)
        below = enumerate(self.lines[max(number - 1, 0) :], number)
        meant = (at for at, text in below if line and line in text)
        place = f"{self.path}:{next(meant, number)}"
        return BookError(f"{place}: [{section}] {key} {message}")


def parse_file(root: Path) -> ConfigFile:
    """Read config.ini in UTF-8, with or without a byte order mark.

    :raises BookError: the file is missing, not in UTF-8 or not in INI format.
    """
    path = root / FILE_NAME
    parser = configparser.ConfigParser(interpolation=None)
    try:
        text = read_text(path)
        parser.read_string(text, source=FILE_NAME)
    except FileNotFoundError as error:
        raise BookError(
            f"{path}: there is no such file; name the book's folder with -C DIR, or "
            f"start a book with {PROGRAM} init DIR"
        ) from error
    except OSError as error:
        raise BookError(f"{path}: cannot be read: {error.strerror}") from error
    except configparser.Error as error:
        # d2lbook reads the file with configparser, so configparser decides what is INI.
        reason = " ".join(str(error).split())
        raise BookError(
            f"{path}: is not in INI format: {reason}; write `key = value` below a "
            "[section]"
        ) from error
    return ConfigFile(path, tuple(text.splitlines()), parser)


def _key_of(line: str) -> str:
    """Return the key that a line assigns; empty for a continuation or a comment."""
    if not line or line[0].isspace() or line[0] in "#;":
        return ""
    return line.replace(":", "=").partition("=")[0].strip().lower()

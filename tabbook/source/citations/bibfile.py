"""Read .bib files leniently: a syntax error is a problem with its line.

Each entry is parsed by itself, so that a missing brace costs one entry and not the rest
of the file. pybtex is imported here, so this module is imported only for a book that
cites.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pybtex import errors
from pybtex.bibtex.utils import split_name_list
from pybtex.database import Entry
from pybtex.database.input.bibtex import Parser
from pybtex.scanner import PrematureEOF, PybtexSyntaxError

from tabbook.base.files import read_bytes, state

BEGINNING = re.compile(r"^[ \t]*@[ \t]*[A-Za-z]+\s*[{(]", re.MULTILINE)
"""The beginning of an entry, or of another of BibTeX's commands."""

JAPANESE = re.compile(
    r"[\u3005\u3041-\u30ff\u3400-\u9fff]+(?: [\u3005\u3041-\u30ff\u3400-\u9fff]+)?"
)
"""A name in Japanese, whose family name comes first, perhaps with a space after it."""

OTHERS = re.compile(r"(?:\{?and )?et\.? al\.?\}?|others|ほか|他|ら", re.IGNORECASE)
"""Words for further authors; BibTeX knows ``others`` only."""

FONT = re.compile(
    r"\\(?:emph|url|text(?:it|bf|tt|sc|rm|sf|up))\s*(?=\{)"
    r"|\\(?:bf|it|em|tt|sc|rm|sf)(?:series|shape)?\b\s*"
)
"""TeX's changes of font, which have no form in a list of references."""

PERSONS = ("author", "editor")
"""Fields that hold names."""

BRACE = re.compile(r"\\?[{}]")

LOGO = re.compile(r"\\(La)?TeX\b(?:\{\})?")


@dataclass(frozen=True)
class EntryProblem:
    """An entry, or a part of one, that cannot be read."""

    line: int
    """Line of the .bib file, counted from 1."""
    message: str
    """The finding and the remedy."""


@dataclass(frozen=True)
class EntryFile:
    """The content of a .bib file."""

    entries: dict[str, Entry]
    """By key; of two with one key, the first, as BibTeX does."""
    problems: tuple[EntryProblem, ...]


def read(file: Path) -> EntryFile:
    """Read a .bib file.

    :raises OSError: the file does not exist, or is not readable.
    """
    return _read(file, tuple(state(file) or ()))


@functools.lru_cache(maxsize=64)
def _read(file: Path, as_of: tuple[int, ...]) -> EntryFile:
    content = read_bytes(file)
    parser = _LenientParser()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = content.decode("utf-8-sig", errors="replace")
        line = content.count(b"\n", 0, error.start) + 1
        message = "the line is not UTF-8; save the file in UTF-8"
        parser.problems.append(EntryProblem(line, message))
    for first, part in _parts(text.replace("\r\n", "\n").replace("\r", "\n")):
        parser.first = first
        parser.parse_string(part)
    problems = dict.fromkeys(parser.problems)
    return EntryFile(dict(parser.data.entries.items()), tuple(problems))


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """Yield each entry of a file with its first line."""
    starts = [match.start() for match in BEGINNING.finditer(text)]
    for start, end in itertools.pairwise([*starts, len(text)]):
        yield text.count("\n", 0, start) + 1, text[start:end]


@dataclass(eq=False)
class _LenientParser(Parser):  # type: ignore[misc]
    """pybtex's parser, which notes syntax errors and goes on."""

    first: int = 1
    """Line of the file that the text begins on."""
    problems: list[EntryProblem] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_error(self, error: Exception) -> None:
        """Note a syntax error; of a field that is given twice, the first is used."""
        if isinstance(error, PrematureEOF):
            self._note(1, "the entry is not closed; add the missing brace or quote")
        elif isinstance(error, PybtexSyntaxError):
            reason = f"{error.error_type}: {Exception.__str__(error)}"
            self._note(error.lineno, f"{reason}; correct the entry")

    def process_entry(
        self, entry_type: str, key: str | None, fields: list[tuple[str, list[str]]]
    ) -> None:
        """Add an entry, unless there is one with its key."""
        if key is None:  # reported as a syntax error
            return
        if key in self.data.entries:
            message = f"the key {key!r} is used above already, and the first entry is "
            self._note(1, f"{message}shown; delete this one, or choose another key")
            return
        cleaned = [
            (name, [self._legible(key, name, _clean(name, "".join(value)))])
            for name, value in fields
        ]
        with errors.capture() as caught:
            super().process_entry(entry_type, key, cleaned)
        for error in caught:
            self._note(1, f"{error} in the entry {key!r}: write names as 'Last, First'")

    def _legible(self, key: str, name: str, value: str) -> str:
        """Return a field's value; without braces if they do not match in it.

        pybtex fails on these when it shows the entry, and on escaped braces.
        """
        parts = split_name_list(value) if name.lower() in PERSONS else [value]
        if all(_balanced(part) for part in parts):
            return value
        message = f"the braces in {name} of the entry {key!r} do not match; correct it"
        self._note(1, message)
        return BRACE.sub("", value)

    def _note(self, line: int, message: str) -> None:
        self.problems.append(EntryProblem(self.first + line - 1, message))


def _clean(name: str, value: str) -> str:
    """Return a field's value without TeX's fonts, and with names as BibTeX has them."""
    value = LOGO.sub(r"{\1TeX}", FONT.sub("", value))
    if name.lower() not in PERSONS:
        return value
    return " and ".join(_person(person) for person in split_name_list(value))


def _balanced(text: str) -> bool:
    depth = 0
    for brace in BRACE.findall(text):
        depth += {"{": 1, "}": -1}.get(brace, -len(text))
        if depth < 0:
            return False
    return depth == 0


def _person(name: str) -> str:
    if OTHERS.fullmatch(name.strip()):
        return "others"
    family, _, given = name.strip().replace("\u3000", " ").partition(" ")
    if given and JAPANESE.fullmatch(f"{family} {given}"):
        return f"{family}, {given}"
    return name

"""A translation beside the book it translates, its origin.

A translation has the cells of its origin as they are, and its paragraphs in another
language, in the same order. ``translation.json`` holds a digest of each paragraph of
the origin as it was when the translation was up to date with it.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tabbook.base.config import Config
from tabbook.base.console import plural
from tabbook.base.errors import BookError
from tabbook.base.files import json_line, read_text, write_text
from tabbook.source.book import Book, read_section
from tabbook.source.cells import dialect
from tabbook.source.prose.passages import Passage, passages
from tabbook.source.section import Section

RECORD = "translation.json"
"""The file of the digests, in the translation's folder; it is committed."""

DIGITS = 12
"""Hexadecimal digits of a digest."""

NAMES = 3
"""Words of a paragraph that may be the same in both languages, such as a name."""


@dataclass(frozen=True)
class Cell:
    """A cell as it is written, its fence included."""

    first: int
    """Line of the source that it begins on."""
    last: int
    text: str


@dataclass(frozen=True)
class CodeDifference:
    """Cells of a translation that are not those of its origin."""

    own: tuple[Cell, ...]
    """Empty where cells are missing."""
    original: tuple[Cell, ...]
    """Empty where the origin has none."""
    place: int
    """Line of the translation that the cells belong behind; 0 before all others."""

    @property
    def line(self) -> int:
        """Return the line of the translation to look at."""
        return self.own[0].first if self.own else self.place


@dataclass(frozen=True)
class Change:
    """A paragraph of the origin that has changed since it was translated."""

    line: int
    """Line of its translation; 0 where it is not known."""
    original: Passage | None
    """The paragraph as it is now; None if it is gone."""


@dataclass(frozen=True)
class Update:
    """Update of a section of a translation to its origin."""

    origin: Section
    text: str
    """Its text with the cells of the origin."""
    summary: str
    """The changes, for the user."""


def update(book: Book, name: str) -> Update:
    """Return the text of a section with the cells of its origin.

    A section that does not exist yet has the text of the origin, to be translated.

    :raises BookError: a file cannot be read.
    """
    assert book.config.origin is not None
    origin = read_section(book.config.origin, name)
    section = book.section(name)
    if section is None:
        return Update(origin, origin.written, "added; translate its paragraphs")
    count = len(list(code_differences(section, origin)))
    summary = f"took over the cells of the origin at {plural(count, 'place')}"
    return Update(origin, with_code_of(section, origin), summary)


def original(book: Book, section: Section) -> Section | None:
    """Return the section that another one translates; None where there is none.

    :raises BookError: its file cannot be read.
    """
    origin = book.config.origin
    if origin is None or not (origin.root / section.path).is_file():
        return None
    return read_section(origin, section.name)


def cells(section: Section) -> list[Cell]:
    """Return the cells of a section that run, in order."""
    return [
        _cell(fence) for fence in dialect.code_fences(dialect.lines(section.written))
    ]


def code_differences(section: Section, origin: Section) -> Iterator[CodeDifference]:
    """Yield the cells in which a translation differs from its origin, in order."""
    own, others = cells(section), cells(origin)
    matcher = difflib.SequenceMatcher(
        None, [cell.text for cell in own], [cell.text for cell in others], False
    )
    for kind, begin, end, first, last in matcher.get_opcodes():
        if kind != "equal":
            place = own[begin - 1].last if begin else 0
            yield CodeDifference(
                tuple(own[begin:end]), tuple(others[first:last]), place
            )


def with_code_of(section: Section, origin: Section) -> str:
    """Return the text of a translation with the cells of its origin.

    A cell that the origin has in place of another takes its place; one that is new
    follows the cell that it follows there.
    """
    lines = section.written.split("\n")
    for difference in reversed(list(code_differences(section, origin))):
        paired = min(len(difference.own), len(difference.original))
        for cell in reversed(difference.own[paired:]):
            blank = cell.last < len(lines) and not lines[cell.last].strip()
            del lines[cell.first - 1 : cell.last + blank]
        place = difference.own[paired - 1].last if paired else difference.place
        for cell in reversed(difference.original[paired:]):
            lines[place:place] = ["", *cell.text.split("\n")]
        pairs = zip(difference.own[:paired], difference.original[:paired], strict=True)
        for own, other in reversed(list(pairs)):
            lines[own.first - 1 : own.last] = other.text.split("\n")
    return "\n".join(lines)


def changes(
    section: Section, origin: Section, recorded: Sequence[str]
) -> Iterator[Change]:
    """Yield the paragraphs of the origin that changed since they were recorded.

    :param recorded: the digests of the origin's paragraphs, as they were translated.
    """
    now = list(passages(origin))
    own = list(passages(section))
    lines = [each.line for each in own] if len(own) == len(recorded) else []
    matcher = difflib.SequenceMatcher(None, recorded, digests(origin), False)
    for kind, begin, end, first, last in matcher.get_opcodes():
        if kind == "equal":
            continue
        for at in range(max(end - begin, last - first)):
            index = min(begin + at, len(lines) - 1)
            line = lines[index] if lines and begin + at < end else 0
            yield Change(line, now[first + at] if first + at < last else None)


def untranslated(section: Section, origin: Section) -> Iterator[Passage]:
    """Yield the paragraphs of a translation that stand in its origin as they are."""
    originals = {each.shown for each in passages(origin)}
    for passage in passages(section):
        if passage.shown in originals and not _is_code(passage):
            yield passage


def counts(section: Section, origin: Section) -> Iterator[tuple[int, int, int, int]]:
    """Yield where a translation has more or fewer paragraphs than its origin.

    :returns: line and number of paragraphs there, line and number in the origin; of
        the text between two cells. Nothing if the cells differ.
    """
    own, others = _texts(section), _texts(origin)
    if len(own) != len(others):
        return
    for texts, original_texts in zip(own, others, strict=True):
        if len(texts) != len(original_texts):
            line = texts[0].line if texts else 0
            other = original_texts[0].line if original_texts else 0
            yield line, len(texts), other, len(original_texts)


def digests(section: Section) -> list[str]:
    """Return a digest of each paragraph of a section."""
    return [
        hashlib.sha256(f"{each.kind}:{each.shown}".encode()).hexdigest()[:DIGITS]
        for each in passages(section)
    ]


def load_record(config: Config) -> dict[str, list[str]]:
    """Return the digests that were recorded of the origin, by section.

    :raises BookError: the file cannot be read.
    """
    file = config.root / RECORD
    try:
        text = read_text(file)
    except FileNotFoundError:
        return {}
    try:
        return {str(name): list(map(str, of)) for name, of in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise BookError(
            f"{file}{json_line(text)}: cannot be read as JSON ({error}); restore it "
            "with git"
        ) from error


def save_record(config: Config, record: Mapping[str, Sequence[str]]) -> None:
    """Write the digests of the origin, by section.

    :raises BookError: the file cannot be written.
    """
    text = json.dumps(dict(sorted(record.items())), indent=1) + "\n"
    write_text(config.root / RECORD, text)


def _cell(fence: Sequence[dialect.Line]) -> Cell:
    text = "\n".join(line.text.rstrip() for line in fence)
    return Cell(fence[0].number, fence[-1].number, text)


def _is_code(passage: Passage) -> bool:
    """Return whether a paragraph has no words but code, formulas and names."""
    letters = [character for character in passage.text if character.isalpha()]
    foreign = any(not letter.isascii() for letter in letters)
    return not foreign and len(passage.text.split()) <= NAMES


def _texts(section: Section) -> list[list[Passage]]:
    """Return the paragraphs between the cells of a section."""
    places = [cell.first for cell in cells(section)]
    texts: list[list[Passage]] = [[] for _ in range(len(places) + 1)]
    for passage in passages(section):
        texts[sum(place < passage.line for place in places)].append(passage)
    return texts

"""The book's terms: their spelling, their meaning, and the forms to avoid.

They are read from the TOML file that config.ini's ``[tabbook] terms`` names, with a
list of ``[[term]]`` and a list of ``[[phrase]]``: the two types below give the fields.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from tabbook.base.config import Config
from tabbook.base.errors import BookError
from tabbook.base.files import read_text
from tabbook.base.toml import TomlError, header_lines, parse

ONE_WORD = re.compile(
    "[\u3005\u3400-\u9fff]{2}|[\u30a1-\u30fa\u30fc]{2}|[A-Za-z0-9]{2}"
)
"""Two characters that belong to one word: kanji, katakana or Latin letters."""

VARIANTS = str.maketrans(
    "ぁぃぅぇぉっゃゅょゎ", "あいうえおつやゆよわ", "ー\u3099\u309a"
)
"""Map small kana to large ones; remove long vowels and marks of voiced sounds."""

Kind = TypeVar("Kind", "Term", "Phrase")


@dataclass(frozen=True)
class Term:
    """A word with its only spelling."""

    japanese: str
    english: str
    reading: str = ""
    """In hiragana; the glossary is sorted by it."""
    meaning: str = ""
    """A sentence in Markdown; a term without one is not in the glossary."""
    avoid: tuple[str, ...] = ()
    """Spellings that lint reports."""

    @property
    def anchor(self) -> str:
        """Return the id of its entry in the glossary."""
        return "term-" + re.sub(r"[^a-z0-9]+", "-", self.english.lower()).strip("-")


@dataclass(frozen=True)
class Phrase:
    """A phrase that lint reports."""

    write: str
    """The phrase to write instead."""
    avoid: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """The content of the file of terms."""

    terms: tuple[Term, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    dropped: frozenset[str] = frozenset()
    """Labels of dropped frameworks."""

    @property
    def explained(self) -> tuple[Term, ...]:
        """Return the terms that have a meaning, in the glossary's order.

        Those whose meaning names a dropped framework are left out.
        """
        explained = [
            term
            for term in self.terms
            if term.meaning and not any(name in term.meaning for name in self.dropped)
        ]
        return tuple(sorted(explained, key=lambda term: _order(term.reading)))

    def avoided(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield each form to avoid in a text, with the form to write instead.

        A form within a longer correct one (コンストラクタ in コンストラクター) is not
        reported.
        """
        for match in self._forms.finditer(text):
            if match[0] in self._wrong:
                yield match[0], self._wrong[match[0]]

    @cached_property
    def _wrong(self) -> dict[str, str]:
        terms = {form: term.japanese for term in self.terms for form in term.avoid}
        return terms | {
            form: phrase.write for phrase in self.phrases for form in phrase.avoid
        }

    @cached_property
    def _forms(self) -> re.Pattern[str]:
        return _any_of({*self._wrong, *(term.japanese for term in self.terms)})


@dataclass(frozen=True)
class Finder:
    """Find terms in running text, longest first, and never as part of a compound."""

    anchors: Mapping[str, str]
    """The id of each term's entry, by term."""

    def find(self, text: str) -> Iterator[re.Match[str]]:
        """Yield the terms of a text in order."""
        for match in self._terms.finditer(text):
            first, last = text[: match.start()][-1:], text[match.end() :][:1]
            if not _touch(first + match[0][0]) and not _touch(match[0][-1] + last):
                yield match

    @cached_property
    def _terms(self) -> re.Pattern[str]:
        return _any_of(self.anchors)


def load(config: Config) -> Words:
    """Read the file of terms; return no terms if config.ini names no file.

    :raises BookError: it is not TOML, or a field is unknown or missing.
    """
    if config.terms is None:
        return Words()
    try:
        text = read_text(config.terms)
        raw = parse(text)
    except OSError as error:
        raise BookError(f"{config.terms}: cannot be read: {error.strerror}") from error
    except TomlError as error:
        place = f"{config.terms}:{error.line}" if error.line else config.terms
        raise BookError(f"{place}: {error.reason}") from error
    unknown = ", ".join(sorted(raw.keys() - {"term", "phrase"}))
    if unknown:
        raise BookError(
            f"{config.terms}: has the unknown tables {unknown}; write [[term]] or "
            "[[phrase]]"
        )
    return Words(
        tuple(_entries(config.terms, text, Term, raw.get("term", []))),
        tuple(_entries(config.terms, text, Phrase, raw.get("phrase", []))),
        config.dropped_labels,
    )


def _entries(file: Path, text: str, kind: type[Kind], tables: object) -> Iterator[Kind]:
    """Yield the terms or phrases of the file.

    :param tables: value of the kind's name in the file.
    """
    name = kind.__name__.lower()
    if not (
        isinstance(tables, list) and all(isinstance(each, dict) for each in tables)
    ):
        raise BookError(
            f"{file}: {name} is {tables!r:.80}; write each {name} below a line "
            f"[[{name}]]"
        )
    lines = header_lines(text, name, len(tables))
    for line, values in zip(lines, tables, strict=True):
        yield _entry(f"{file}:{line}" if line else str(file), kind, values)


def _entry(place: str, kind: type[Kind], values: dict[str, Any]) -> Kind:
    """Return a term or a phrase from its table in the file.

    :param place: the file and the line of the table.
    """
    names = {field.name for field in fields(kind)}
    required = {field.name for field in fields(kind) if field.default is MISSING}
    wrong = {name for name, value in values.items() if not _fits(name, value)}
    if bad := sorted((values.keys() - names) | (required - values.keys()) | wrong):
        raise BookError(
            f"{place}: the {kind.__name__.lower()} {values!r:.200} has fields that are "
            f"unknown, missing, empty or of the wrong type: {', '.join(bad)}; the "
            f"fields are {', '.join(sorted(names))}, and avoid is a list"
        )
    arguments: dict[str, Any] = values | {"avoid": tuple(values.get("avoid", ()))}
    return kind(**arguments)


def _fits(name: str, value: object) -> bool:
    """Return whether a field's value is text, or a list of texts for ``avoid``."""
    texts = value if name == "avoid" and isinstance(value, list) else [value]
    return (
        bool(texts)
        and all(isinstance(text, str) and text for text in texts)
        and (name != "avoid" or isinstance(value, list))
    )


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that matches any of the words, longest first."""
    ordered = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, ordered)) or r"(?!)")


def _order(reading: str) -> tuple[str, str]:
    """Return a sort key in the order of dictionaries: は before ば, つ before っ."""
    plain = unicodedata.normalize("NFD", reading).translate(VARIANTS)
    return plain, reading


def _touch(pair: str) -> bool:
    """Return whether two characters that touch belong to one word."""
    return bool(ONE_WORD.fullmatch(pair))

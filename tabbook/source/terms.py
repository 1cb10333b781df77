"""The book's words: how they are written, what they mean, where they are first used.

They stand in one TOML file that config.ini's ``[tabbook] terms`` names: a list of
``[[term]]`` and one of ``[[phrase]]``, with the fields of the two types below.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cached_property
from typing import Any, TypeVar

from tabbook.base.config import Config
from tabbook.base.errors import BookError

ONE_WORD = re.compile(
    "[\u3005\u3400-\u9fff]{2}|[\u30a1-\u30fa\u30fc]{2}|[A-Za-z0-9]{2}"
)
"""Two kanji, two katakana or two Latin letters: neighbours within one word."""

VARIANTS = str.maketrans(
    "ぁぃぅぇぉっゃゅょゎ", "あいうえおつやゆよわ", "ー\u3099\u309a"
)
"""Small kana as large ones; long vowels and the marks of voiced sounds go."""

Kind = TypeVar("Kind", "Term", "Phrase")


@dataclass(frozen=True)
class Term:
    """A word and the one way it is written."""

    japanese: str
    english: str
    reading: str = ""
    """In hiragana; the glossary is sorted by it."""
    meaning: str = ""
    """A sentence in Markdown; a term without one stays out of the glossary."""
    avoid: tuple[str, ...] = ()
    """Forms that are not used."""

    @property
    def anchor(self) -> str:
        """Return the id of its entry in the glossary."""
        return "term-" + re.sub(r"[^a-z0-9]+", "-", self.english.lower()).strip("-")


@dataclass(frozen=True)
class Phrase:
    """A turn of speech that is not used."""

    write: str
    """What to write in its place."""
    avoid: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """All that the file of terms says."""

    terms: tuple[Term, ...] = ()
    phrases: tuple[Phrase, ...] = ()

    @property
    def explained(self) -> tuple[Term, ...]:
        """Return the terms of the glossary in its order."""
        known = [term for term in self.terms if term.meaning]
        return tuple(sorted(known, key=lambda term: _order(term.reading)))

    def avoided(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield each form in a text that is not used, and what to write in its place.

        A form inside a longer one that is right (コンストラクタ in コンストラクター) is
        not found.
        """
        for match in self._forms.finditer(text):
            if match[0] in self._wrong:
                yield match[0], self._wrong[match[0]]

    @cached_property
    def _wrong(self) -> dict[str, str]:
        terms = {form: term.japanese for term in self.terms for form in term.avoid}
        return terms | {
            form: each.write for each in self.phrases for form in each.avoid
        }

    @cached_property
    def _forms(self) -> re.Pattern[str]:
        return _either({*self._wrong, *(term.japanese for term in self.terms)})


@dataclass(frozen=True)
class Finder:
    """Finds terms in running text, the longest first and not as part of a compound."""

    anchors: Mapping[str, str]
    """Term and the id of its entry."""

    def find(self, text: str) -> Iterator[re.Match[str]]:
        """Yield the terms of a text in order."""
        for match in self._terms.finditer(text):
            first, last = text[: match.start()][-1:], text[match.end() :][:1]
            if not _touch(first + match[0][0]) and not _touch(match[0][-1] + last):
                yield match

    @cached_property
    def _terms(self) -> re.Pattern[str]:
        return _either(self.anchors)


def load(config: Config) -> Words:
    """Read the file of terms; nothing where config.ini names none.

    :raises BookError: it is no TOML, or a field is unknown or missing.
    """
    if config.terms is None:
        return Words()
    try:
        raw = tomllib.loads(config.terms.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BookError(f"{config.terms}: cannot be read as TOML: {error}") from error
    unknown = ", ".join(sorted(raw.keys() - {"term", "phrase"}))
    if unknown:
        raise BookError(
            f"{config.terms}: knows [[term]] and [[phrase]], and there is: {unknown}"
        )
    return Words(
        tuple(_made(config, Term, each) for each in raw.get("term", ())),
        tuple(_made(config, Phrase, each) for each in raw.get("phrase", ())),
    )


def _made(config: Config, kind: type[Kind], values: dict[str, Any]) -> Kind:
    """Return a term or a phrase from what the file says of it."""
    known = {each.name for each in fields(kind)}
    needed = {each.name for each in fields(kind) if each.default is MISSING}
    wrong = {name for name, value in values.items() if not _fits(name, value)}
    if bad := sorted((values.keys() - known) | (needed - values.keys()) | wrong):
        raise BookError(
            f"{config.terms}: the {kind.__name__.lower()} {values} has fields that are "
            f"unknown, missing, empty or of another type: {', '.join(bad)}; known are "
            f"{', '.join(sorted(known))}, and avoid is a list"
        )
    made: dict[str, Any] = values | {"avoid": tuple(values.get("avoid", ()))}
    return kind(**made)


def _fits(name: str, value: object) -> bool:
    """Return whether a field's value is text, or a list of texts for ``avoid``."""
    texts = value if name == "avoid" and isinstance(value, list) else [value]
    return (
        bool(texts)
        and all(isinstance(one, str) and one for one in texts)
        and (name != "avoid" or isinstance(value, list))
    )


def _either(words: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern of any of the words, the longest first; of nothing for none."""
    ordered = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, ordered)) or r"(?!)")


def _order(reading: str) -> tuple[str, str]:
    """Return a sort key as dictionaries sort: は before ば, つ before っ."""
    plain = unicodedata.normalize("NFD", reading).translate(VARIANTS)
    return plain, reading


def _touch(pair: str) -> bool:
    """Return whether two characters that touch belong to one word."""
    return bool(ONE_WORD.fullmatch(pair))

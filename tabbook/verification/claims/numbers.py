"""Find the numbers with which a text claims something.

Not every number does. Left out are names and places (``Keras 3``, ``VGG-16``,
``演習2``, ``Figure 4``), versions, dates, words that contain a number (``32ビット``,
``16-bit``), ordinals (``2番目``, ``3行目``), and the counter ``つ``, with which a
text counts what it names itself (``次の2つ``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.])(?<![A-Za-z]-)(?:(?P<whole>\d+)分の(?P<part>\d+)|"
    r"(?P<number>\d+(?:,\d{3})*(?:\.(?P<decimals>\d+))?)(?P<factor>[万億%％]?))"
    r"(?![A-Za-z0-9_]|\.\d)"
)
"""A number as texts write it: ``20,000``, ``0.01``, ``2万``, ``10分の1``."""

FACTORS = {"万": 1e4, "億": 1e8, "%": 1e-2, "％": 1e-2}

PRINTED = re.compile(r"\d+(?:_\d+)*(?:,\d{3})*(?:\.\d+)?(?:[eE][+-]?\d{1,3}(?!\w))?")
"""A number anywhere in code and outputs."""

AFTER = re.compile(
    r"つ|番|[ァ-ヶー一-龠]{1,5}目|章|節|ページ|年(?!間)|月|日(?!間)|ビット|進[数法]|乗|"
    r"-(?:bit|D)\b|(?:st|nd|rd|th)\b"
)
"""Words after a number that make it no claim."""

PLACE = r"chapter|equation|example|exercise|figure|page|part|problem|section|step|table"
BEFORE = re.compile(
    r"(?:第|演習|問|問題|課題|図|表|式|例|注)(?:\d+[、・〜–])*$|"
    rf"\b(?:v|version |pp?\. ?|(?:Eq|Fig|Sec)s?\. ?|(?:{PLACE}) )$|"
    rf"\b(?:{PLACE})s (?:\d+(?:–|, ?| and ))*$",
    re.IGNORECASE,
)
"""Words before a number that make it a name or a place."""

NAME = re.compile(r"(?P<first>(?:^|[.!?:]\s+|\n))?(?<![A-Za-z0-9])[A-Z][A-Za-z]+ $")
"""A capitalised word; ``first`` if it begins a sentence, where any word may be one."""

YEAR = re.compile(r"(?:19|20)\d\d")
YEAR_BEFORE = re.compile(r"\b(?:in|since|until|by|from|of) $|[(（]$", re.IGNORECASE)

LONGEST = 24
"""Most characters of the words before a number that make it a name."""


@dataclass(frozen=True)
class Number:
    """A number of a text."""

    text: str
    """As it is written."""
    begin: int
    """Its place."""
    values: frozenset[float]
    """Values that cells may print for it; 50 or 0.5 for ``50%``."""
    decimals: int = 0
    """How many decimal places are written."""

    def stands_in(self, printed: Set[float]) -> bool:
        """Return whether cells contain the number, or one that is rounded to it."""
        if self.values & printed:
            return True
        half = 0.5000001 * 10**-self.decimals
        return self.decimals > 0 and any(
            abs(value - exact) <= half for value in self.values for exact in printed
        )


def claimed(text: str) -> Iterator[Number]:
    """Yield the numbers of a text that claim something.

    :param text: without code, formulas and references.
    """
    for match in NUMBER.finditer(text):
        if not _is_name(text, match):
            yield _number(match)


def every(text: str) -> Iterator[Number]:
    """Yield the numbers of a text, names and places too."""
    return map(_number, NUMBER.finditer(text))


def printed(texts: Iterable[str]) -> frozenset[float]:
    """Return the numbers in code and outputs."""
    return frozenset(
        value
        for text in texts
        for number in PRINTED.findall(text)
        for value in _values(number)
    )


def _number(match: re.Match[str]) -> Number:
    whole, part = match["whole"], match["part"]
    if whole:
        values = {int(part) / int(whole)} if int(whole) else set()
        values |= {float(whole)} if part == "1" else set()
        return Number(match[0], match.start(), frozenset(values))
    value = float(match["number"].replace(",", ""))
    factor = FACTORS.get(match["factor"], 1)
    values = {round(value * factor, 12)} | ({value} if factor < 1 else set())
    decimals = len(match["decimals"] or "")
    return Number(match[0], match.start(), frozenset(values), decimals)


def _values(number: str) -> Iterator[float]:
    """Yield the value of a printed number; ``(3,128)`` may be two of them."""
    yield float(number.replace(",", ""))
    if "," in number:
        yield from map(float, number.split(","))


def _is_name(text: str, match: re.Match[str]) -> bool:
    """Return whether a number is part of a name, a place, a date or a word."""
    before = text[max(0, match.start() - LONGEST) : match.start()]
    year = YEAR.fullmatch(match[0]) and YEAR_BEFORE.search(before)
    if year or BEFORE.search(before) or AFTER.match(text, match.end()):
        return True
    name = NAME.search(before)
    japanese = match.end() < len(text) and not text[match.end()].isascii()
    return bool(name and (japanese or name["first"] is None))

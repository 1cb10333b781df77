"""Falsify the outputs of cells, line by line: a fact that still holds proves nothing.

The lines a fact depends on are changed, dropped, and exchange their values with other
lines. Exchanges after which each line is still what the fact says of it are left out,
such as two numbers of a sum, or two lines that one regular expression counts.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tabbook.verification.facts.expectations import violations
from tabbook.verification.facts.facts_file import Fact

LABELLED = re.compile(r"(?P<label>[^:]+: ?)(?P<value>.*)")
"""A printed line with a label and a value."""

OTHER = "\ufffd"
"""A value that no cell prints."""


@dataclass(frozen=True)
class Falsified:
    """A false output of a cell, for which a fact must not hold."""

    change: str
    """The change of the printed text, for messages."""
    text: str


def weaknesses(
    fact: Fact, printed: Mapping[str, str], *, dropped: bool = False
) -> Iterator[str]:
    """Yield, for each framework, what a fact that holds does not notice.

    :param printed: the output of the fact's cell, by framework.
    :param dropped: the book has dropped frameworks; values that are the same in all
        frameworks prove nothing where one is left, and did before.
    """
    alone = dropped and len(printed) == 1
    examined = replace(fact, same=()) if alone else fact
    for name, text in printed.items():
        cases = list(falsifications(examined, text))
        unnoticed = [
            case.change
            for case in cases
            if not any(violations(fact, {**printed, name: case.text}))
        ]
        if not cases and examined == fact:
            yield (
                f"{name}: nothing that the cell prints makes it false; add to `says` "
                "what the claim rests on"
            )
        elif unnoticed:
            yield (
                f"{name}: it still holds {unnoticed[0]} ({len(unnoticed)} of "
                f"{len(cases)} such changes); bind values to labels with `says`, or "
                "lines to their order with `order`"
            )


def falsifications(fact: Fact, text: str) -> Iterator[Falsified]:
    """Yield the texts for which a fact about a printed text must not hold."""
    lines = text.splitlines()
    said = _said(fact, lines)
    for at, line in enumerate(lines):
        if said[at]:
            changed = [*lines[:at], _changed(line), *lines[at + 1 :]]
            yield _falsified(f"with another value in {line!r}", changed)
            yield _falsified(f"without {line!r}", [*lines[:at], *lines[at + 1 :]])
    for one, other in itertools.combinations(range(len(lines)), 2):
        exchanged = _exchanged(lines, one, other)
        if (said[one] or said[other]) and said != _said(fact, exchanged):
            change = f"with the values of {lines[one]!r} and {lines[other]!r} exchanged"
            yield _falsified(change, exchanged)


def _falsified(change: str, lines: list[str]) -> Falsified:
    return Falsified(change, "\n".join(lines))


def _said(fact: Fact, lines: list[str]) -> list[set[str]]:
    """Return the part of a fact about each line: exact values, a summand, patterns."""
    exact = {*fact.says, *fact.same, *filter(None, [fact.gives])}
    summands = set(fact.sum_of) - exact
    patterns = {pattern for pattern, count in fact.count.items() if count}
    said = []
    seen: set[str] = set()
    for line in lines:
        match = LABELLED.fullmatch(line)
        label, value = (match["label"], match["value"]) if match else ("", "")
        matched = {
            pattern for pattern in {*patterns, *fact.order} if re.search(pattern, line)
        }
        name = label.rstrip(": ")
        if name in exact - seen:
            matched.add(f"{name}: {value.strip()}")
        if name in summands - seen:
            matched.add("a summand")
        seen.add(name)
        said.append(matched)
    return said


def _changed(line: str) -> str:
    match = LABELLED.fullmatch(line)
    return match["label"] + OTHER if match else OTHER


def _exchanged(lines: list[str], one: int, other: int) -> list[str]:
    """Return the lines with the values of two of them exchanged, if they have any."""
    first, second = (LABELLED.fullmatch(lines[at]) for at in (one, other))
    exchanged = list(lines)
    if first and second:
        exchanged[one] = first["label"] + second["value"]
        exchanged[other] = second["label"] + first["value"]
    return exchanged

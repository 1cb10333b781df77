"""Compare the outputs of cells with the expectations of a fact."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from tabbook.verification.facts.facts_file import Fact

NOT_PRINTED = "(not printed)"
"""The value of a label that no line of the output begins with."""


def violations(fact: Fact, printed: Mapping[str, str]) -> Iterator[str]:
    """Yield the expectations of a fact that outputs do not meet.

    :param printed: the output of the fact's cell, by framework.
    """
    yield from _unexpected_values(fact, printed)
    yield from _wrong_sums(fact, printed)
    yield from _wrong_counts(fact, printed)
    yield from _wrong_order(fact, printed)
    yield from _unequal_values(fact, printed)


def _value(label: str, text: str) -> str:
    for line in text.splitlines():
        if line.startswith(label + ":"):
            return line.removeprefix(label + ":").strip()
    return NOT_PRINTED


def _unexpected_values(fact: Fact, printed: Mapping[str, str]) -> Iterator[str]:
    for label, wanted in fact.says.items():
        for name, text in printed.items():
            expected = wanted if isinstance(wanted, str) else wanted.get(name)
            value = _value(label, text)
            if value != expected:
                yield f"{name}: {label}: expected {expected}, printed {value}"


def _wrong_sums(fact: Fact, printed: Mapping[str, str]) -> Iterator[str]:
    for name, text in printed.items():
        try:
            parts = [_numbers(label, text) for label in fact.sum_of]
            total = _numbers(fact.gives, text) if fact.gives else []
            sums = [sum(column) for column in zip(*parts, strict=True)]
        except (ValueError, SyntaxError, TypeError) as error:
            yield f"{name}: not numbers to add up: {error}"
            continue
        if sums != total:
            yield f"{name}: {parts} do not add up to {total}"


def _numbers(label: str, text: str) -> list[float]:
    value = ast.literal_eval(_value(label, text))
    return list(value) if isinstance(value, tuple) else [value]


def _wrong_counts(fact: Fact, printed: Mapping[str, str]) -> Iterator[str]:
    for pattern, expected in fact.count.items():
        for name, text in printed.items():
            lines = text.splitlines()
            count = sum(bool(re.search(pattern, line)) for line in lines)
            if count != expected:
                yield f"{name}: {count} lines match {pattern!r}, expected {expected}"


def _wrong_order(fact: Fact, printed: Mapping[str, str]) -> Iterator[str]:
    for name, text in printed.items() if fact.order else ():
        lines = [
            line
            for line in text.splitlines()
            if any(re.search(pattern, line) for pattern in fact.order)
        ]
        complete = len(lines) == len(fact.order)
        if not (complete and all(map(re.search, fact.order, lines))):
            expected = ", ".join(map(repr, fact.order))
            yield f"{name}: expected lines in the order {expected}, printed {lines}"


def _unequal_values(fact: Fact, printed: Mapping[str, str]) -> Iterator[str]:
    for label in fact.same:
        values = {name: _value(label, text) for name, text in printed.items()}
        if len(set(values.values())) != 1 or NOT_PRINTED in values.values():
            yield f"{label} differs between frameworks: {values}"

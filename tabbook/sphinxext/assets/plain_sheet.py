"""Leave out of a style sheet what selects by names that pages of plain text lack.

Half of Furo's style sheet is for what few pages have: admonitions, signatures of
functions, footnotes, line numbers, with the icons in its variables. A selector stays if
all classes and ids that it requires are known names. Those that go are remembered: a
page on which one of them could select something needs the whole sheet. Rules keep their
order, so that both sheets look the same on every other page.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

VALUE = r"""(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"""
ATTRIBUTES = re.compile(rf"class={VALUE}"), re.compile(rf"id={VALUE}")
"""Classes and ids in the text of a page; a pattern for each is faster than one."""

VARIABLES = re.compile(r"var\(\s*(--[\w-]+)")
"""Variables in a value."""

WORDS = re.compile(r"-{0,2}[A-Za-z_][\w-]*")
"""What may be a name in a template, a style sheet or a script."""

NESTING = ("media", "supports")
"""At-rules that contain rules."""


@dataclass(frozen=True)
class PlainSheet:
    """A part of a style sheet that is enough for most pages."""

    text: str
    """The style sheet."""
    left_out: frozenset[frozenset[str]]
    """What each missing selector requires, in lower case: names, or a variable."""

    def suits(self, page: str) -> bool:
        """Return whether nothing that was left out could show on a page."""
        lower = page.lower()  # as the names of attributes may be written
        names = [
            "".join(values) for each in ATTRIBUTES for values in each.findall(lower)
        ]
        present = {*VARIABLES.findall(lower), *" ".join(names).split()}
        return not any(required <= present for required in self.left_out)


def words(text: str) -> set[str]:
    """Return all that may be the name of a class, an id or a variable in a text."""
    return set(WORDS.findall(text))


@functools.lru_cache(maxsize=1)
def reduce(sheet: str, known: frozenset[str]) -> PlainSheet:
    """Return a style sheet without selectors that require names other than the known.

    :param known: classes, ids and variables (with their dashes).
    """
    import tinycss2  # seldom needed: the result is kept

    reduction = _Reduction(known)
    rules = list(reduction.rules(tinycss2.parse_stylesheet(sheet, True, True)))
    unused = _unused(rules) - reduction.known
    text = "".join(rule.text(unused) for rule in rules)
    left_out = reduction.left_out | {frozenset([name]) for name in unused}
    lower = (frozenset(name.lower() for name in names) for names in left_out)
    return PlainSheet(text, frozenset(lower))


@dataclass(frozen=True)
class _Rule:
    """A rule that stays."""

    begin: str = ""
    """What stands before its braces."""
    declarations: tuple[tuple[str, str], ...] = ()
    """Property and text of each."""
    rules: tuple[_Rule, ...] = ()
    whole: str = ""
    """The text of a rule that is not taken apart."""

    def text(self, unused: set[str]) -> str:
        """Return the rule without variables that nothing uses."""
        inner = "".join(rule.text(unused) for rule in self.rules)
        inner += ";".join(
            text for name, text in self.declarations if name not in unused
        )
        return f"{self.begin}{{{inner}}}" if inner else self.whole

    def all_declarations(self) -> Iterator[tuple[str, str]]:
        """Yield those of the rules in it as well."""
        yield "", self.whole
        yield from self.declarations
        for rule in self.rules:
            yield from rule.all_declarations()


@dataclass
class _Reduction:
    """Collects the selectors that are left out while rules are read."""

    known: frozenset[str]
    left_out: set[frozenset[str]] = field(default_factory=set)

    def rules(self, parsed: Iterable[Any]) -> Iterator[_Rule]:
        """Yield the rules that stay."""
        import tinycss2

        for rule in parsed:
            if rule.type == "at-rule" and rule.lower_at_keyword in NESTING:
                inner = tinycss2.parse_rule_list(rule.content, True, True)
                begin = f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}"
                yield _Rule(begin, rules=tuple(self.rules(inner)))
            elif rule.type != "qualified-rule":
                yield _Rule(whole=rule.serialize())
            elif selectors := list(self._selectors(rule.prelude)):
                yield _Rule(",".join(selectors), tuple(_declarations(rule.content)))

    def _selectors(self, prelude: Iterable[Any]) -> Iterator[str]:
        import tinycss2

        for selector in _at_commas(prelude):
            missing = _required(selector) - self.known
            if missing:
                self.left_out.add(frozenset(missing))
            else:
                yield tinycss2.serialize(selector).strip()


def _at_commas(prelude: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield the selectors of a rule."""
    selector: list[Any] = []
    for token in prelude:
        if token == ",":
            yield selector
            selector = []
        else:
            selector.append(token)
    yield selector


def _required(selector: list[Any]) -> set[str]:
    """Return the classes and ids without which a selector selects nothing.

    What stands in the parentheses of ``:not()`` and ``:is()`` is not required.
    """
    classes = {
        token.value
        for before, token in pairwise(selector)
        if before == "." and token.type == "ident"
    }
    return classes | {token.value for token in selector if token.type == "hash"}


def _declarations(content: Iterable[Any]) -> Iterator[tuple[str, str]]:
    import tinycss2

    for declaration in tinycss2.parse_blocks_contents(content, True, True):
        yield getattr(declaration, "name", ""), declaration.serialize().rstrip("; ")


def _unused(rules: Iterable[_Rule]) -> set[str]:
    """Return the variables that are set, and that no other property needs."""
    needed: dict[str, set[str]] = {}
    for rule in rules:
        for name, text in rule.all_declarations():
            variable = name if name.startswith("--") else ""
            needed.setdefault(variable, set()).update(VARIABLES.findall(text))
    used, reached = set(), {""}
    while reached:
        used |= reached
        reached = set().union(*(needed.get(name, ()) for name in reached)) - used
    return needed.keys() - used

"""Numbers of sections, and those of figures, tables and equations that follow them.

The rule is Sphinx's ``numfig`` with two levels, which d2lbook sets. Tables of contents
with ``:numbered:`` number the headings of the pages below them; if no table of the book
has the option, those of the root page do. The first two levels of the number above a
figure are its prefix, and figures are counted per prefix. Where there is no number,
they are counted without a prefix in reading order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tabbook.source.section import Section
from tabbook.source.structure.pages import PageTree
from tabbook.source.structure.toc import UNLIMITED, Toc

LEVELS = 2
"""Levels of the number of a section that numbers of figures begin with."""

Number = tuple[int, ...]


@dataclass(frozen=True)
class Heading:
    """A heading with its content, up to the next one of its level."""

    line: int
    below: tuple[Heading | Toc, ...]


@dataclass(frozen=True)
class Numbering:
    """The numbers of a book's headings."""

    tree: PageTree

    def prefix(self, name: str, line: int) -> Number:
        """Return the prefix of a figure's number; empty for none.

        :param name: the section, or the solutions of one.
        :param line: the figure's line.
        """
        section = self.tree.sections[name]
        if section.solves in self.tree.sections:
            name, line = section.solves, 0
        number: Number = ()
        for start, each in self.headings.get(name, ()):
            if start <= line or not number:
                number = each
        return number[:LEVELS]

    @cached_property
    def headings(self) -> Mapping[str, tuple[tuple[int, Number], ...]]:
        """Return line and number of the headings of each page that is numbered.

        A heading below the depth of ``:numbered:`` has the number of the one above it.
        """
        walk = _Walk(self.tree)
        for name, toc, depth in self._numbered():
            walk.toc(name, toc, [0], depth, ())
        deep = {name: ((0, number),) for name, number in walk.deep.items()}
        return deep | {name: tuple(numbers) for name, numbers in walk.numbers.items()}

    def _numbered(self) -> Iterator[tuple[str, Toc, int]]:
        """Yield page, table and depth of each table that numbers its entries."""
        tables = [
            (name, toc)
            for name in self.tree.order(self.tree.root)
            for toc in self.tree.sections[name].tocs
        ]
        numbered = [(name, toc, toc.numbered) for name, toc in tables if toc.numbered]
        root = [
            (name, toc, UNLIMITED) for name, toc in tables if name == self.tree.root
        ]
        yield from numbered or root


@dataclass
class _Walk:
    """Numbers headings in the order of the tables, each page once."""

    tree: PageTree
    numbers: dict[str, list[tuple[int, Number]]] = field(default_factory=dict)
    deep: dict[str, Number] = field(default_factory=dict)
    """The number above each page that is too deep to be numbered itself."""

    def toc(
        self, page: str, toc: Toc, stack: list[int], depth: int, above: Number
    ) -> None:
        """Give numbers to the pages that a table lists.

        :param stack: the last number of each level so far; it is advanced.
        :param depth: how many levels are numbered from here on.
        :param above: the number above, for pages too deep to have their own.
        """
        links = [link for link in self.tree.links.get(page, ()) if link.toc == toc]
        for link in reversed(links) if toc.has("reversed") else links:
            section = self.tree.sections[link.name]
            if depth <= 0:
                self.deep.setdefault(link.name, above)
                for below in section.tocs:
                    self.toc(link.name, below, stack, 0, above)
            elif link.name not in self.numbers:
                self.numbers[link.name] = []
                self._parts(link.name, outline(section), stack, depth, above)

    def _parts(
        self,
        page: str,
        parts: tuple[Heading | Toc, ...],
        stack: list[int],
        depth: int,
        above: Number,
    ) -> None:
        for part in parts:
            if isinstance(part, Toc):
                self.toc(page, part, stack, depth, above)
                continue
            stack[-1] += 1
            number = tuple(stack) if depth > 0 else above
            self.numbers[page].append((part.line, number))
            self._parts(page, part.below, [*stack, 0], depth - 1, number)


def outline(section: Section) -> tuple[Heading | Toc, ...]:
    """Return the headings of a section as they nest, with its tables of contents."""
    headings = section.headings or ((0, 1),)
    marks: list[tuple[int, int | Toc]] = [
        *headings,
        *((toc.line, toc) for toc in section.tocs),
    ]
    marks.sort(key=lambda mark: mark[0])
    parts, _ = _nested(marks, 0, 0)
    return parts


def _nested(
    marks: list[tuple[int, int | Toc]], at: int, level: int
) -> tuple[tuple[Heading | Toc, ...], int]:
    """Return the content below a heading of a level, and the index after it."""
    parts: list[Heading | Toc] = []
    while at < len(marks):
        line, mark = marks[at]
        if isinstance(mark, Toc):
            parts.append(mark)
            at += 1
        elif mark <= level:
            break
        else:
            below, at = _nested(marks, at + 1, mark)
            parts.append(Heading(line, below))
    return tuple(parts), at


@dataclass
class Count:
    """Counts figures, tables and equations in reading order."""

    numbering: Numbering
    counts: Counter[tuple[str, Number]] = field(default_factory=Counter)

    def next(self, kind: str, section: str, line: int) -> str:
        """Return the next number of a kind, such as ``1.2.3``.

        :param section: name of the section that contains it.
        :param line: its line in the section.
        """
        prefix = self.numbering.prefix(section, line)
        self.counts[kind, prefix] += 1
        return ".".join(map(str, (*prefix, self.counts[kind, prefix])))

"""The tree of a book's pages, as its tables of contents describe it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from tabbook.source.section import SOLUTIONS, Section
from tabbook.source.structure.toc import Toc, TocEntry


@dataclass(frozen=True)
class Link:
    """A page that a table of contents lists."""

    toc: Toc
    entry: TocEntry
    name: str
    """Name of the page."""


@dataclass(frozen=True)
class PageTree:
    """The pages of a book and the links between them.

    A page may be listed several times. A link that would close a loop is no part of the
    tree; lint reports it.
    """

    sections: Mapping[str, Section]
    """The book's sections by name."""
    root: str
    """Name of the root page."""

    @cached_property
    def names(self) -> frozenset[str]:
        """Return the names of the pages: all sections but solutions."""
        return frozenset(
            name
            for name, section in self.sections.items()
            if section.solves not in self.sections
        )

    @cached_property
    def links(self) -> Mapping[str, tuple[Link, ...]]:
        """Return the links of each page's tables, without those that close a loop."""
        return {
            name: tuple(link for link in links if (name, link) not in self.loops)
            for name, links in self._every_link.items()
        }

    @cached_property
    def loops(self) -> frozenset[tuple[str, Link]]:
        """Return page and link of each link to the page itself or to one above it."""
        closing: set[tuple[str, Link]] = set()
        finished: set[str] = set()
        for start in (self.root, *sorted(self._every_link)):
            above = {start: iter(self._every_link.get(start, ()))}
            while above and start not in finished:
                name = next(reversed(above))
                link = next(above[name], None)
                if link is None:
                    finished.add(name)
                    above.popitem()
                elif link.name in above:
                    closing.add((name, link))
                elif link.name not in finished:
                    above[link.name] = iter(self._every_link.get(link.name, ()))
        return frozenset(closing)

    def order(self, start: str) -> list[str]:
        """Return the sections that a page leads to, itself first, depth first.

        Each page is followed by its solutions.
        """
        order: dict[str, None] = {}
        waiting = [start]
        while waiting:
            name = waiting.pop()
            if name in self.sections and name not in order:
                order[name] = None
                waiting += [link.name for link in reversed(self.links.get(name, ()))]
                waiting.append(name + SOLUTIONS)
        return list(order)

    @cached_property
    def _every_link(self) -> Mapping[str, tuple[Link, ...]]:
        return {name: tuple(self._listed(name)) for name in self.names}

    def _listed(self, name: str) -> Iterator[Link]:
        """Yield the pages that a page lists; a table lists each only once."""
        for toc in self.sections[name].tocs:
            listed: set[str] = set()
            for entry in toc.entries:
                # A pattern leaves out the page it stands on, as in Sphinx.
                others = self.names - {name} if entry.pattern else self.names
                for target in toc.names(entry, others):
                    if target not in listed:
                        listed.add(target)
                        yield Link(toc, entry, target)

"""The head of a notebook: its title with the framework, and links to what is near.

A notebook may be read far from its folder: saved alone, uploaded, or opened by Colab.
Where config.ini names a repository, links to other notebooks open them on Colab; where
it names a site, they lead to its pages; elsewhere they are relative, as those in the
text are.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tabbook.base import repository
from tabbook.base.config import Framework
from tabbook.base.translations import texts
from tabbook.notebooks.paths import notebook_path
from tabbook.source.book import Book
from tabbook.source.section import SOLUTIONS, Section

TITLE = re.compile(r"# (?P<title>.+)(?:\n+|\Z)")
"""The title at the head of a notebook's text, and the blank lines below."""


@dataclass(frozen=True)
class Head:
    """The head of a section's notebook in one framework."""

    book: Book
    section: Section
    framework: Framework

    def split(self, text: str) -> tuple[str, str]:
        """Return the head and the rest of a notebook's first text.

        :returns: an empty head where the text begins with no title.
        """
        match = TITLE.match(text)
        if match is None:
            return "", text
        links = " | ".join(self._links())
        head = f"# {self._title(match['title'])}"
        return f"{head}\n\n{links}".rstrip(), text[match.end() :]

    def _title(self, title: str) -> str:
        if len(self.book.config.frameworks) == 1:
            return title
        words = texts(self.book.config.language, "notebook")
        return words["title"].format(title=title, label=self.framework.label)

    def _links(self) -> Iterator[str]:
        """Yield the links to the page and to the notebooks around."""
        words = texts(self.book.config.language, "notebook")
        if site := repository.site(self.book.config):
            yield f"[{words['page']}]({self._page(site, self.section)})"
        for word, section in self._near():
            yield words[word].format(
                link=f"[{section.title}]({self._address(section)})"
            )

    def _near(self) -> Iterator[tuple[str, Section]]:
        """Yield the notebooks around, each with the word for its place."""
        if self.section.solves:
            if exercises := self.book.section(self.section.solves):
                yield "exercises", exercises
            return
        order = [section for section in self.book.sections if self._is_step(section)]
        at = order.index(self.section) if self.section in order else -1
        if at > 0:
            yield "previous", order[at - 1]
        if 0 <= at < len(order) - 1:
            yield "next", order[at + 1]
        solutions = self.book.section(f"{self.section.name}{SOLUTIONS}")
        if solutions and self.framework in self.book.frameworks_of(solutions):
            yield "solutions", solutions

    def _is_step(self, section: Section) -> bool:
        """Return whether readers of the framework come through a section."""
        return not section.solves and self.framework in self.book.frameworks_of(section)

    def _address(self, section: Section) -> str:
        config = self.book.config
        path = notebook_path(section.name, self.framework.name)
        if known := repository.named(config):
            return known.colab(path)
        if site := repository.site(config):
            return self._page(site, section)
        here = posixpath.dirname(notebook_path(self.section.name, self.framework.name))
        return posixpath.relpath(path, here)

    def _page(self, site: str, section: Section) -> str:
        name = section.solves or section.name
        return f"{site}{name}.html?framework={self.framework.name}"

"""Complete the index page: where to start, what was verified, the map of the book."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.osutil import relative_uri

from tabbook.base.files import read_text
from tabbook.base.translations import texts
from tabbook.notebooks.verified import VerificationRecord
from tabbook.source import cover, fact_files
from tabbook.source.book import Book
from tabbook.source.section import Section
from tabbook.sphinxext.html.cover.book_map import linked
from tabbook.sphinxext.reader.generated import VERIFICATION
from tabbook.sphinxext.reader.reader import INCLUDED
from tabbook.sphinxext.transforms.cover import AFTER, BEFORE

Offers = Callable[[Section], list[dict[str, str]]]
"""Returns the links to the notebooks of a section."""


@dataclass(frozen=True)
class CoverPage:
    """The parts of the index page that are computed from the whole book."""

    book: Book
    records: Mapping[tuple[str, str], VerificationRecord]
    """The records that hold, by section and framework."""

    def state(self, offers: Offers) -> list[object]:
        """Return the dependencies of the parts, without the index page itself."""
        shown = self._shown
        return [
            *self._numbers().values(),
            self._map_source,
            self.book.config.cover,
            offers(shown) if shown else [],
        ]

    def fill(self, app: Sphinx, context: dict[str, Any], offers: Offers) -> None:
        """Put the parts into the page's HTML; the page needs no list of its headings.

        :param context: of the page's template; its body has the marks to replace.
        """
        words = texts(self.book.config.language, "cover")
        here = app.builder.get_target_uri(self.book.config.index)
        groups = list(self._groups(app, here))
        context["furo_hide_toc"] = True
        app.add_css_file("cover.css", priority=810)  # below those of every page
        context["tabbook"]["cover"] = {
            "words": words,
            "start": context["next"],
            "offers": self._offers(offers, here),
            "has_code": 'class="cover-code"' in context["body"],
            "numbers": [
                (name, number, words[name])
                for name, number in self._numbers().items()
                if number
            ],
            "proof": self._proof(app, here),
            "groups": groups,
            "map": linked(self._map_source, _titles(groups)),
        }
        for mark, template in ((BEFORE, "cover_start"), (AFTER, "cover_map")):
            if mark in context["body"]:
                part = app.builder.templates.render(
                    f"partials/{template}.html", context
                )
                context["body"] = context["body"].replace(mark, part, 1)

    @property
    def _shown(self) -> Section | None:
        """Return the section whose notebook is offered: the code's, or the first."""
        if cover_code := cover.find(self.book):
            return cover_code.section
        order = self.book.tree.order(self.book.config.index)
        sections = (self.book.section(name) for name in order)
        return next(
            filter(lambda section: section and section.has_code, sections), None
        )

    def _offers(self, offers: Offers, here: str) -> list[dict[str, str]]:
        offered = offers(self._shown) if self._shown else []
        return [{**each, "file": relative_uri(here, each["file"])} for each in offered]

    def _numbers(self) -> dict[str, int]:
        """Return how much of the book is verified, by the names of the words for it."""
        sections = {section for section, _ in self.records}
        return {
            "notebooks": len(self.records),
            "cells": sum(record.cells for record in self.records.values()),
            "facts": fact_files.count(self.book.config, sections),
        }

    @property
    def _map_source(self) -> str:
        path = self.book.config.cover_map
        file = self.book.config.root / path
        return read_text(file) if path and file.is_file() else ""

    def _proof(self, app: Sphinx, here: str) -> str:
        """Return the address of the page of verification; empty for none."""
        for section in self.book.pages:
            included = json.loads(app.env.metadata[section.name].get(INCLUDED, "{}"))
            if VERIFICATION in included.get("generated", ()):
                return relative_uri(here, app.builder.get_target_uri(section.name))
        return ""

    def _groups(self, app: Sphinx, here: str) -> Iterator[dict[str, Any]]:
        """Yield the pages that the index page lists, each with those that it lists.

        Pages without any below them come last, in one group without a title.
        """
        alone = []
        index = self.book.config.index
        for name in dict.fromkeys(link.name for link in self.book.tree.links[index]):
            below = dict.fromkeys(
                link.name for link in self.book.tree.links.get(name, ())
            )
            if below:
                pages = [self._entry(app, here, each) for each in below]
                yield {"page": self._entry(app, here, name), "pages": pages}
            else:
                alone.append(self._entry(app, here, name))
        if alone:
            yield {"page": None, "pages": alone}

    def _entry(self, app: Sphinx, here: str, name: str) -> dict[str, str]:
        section = self.book.tree.sections[name]
        number = app.env.toc_secnumbers.get(name, {}).get("", ())
        return {
            "uri": relative_uri(here, app.builder.get_target_uri(name)),
            "title": section.title,
            "number": ".".join(map(str, number)),
        }


def _titles(groups: list[dict[str, Any]]) -> dict[str, str]:
    """Return the addresses of the listed pages by their titles."""
    entries = [
        entry for group in groups for entry in (group["page"], *group["pages"]) if entry
    ]
    return {entry["title"]: entry["uri"] for entry in reversed(entries)}

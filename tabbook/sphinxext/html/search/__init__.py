"""Write the index of the full-text search, and replace Sphinx's search.

Sphinx splits Japanese text into words but not the query, and so misses many matches.
Here nothing is split: ``search-index.js`` holds the text line by line, and
``theme/static/search.js`` searches it for the query as a substring. Results quote the
text, so it must be loaded anyway; an additional index of letter pairs would enlarge the
file by half and yield no more results.

``_js_files`` is private to Sphinx's builder and used here only: there is no public way
to remove the scripts of Sphinx's own search.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from tabbook.base.translations import texts
from tabbook.source.book import Book
from tabbook.sphinxext.html.search.entries import IndexEntry, entries
from tabbook.sphinxext.settings import book_of

INDEX = "search-index.js"
"""File that the search page loads from its own folder."""

ENTRIES = "tabbook_search"
"""Page metadata with its entries as JSON; Sphinx merges and purges metadata."""

REPLACED = (
    "searchindex.js",
    "_static/doctools.js",
    "_static/language_data.js",
    "_static/searchtools.js",
    "_static/sphinx_highlight.js",
    "_static/translations.js",
)
"""Files that only Sphinx's search uses."""


def setup(app: Sphinx) -> None:
    """Register the index and the page in place of Sphinx's own."""
    app.connect("doctree-read", collect)
    app.connect("builder-inited", _replace_search)


def _replace_search(app: Sphinx) -> None:
    if not app.config.tabbook_framework:
        Search(book_of(app)).take_over(app)


def collect(app: Sphinx, document: nodes.document) -> None:
    """Store the entries of a page that Sphinx has read."""
    names = [name for name, _ in app.config.tabbook_frameworks]
    app.env.metadata[app.env.docname][ENTRIES] = json.dumps(
        [_packed(entry, names) for entry in entries(document, names)],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def words(language: str) -> dict[str, str]:
    """Return the words of the search, and as ``json`` all of them for its scripts."""
    comma = texts(language, "punctuation")["comma"]
    said = {**texts(language, "search"), "comma": comma}
    return {
        **said,
        "json": json.dumps(said, ensure_ascii=False).replace("<", "\\u003c"),
    }


@dataclass(frozen=True)
class Search:
    """The search page of a book and its index."""

    book: Book

    def take_over(self, app: Sphinx) -> None:
        """Replace Sphinx's search in builders that have it."""
        builder: Any = app.builder
        if not getattr(builder, "search", False):
            return
        builder.search = False
        builder._js_files = [
            script
            for script in builder._js_files
            if str(script.filename) not in REPLACED
        ]
        app.connect("html-collect-pages", self.write)
        app.connect("build-finished", _remove_replaced)

    def write(self, app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
        """Write the index and return the search page."""
        content = self._index(app)
        (Path(app.outdir) / INDEX).write_text(content, encoding="utf-8")
        digest = hashlib.sha256(content.encode()).hexdigest()[:8]
        title = words(self.book.config.language)["title"]
        context = {"title": title, "search_index": f"{INDEX}?v={digest}"}
        yield "search", context, "search.html"

    def _index(self, app: Sphinx) -> str:
        """Return the script that sets the index, with the entries of every page."""
        pages = []
        for section in self.book.pages:
            packed = app.env.metadata[section.name].get(ENTRIES, "[]")
            uri = app.builder.get_target_uri(section.name)
            page = json.dumps([uri, section.title], ensure_ascii=False)
            pages.append(f"{page[:-1]},{packed}]")
        frameworks = json.dumps(app.config.tabbook_frameworks, ensure_ascii=False)
        synonyms = json.dumps(self._synonyms(), ensure_ascii=False)
        lines = ",\n".join(pages)
        return (
            f'searchIndex={{"frameworks":{frameworks},"synonyms":{synonyms},'
            f'"pages":[\n{lines}\n]}};\n'
        )

    def _synonyms(self) -> list[list[str]]:
        """Return each of the book's terms with the other forms that lead to it."""
        return [
            [term.japanese, *filter(None, (*term.avoid, term.reading, term.english))]
            for term in self.book.words.terms
        ]


def _packed(entry: IndexEntry, names: list[str]) -> list[object]:
    """Return an entry as the array that ``search.js`` reads."""
    passages = [
        [_bits(passage.frameworks, names), passage.kind, passage.text]
        for passage in entry.passages
    ]
    return [entry.level, entry.anchor, entry.title, passages]


def _bits(frameworks: Iterable[str], names: list[str]) -> int:
    """Return frameworks as a bit mask; 0 means all."""
    return sum(1 << names.index(name) for name in frameworks)


def _remove_replaced(app: Sphinx, error: Exception | None) -> None:
    """Remove the files that Sphinx's search would have used."""
    for name in REPLACED:
        (Path(app.outdir) / name).unlink(missing_ok=True)

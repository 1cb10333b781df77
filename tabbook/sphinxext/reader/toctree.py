"""Tables of contents of the book in place of Sphinx's reading of them.

Lint reports what a table lists and does not exist, repeats or leads in a circle. The
pages leave such entries out, so that Sphinx has nothing to add.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.directives.other import TocTree

from tabbook.source.book import Book
from tabbook.source.structure.toc import OPTIONS, Toc, TocEntry, parse_toc
from tabbook.sphinxext.settings import book_of


def setup(app: Sphinx) -> None:
    """Replace Sphinx's directive."""
    app.add_directive("toctree", BookToc, override=True)


class _Options(dict[str, Callable[[str], Any]]):
    """Reads every option; those that Sphinx would refuse are left out."""

    def __missing__(self, key: str) -> Callable[[str], Any]:
        return str


def _tolerant(read: Callable[[str], Any], name: str) -> Callable[[str], Any]:
    def option(text: str) -> Any:
        """Return the value of an option; None for one that is refused."""
        try:
            OPTIONS[name](text or "")
            return read(text)
        except ValueError:
            return None

    return option


class BookToc(TocTree):
    """A table of contents whose entries the book knows."""

    option_spec = _Options(
        {name: _tolerant(read, name) for name, read in TocTree.option_spec.items()}
    )

    def run(self) -> Any:
        """Return Sphinx's nodes, without the options that cannot be read."""
        valued = {"maxdepth", "numbered", "caption", "name", "class"}
        for name, value in list(self.options.items()):
            if name not in OPTIONS or (value is None and name in valued):
                del self.options[name]
        return super().run()

    def parse_content(self, toctree: addnodes.toctree) -> None:
        """Add the entries that lead to pages, and the links to elsewhere."""
        book = book_of(self)
        name = self.env.current_document.docname
        section = book.section(name)
        toc = parse_toc("\n".join(self.content), section.folder if section else "")
        if toctree["glob"]:
            toc = Toc(toc.line, ((0, "glob", ""), *toc.options), toc.entries)
        for entry, target in _targets(book, name, toc):
            if entry.elsewhere:
                title = entry.title or (None if target == "self" else target)
                toctree["entries"].append((title, target))
            else:
                toctree["entries"].append((entry.title or None, target))
                toctree["includefiles"].append(target)
        if "reversed" in self.options:
            toctree["entries"].reverse()
            toctree["includefiles"].reverse()


def _targets(book: Book, page: str, toc: Toc) -> Iterator[tuple[TocEntry, str]]:
    """Yield each entry with each page that it lists, or with where else it leads."""
    circular = {link.name for name, link in book.tree.loops if name == page}
    seen: set[str] = set()
    for entry in toc.entries:
        if entry.elsewhere:
            yield entry, entry.target
            continue
        others = book.tree.names - circular - ({page} if entry.pattern else set())
        for name in toc.names(entry, others):
            if name not in seen:
                seen.add(name)
                yield entry, name

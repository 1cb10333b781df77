"""The book's contents in the sidebar of each page, rendered once for all pages.

Sphinx and Furo render the contents of the whole book for every page, which grows with
the square of the number of pages. Between pages only the relative links and the current
entry differ, so the HTML is rendered once and cut at its tags; a page joins the pieces.
The HTML is cut rather than the document tree, so the result equals Furo's byte by byte.

``_get_local_toctree`` is private to Sphinx and used here only: its public form, the
template function ``toctree``, exists only while a page is being written.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from docutils import nodes
from furo.navigation import get_navigation_tree
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.environment import BuildEnvironment
from sphinx.util.osutil import relative_uri

TAG = re.compile(r"(</?(?:ul|li)\b[^>]*>|<a [^>]*>|<input [^>]*>)")
LINK = re.compile(r'<a class="(?P<classes>[^"]*)" href="(?P<uri>[^":]*)">')
"""A link to a page of the book; a URL with a colon is external."""

UNLISTED = "search"
"""A page in the root folder that the contents do not list."""


@dataclass(frozen=True)
class ContentsLink:
    """A link to a page in the contents."""

    at: int
    """Its index in the pieces."""
    classes: str
    uri: str
    """Address of the page, relative to the root."""
    above: tuple[int, ...]
    """Indexes of the tags that open its lists and items, outermost first."""


class Contents:
    """The contents of a book as Furo renders them."""

    def __init__(self, tree: str) -> None:
        """Cut the HTML of a page in the root folder at its tags."""
        self.pieces = TAG.split(tree)
        self.entries: list[ContentsLink] = []
        self.boxes: dict[int, int] = {}
        self.of_folder: dict[str, list[str]] = {}
        above: list[int] = []
        for at, piece in enumerate(self.pieces):
            if piece.startswith(("<ul", "<li")):
                above.append(at)
            elif piece.startswith(("</ul", "</li")):
                above.pop()
            elif piece.startswith("<input"):
                self.boxes[above[-1]] = at
            elif link := LINK.fullmatch(piece):
                entry = ContentsLink(at, link["classes"], link["uri"], tuple(above))
                self.entries.append(entry)

    def for_page(self, uri: str) -> str:
        """Return the contents for the page with an address relative to the root."""
        pieces = self._of_folder(posixpath.dirname(uri)).copy()
        last = -1
        for entry in self.entries:
            if entry.uri == uri:
                pieces[entry.at] = f'<a class="current {entry.classes}" href="#">'
                last = max(last, *entry.above)
                for at in entry.above:
                    self._unfold(pieces, at)
        if last >= 0:
            pieces[last] = pieces[last].replace('">', ' current-page">')
        return "".join(pieces)

    def _of_folder(self, folder: str) -> list[str]:
        """Return the pieces with links relative to a folder."""
        if folder not in self.of_folder:
            pieces = self.pieces.copy()
            for entry in self.entries:
                uri = relative_uri(posixpath.join(folder, "-"), entry.uri)
                pieces[entry.at] = f'<a class="{entry.classes}" href="{uri}">'
            self.of_folder[folder] = pieces
        return self.of_folder[folder]

    def _unfold(self, pieces: list[str], at: int) -> None:
        """Mark a list or an item that contains the current page."""
        if self.pieces[at].startswith("<ul"):
            pieces[at] = '<ul class="current">'
            return
        level, *rest = self.pieces[at].split('"')[1].split()
        pieces[at] = f'<li class="{" ".join([level, "current", *rest])}">'
        if box := self.boxes.get(at):
            pieces[box] = self.pieces[box].replace(" class=", ' checked="" class=')


def setup(app: Sphinx) -> None:
    """Register the contents; the formats of a single framework have no sidebar."""
    app.connect("builder-inited", _start)


def _start(app: Sphinx) -> None:
    if not app.config.tabbook_framework:
        Sidebar(app)
        ListedHeadings(app)


class Sidebar:
    """Passes its contents to the template of each page."""

    def __init__(self, app: Sphinx) -> None:
        """Run before Furo's handler, which then renders nothing."""
        self.app = app
        app.connect("html-page-context", self.add, priority=400)

    @cached_property
    def contents(self) -> Contents:
        """The contents of the whole book; available once all pages are read."""
        builder: Any = self.app.builder
        whole = builder._get_local_toctree(
            UNLISTED, collapse=False, titles_only=True, maxdepth=-1, includehidden=True
        )
        return Contents(get_navigation_tree(whole))

    def add(
        self,
        app: Sphinx,
        name: str,
        template: str,
        context: dict[str, Any],
        doctree: nodes.document | None,
    ) -> None:
        """Pass the page's contents to the sidebar's template."""
        context.pop("toctree", None)
        context["contents"] = self.contents.for_page(app.builder.get_target_uri(name))


class ListedHeadings:
    """Prevents rewriting pages that list a page whose headings have not changed."""

    def __init__(self, app: Sphinx) -> None:
        """Compare the headings before reading with those before writing."""
        self.before: dict[str, object] = {}
        app.connect("env-before-read-docs", self.remember)
        app.connect("write-started", self.skip_unchanged)

    def remember(self, app: Sphinx, env: BuildEnvironment, names: list[str]) -> None:
        """Remember the headings of the pages that are about to be read."""
        self.before = {name: _listed(env, name) for name in names if name in env.tocs}

    def skip_unchanged(self, app: Sphinx, builder: Builder) -> None:
        """Skip pages that would be rewritten for a page with unchanged headings."""
        for name, listed in self.before.items():
            if name in app.env.tocs and _listed(app.env, name) == listed:
                app.env.files_to_rebuild.pop(name, None)


def _listed(env: BuildEnvironment, name: str) -> object:
    """Return everything about a page that lists on other pages can show."""
    title, numbers = env.titles[name].astext(), env.toc_secnumbers.get(name)
    return title, env.tocs[name].pformat(), numbers

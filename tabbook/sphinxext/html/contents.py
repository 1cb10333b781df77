"""The book's contents beside each page, made once for all pages.

Sphinx and Furo make them anew for every page, from the whole book. From page to page
no more differs than where links begin and which entry is the page's own. A page that
lists others is written again only where its list would change.
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
"""A link to a page; what has a colon leads out of the book."""

OUTSIDE = "search"
"""A page that stands in no contents, in the folder where all begins."""


@dataclass(frozen=True)
class Entry:
    """A link to a page of the book."""

    at: int
    """The piece that it is."""
    classes: str
    uri: str
    """What it leads to, seen from the root."""
    above: tuple[int, ...]
    """The pieces that open what it stands in, lists and their items in turn."""


class Contents:
    """The tree of a book's pages as Furo has it."""

    def __init__(self, tree: str) -> None:
        """Take a tree apart, as a page in the root folder has it."""
        self.pieces = TAG.split(tree)
        self.entries: list[Entry] = []
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
                found = Entry(at, link["classes"], link["uri"], tuple(above))
                self.entries.append(found)

    def beside(self, uri: str) -> str:
        """Return the tree as the page at an address has it, seen from the root."""
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
        """Return the pieces with links as they begin in a folder."""
        if folder not in self.of_folder:
            made = self.pieces.copy()
            for entry in self.entries:
                uri = relative_uri(posixpath.join(folder, "-"), entry.uri)
                made[entry.at] = f'<a class="{entry.classes}" href="{uri}">'
            self.of_folder[folder] = made
        return self.of_folder[folder]

    def _unfold(self, pieces: list[str], at: int) -> None:
        """Say of a list or an item that the page stands in it."""
        if self.pieces[at].startswith("<ul"):
            pieces[at] = '<ul class="current">'
            return
        level, *rest = self.pieces[at].split('"')[1].split()
        pieces[at] = f'<li class="{" ".join([level, "current", *rest])}">'
        if box := self.boxes.get(at):
            pieces[box] = self.pieces[box].replace(" class=", ' checked="" class=')


def setup(app: Sphinx) -> None:
    """Register the contents; a book of one framework is read without them."""
    app.connect("builder-inited", _start)


def _start(app: Sphinx) -> None:
    if not app.config.tabbook_framework:
        Beside(app)
        Lists(app)


class Beside:
    """Gives each page its contents in the place of Furo's."""

    def __init__(self, app: Sphinx) -> None:
        """Come before Furo's own, which is left nothing to do."""
        self.app = app
        app.connect("html-page-context", self.add, priority=400)

    @cached_property
    def contents(self) -> Contents:
        """Return the contents of the whole book, when all pages are read."""
        builder: Any = self.app.builder
        whole = builder._get_local_toctree(
            OUTSIDE, collapse=False, titles_only=True, maxdepth=-1, includehidden=True
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
        """Put the page's contents where the template of the sidebar has them."""
        context.pop("toctree", None)
        context["contents"] = self.contents.beside(app.builder.get_target_uri(name))


class Lists:
    """Knows which of the pages that were read changed what others list of them."""

    def __init__(self, app: Sphinx) -> None:
        """Look before pages are read and before they are written."""
        self.before: dict[str, object] = {}
        app.connect("env-before-read-docs", self.remember)
        app.connect("write-started", self.spare)

    def remember(self, app: Sphinx, env: BuildEnvironment, names: list[str]) -> None:
        """Note what stands in lists of the pages that are about to be read."""
        self.before = {name: _listed(env, name) for name in names if name in env.tocs}

    def spare(self, app: Sphinx, builder: Builder) -> None:
        """Have Sphinx write no page again for the sake of an equal list."""
        for name, listed in self.before.items():
            if name in app.env.tocs and _listed(app.env, name) == listed:
                app.env.files_to_rebuild.pop(name, None)


def _listed(env: BuildEnvironment, name: str) -> object:
    """Return what a list of pages can show of one."""
    title, numbers = env.titles[name].astext(), env.toc_secnumbers.get(name)
    return title, env.tocs[name].pformat(), numbers

"""Check that every internal link, anchor and file of built pages exists.

External links are not fetched: a check has the same result without a network.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

from tabbook.base.errors import Problem

LINKING = frozenset({"href", "src", "poster", "data", "xlink:href"})
"""Attributes that hold one address."""

CSS_URL = re.compile(r"""url\(\s*(?P<quote>["']?)(?P<target>[^"')]+)(?P=quote)\s*\)""")
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True)
class PageLink:
    """One address in a page or style sheet."""

    line: int
    """Line of the file, counted from 1."""
    target: str
    """The address as it is written."""


@dataclass(frozen=True)
class LinksReport:
    """Result of checking all links of a folder of pages."""

    pages: int
    links: int
    """Internal links that were checked."""
    problems: tuple[Problem, ...]


def check(folder: Path, root: Path, *, address: str = "") -> LinksReport:
    """Check all pages and style sheets below a folder.

    :param root: the book's folder; problems name files relative to it.
    :param address: where the folder is served; links that begin with it are internal.
    """
    pages = {file: _read(file) for file in sorted(folder.rglob("*.html"))}
    anchors = {file: page.anchors for file, page in pages.items()}
    count = 0
    problems = []
    for file, links in [
        *((file, page.links) for file, page in pages.items()),
        *((file, _css_links(file)) for file in sorted(folder.rglob("*.css"))),
    ]:
        base = pages[file].base if file in pages else ""
        resolver = Resolver(folder, file, base=base, address=address)
        path = _relative(file, root)
        for link in dict.fromkeys(links):
            resolved = resolver.resolve(link.target)
            if resolved is None:
                continue
            count += 1
            if problem := _problem(*resolved, anchors):
                name, message = problem
                problems.append(Problem(path, link.line, name, link.target + message))
    return LinksReport(len(pages), count, tuple(problems))


@dataclass(frozen=True)
class Resolver:
    """Turns the addresses of one file into files and anchors."""

    folder: Path
    """The folder of the pages, which a served book has as its root."""
    file: Path
    """The page or style sheet that holds the addresses."""
    base: str = ""
    """The address in the page's ``<base>``; empty if it has none."""
    address: str = ""
    """Where the folder is served; empty if unknown."""

    def resolve(self, target: str) -> tuple[Path, str] | None:
        """Return the file and the anchor of an address; None for an external one."""
        target = target.strip()
        inside = self._inside(target)
        if inside is None:
            return None
        below, start = inside
        path, anchor = urldefrag(below)
        path = unquote(urlsplit(path).path)
        if not path and start == self.file.parent:
            return self.file, unquote(anchor)
        # Not resolve(), which asks the disk about every folder of the path.
        file = Path(os.path.normpath(start / path.lstrip("/")))
        if file.is_dir():
            file /= "index.html"
        return file, unquote(anchor)

    def _inside(self, target: str) -> tuple[str, Path] | None:
        """Return an address and the folder it is relative to; None if external."""
        if self.address and target.startswith(self.address):
            return target.removeprefix(self.address), self.folder
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            return None
        if parts.path.startswith("/"):
            return target, self.folder
        if self.base and not target.startswith("#"):
            return self._below_base(target)
        return target, self.file.parent

    def _below_base(self, target: str) -> tuple[str, Path] | None:
        if self.address and self.base.startswith(self.address):
            return target, self.folder / self.base.removeprefix(self.address)
        if urlsplit(self.base).scheme:
            return None
        return target, self.file.parent / self.base


class _Page(HTMLParser):
    """Collects the links and anchors of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[PageLink] = []
        self.base = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the anchors and links of a tag."""
        line = self.getpos()[0]
        values = {name: value for name, value in attrs if value is not None}
        self.anchors |= {values["id"]} if "id" in values else set()
        self.anchors |= {values["name"]} if tag == "a" and "name" in values else set()
        if tag == "base":
            self.base = values.get("href", "")
            return
        for name, value in values.items():
            if name in LINKING:
                self.links.append(PageLink(line, value))
        for target in _srcset(values.get("srcset", "")):
            self.links.append(PageLink(line, target))


def _read(file: Path) -> _Page:
    page = _Page()
    page.feed(file.read_text(encoding="utf-8", errors="replace"))
    page.close()
    return page


def _srcset(value: str) -> Iterator[str]:
    """Yield the addresses of a ``srcset``, whose candidates have commas between."""
    if value.strip().startswith("data:"):
        return
    for candidate in value.split(","):
        if candidate.strip():
            yield candidate.split()[0]


def _css_links(file: Path) -> list[PageLink]:
    text = file.read_text(encoding="utf-8", errors="replace")
    # Comments keep their line ends, so that lines stay as they are.
    text = CSS_COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)
    return [
        PageLink(text.count("\n", 0, match.start()) + 1, match["target"])
        for match in CSS_URL.finditer(text)
    ]


def _problem(
    file: Path, anchor: str, anchors: dict[Path, set[str]]
) -> tuple[str, str] | None:
    """Return name and message of a link's error, if it has one."""
    if not file.is_file():
        return "broken-link", f": there is no file {file.name!r} at this address"
    # An empty anchor and `#top` mean the top of the page.
    if anchor and anchor != "top" and anchor not in anchors.get(file, {anchor}):
        return "missing-anchor", f": {file.name} has no element with id {anchor!r}"
    return None


def _relative(file: Path, root: Path) -> str:
    return str(file.relative_to(root)) if file.is_relative_to(root) else str(file)

"""Tables of contents: the fences that list the pages below a page."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tabbook.source.cells.dialect import Line, lines

TOC = "toc"
"""Info string of the fence that lists the pages below a page."""

SELF = "self"
"""The entry that stands for the page itself."""

TITLED = re.compile(r"(?P<title>.+?)\s*<(?P<target>[^<>]*)>")
OPTION = re.compile(r":(?P<key>[\w-]+):\s*(?P<value>.*)")
URL = re.compile(r"[a-z][a-z0-9+.-]*://.*", re.IGNORECASE)
WILDCARD = re.compile(r"\*\*|[*?]|\[!?[^]]+\]")
WILDCARDS = {"**": ".*", "*": "[^/]*", "?": "[^/]"}


def _flag(text: str) -> None:
    if text:
        raise ValueError("takes no value")


def _depth(text: str) -> int:
    return int(text) if text else UNLIMITED


UNLIMITED = 999
"""The depth to which ``:numbered:`` without a value numbers headings, as in Sphinx."""

OPTIONS: Mapping[str, Callable[[str], object]] = {
    **{"maxdepth": int, "numbered": _depth, "caption": str, "name": str, "class": str},
    **dict.fromkeys(("glob", "hidden", "includehidden", "titlesonly"), _flag),
    "reversed": _flag,
}
"""The options of a table of contents, each with the reader of its value."""


@dataclass(frozen=True)
class TocEntry:
    """One line of a table of contents."""

    line: int
    """Line of the source."""
    text: str
    """The line as it is written."""
    title: str
    """The title in front of ``<page>``; empty for the page's own."""
    target: str
    """Name of a page, relative to the root; a pattern, a URL, or ``self``."""

    @property
    def elsewhere(self) -> bool:
        """Return whether it is a URL, or the page that the table stands on."""
        return self.target == SELF or bool(URL.fullmatch(self.target))

    @property
    def pattern(self) -> bool:
        """Return whether it has wildcards."""
        return not self.elsewhere and bool(WILDCARD.search(self.target))


@dataclass(frozen=True)
class Toc:
    """One table of contents."""

    line: int
    """Line of the source that opens its fence."""
    options: tuple[tuple[int, str, str], ...]
    """Line, name and value of each option."""
    entries: tuple[TocEntry, ...]

    @property
    def numbered(self) -> int:
        """Return how many levels of headings it numbers; 0 for none."""
        for _, key, value in self.options:
            if key == "numbered":
                return _depth(value) if value.isdigit() or not value else 0
        return 0

    def has(self, option: str) -> bool:
        """Return whether an option is given."""
        return any(key == option for _, key, _ in self.options)

    def names(self, entry: TocEntry, existing: Collection[str]) -> list[str]:
        """Return the pages that an entry lists, of those that exist.

        A pattern lists pages where the table has the option ``:glob:``.
        """
        if entry.elsewhere:
            return []
        if not (self.has("glob") and entry.pattern):
            return [entry.target] if entry.target in existing else []
        expression = re.compile(_translated(entry.target))
        return sorted(name for name in existing if expression.fullmatch(name))


def tocs(source: Iterable[Line], folder: str) -> tuple[Toc, ...]:
    """Return the tables of contents of a section.

    :param folder: the section's folder, which entries are relative to.
    """
    fences: list[list[Line]] = []
    for line in source:
        if line.inside and line.fence == TOC:
            if line.opens or not fences:
                fences.append([])
            fences[-1].append(line)
    return tuple(_toc(fence, folder) for fence in fences)


def parse_toc(content: str, folder: str) -> Toc:
    """Return the table of contents of a fence, from the lines within it."""
    return next(iter(tocs(lines(f"```{TOC}\n{content}\n```"), folder)))


def _toc(fence: list[Line], folder: str) -> Toc:
    options, entries = [], []
    for line in fence[1:]:
        text = line.text.strip()
        option = OPTION.fullmatch(text)
        if option:
            options.append((line.number, option["key"], option["value"].strip()))
        elif text and not text.startswith((":", "```", "~~~")):
            entries.append(entry(text, line.number, folder))
    return Toc(fence[0].number, tuple(options), tuple(entries))


def entry(text: str, line: int, folder: str) -> TocEntry:
    """Return the entry of a line; ``.md`` may end a page's name."""
    titled = TITLED.fullmatch(text)
    target = titled["target"].strip() if titled else text
    if target != SELF and not URL.fullmatch(target):
        target = page_name(folder, target)
    return TocEntry(line, text, titled["title"] if titled else "", target)


def page_name(folder: str, target: str) -> str:
    """Return the name of a page that is named from a folder, or from the root by /."""
    joined = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
    return posixpath.normpath(joined.lstrip("/")).removesuffix(".md")


def wrong_options(toc: Toc) -> Iterator[tuple[int, str, str, str]]:
    """Yield line, name, value and reason of each option that cannot be read.

    The reason of an unknown option is empty.
    """
    for line, key, value in toc.options:
        if key not in OPTIONS:
            yield line, key, value, ""
            continue
        try:
            OPTIONS[key](value)
        except ValueError as error:
            yield line, key, value, str(error)


def _translated(pattern: str) -> str:
    """Return a pattern as a regular expression; ``*`` stays within a folder."""
    parts, at = [], 0
    for match in WILDCARD.finditer(pattern):
        parts += [re.escape(pattern[at : match.start()])]
        parts += [WILDCARDS.get(match[0], match[0].replace("[!", "[^"))]
        at = match.end()
    return "".join([*parts, re.escape(pattern[at:])])

"""The book as it lies on disk: its sections in reading order, and its labels."""

from __future__ import annotations

import functools
import glob
import posixpath
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from nbformat import NotebookNode

from tabbook.base.config import Config, Framework
from tabbook.base.errors import BookError, UsageError
from tabbook.base.translations import texts
from tabbook.source import dialect, terms

TOC = "toc"
"""Info string of the fence that lists the pages below a page."""

SOLUTIONS = "-solutions"
"""How the name of a source ends that holds the solutions of a section's exercises."""

HEADING = re.compile(r"(?P<level>#+)\s+(?P<text>.*?)\s*#*$")


@dataclass(frozen=True)
class Section:
    """One Markdown source."""

    name: str
    """Path without ``.md``, relative to the root, such as ``chapter/section``."""
    text: str
    """The source as it stands on disk."""

    @property
    def path(self) -> str:
        """Return the file's path, relative to the root."""
        return self.name + ".md"

    @property
    def folder(self) -> str:
        """Return the folder of the section, relative to the root."""
        return posixpath.dirname(self.name)

    @property
    def solves(self) -> str:
        """Return the name of the section whose exercises it solves; empty for none."""
        return (
            self.name.removesuffix(SOLUTIONS) if self.name.endswith(SOLUTIONS) else ""
        )

    def saved_since(self, root: Path) -> bool:
        """Return whether the file holds another text by now, or is gone."""
        try:
            return (root / self.path).read_text(encoding="utf-8-sig") != self.text
        except (OSError, UnicodeDecodeError):
            return True

    @cached_property
    def cells(self) -> NotebookNode:
        """Return one notebook with the cells of every tab.

        :raises BookError: d2lbook's reader fails on it.
        """
        try:
            return dialect.read(self.text)
        except dialect.UnreadableError as error:
            raise BookError(f"{self.path}: {error}") from error

    @cached_property
    def lines(self) -> list[dialect.Line]:
        """Return the source line by line, prose told from fences."""
        return list(dialect.lines(self.text))

    @cached_property
    def has_code(self) -> bool:
        """Return whether any cell runs in any framework."""
        return bool(self.code_tabs)

    @cached_property
    def code_tabs(self) -> tuple[tuple[str, ...], ...]:
        """Return the tabs of each cell that runs; none for one that names none."""
        return tuple(dialect.code_tabs(self.lines))

    @cached_property
    def text_tabs(self) -> frozenset[str]:
        """Return the tabs that have texts of their own."""
        return frozenset(dialect.text_tabs(self.lines))

    def runs_in(self, tab: str, default: str) -> bool:
        """Return whether a framework has code here.

        ``%%tab all`` alone makes no notebook for a framework that is not the default
        and that nothing else in the source names.
        """
        own = any(tab in tabs for tabs in self.code_tabs)
        if own or tab == default or tab in self.text_tabs:
            shared = ((dialect.ALL,), *([()] if tab == default else []))
            return own or any(tabs in shared for tabs in self.code_tabs)
        return False

    @cached_property
    def title(self) -> str:
        """Return the first heading, marks gone; the file's name without one."""
        for line in self.lines:
            if not line.inside and (match := HEADING.match(line.text)):
                return plain(match["text"])
        return posixpath.basename(self.name)

    @cached_property
    def toc(self) -> tuple[tuple[int, str], ...]:
        """Return line and name of each section its toc fences list."""
        return tuple(
            (line.number, resolve(self.folder, line.text.strip()))
            for line in self.lines
            if line.inside
            and line.fence == TOC
            and not line.opens
            and line.text.strip()
            and not line.text.lstrip().startswith((":", "`", "~"))
        )


@dataclass(frozen=True)
class Label:
    """A place that references can point at."""

    name: str
    section: str
    """Name of the section it stands in."""
    line: int
    kind: str
    """``section``, ``figure``, ``table`` or ``equation``."""
    text: str
    """What a reference to it shows: the heading, or kind and number."""


@dataclass(frozen=True)
class Book:
    """Everything a build reads: configuration, sections, labels."""

    config: Config
    sections: tuple[Section, ...]
    """In the order of the toc, each before its solutions; those in no toc come last."""

    @cached_property
    def labels(self) -> dict[str, Label]:
        """Return the labels by name; of several with one name, the first."""
        found: dict[str, Label] = {}
        for section in self.sections:
            for label in labels(section, self.config.language):
                found.setdefault(label.name, label)
        return found

    @cached_property
    def listed(self) -> frozenset[str]:
        """Return the names that the root page's toc reaches, its own included."""
        return frozenset(_reading_order(self._by_name, self.config.index))

    @cached_property
    def words(self) -> terms.Words:
        """Return the words that the book keeps to.

        :raises BookError: their file cannot be read.
        """
        return terms.load(self.config)

    @cached_property
    def pages(self) -> tuple[Section, ...]:
        """Return the sections that are pages; solutions stand on what they solve."""
        return tuple(one for one in self.sections if not self.section(one.solves))

    @cached_property
    def _by_name(self) -> dict[str, Section]:
        return {section.name: section for section in self.sections}

    def section(self, name: str) -> Section | None:
        """Return the section called ``name``, if there is one."""
        return self._by_name.get(name)

    def solutions_of(self, section: Section) -> Section | None:
        """Return the solutions of a section's exercises, if there are any."""
        return self.section(section.name + SOLUTIONS)

    def frameworks_of(self, section: Section) -> tuple[Framework, ...]:
        """Return the frameworks that have code in a section."""
        default = self.config.default.name
        return tuple(
            one for one in self.config.frameworks if section.runs_in(one.name, default)
        )

    def select(self, names: list[str]) -> tuple[Section, ...]:
        """Return the sections named on a command line; all where none is.

        A name is a section's name, its file, its last part, or a folder.

        :raises UsageError: a name fits no section.
        """
        chosen: list[Section] = []
        for name in names:
            wanted = posixpath.normpath(name).removesuffix(".md")
            fits = [one for one in self.sections if _fits(one.name, wanted)]
            if not fits:
                known = ", ".join(one.name for one in self.sections)
                raise UsageError(f"no section is called {name!r}; there are: {known}")
            chosen += fits
        return tuple(dict.fromkeys(chosen)) or self.sections


def load(config: Config) -> Book:
    """Read every source of a book.

    :raises BookError: the root page is missing, or a file is not UTF-8 text.
    """
    names = _names(config)
    if config.index not in names:
        raise BookError(
            f"{config.root}: the root page {config.index}.md is missing; write it with "
            "a ```toc fence, or name another in config.ini's [build] index"
        )
    sections = {name: _read(config, name) for name in names}
    order = dict.fromkeys(_reading_order(sections, config.index))
    order |= dict.fromkeys(sorted(names))
    return Book(config, tuple(sections[name] for name in order if name in sections))


def labels(section: Section, language: str) -> list[Label]:
    """Return the labels of one section in the order of its lines."""
    counts = {"figure": 0, "table": 0, "equation": 0}
    names = texts(language, "labels")
    found = []
    above = ""
    for line in section.lines:
        match = None if line.inside else LABEL.match(line.text.strip())
        if not match:
            if line.text.strip() and not dialect.MARK.fullmatch(line.text.strip()):
                above = line.text.strip()
            continue
        kind = _kind(match["kind"], above)
        if kind == "section":
            heading = HEADING.match(above)
            text = plain(heading["text"]) if heading else section.title
        else:
            counts[kind] += 1
            text = names[kind].format(number=counts[kind])
        found.append(Label(match["name"], section.name, line.number, kind, text))
    return found


LABEL = re.compile(r":(?P<kind>label|eqlabel):`(?P<name>[^`]+)`")
"""A mark that names the heading, figure, table or equation above it."""


def caption(language: str, number: str, text: str) -> str:
    """Return the caption of a figure or a table.

    :param number: the kind and the number, such as ``Figure 1``; empty for none.
    :param text: the caption as the source has it; empty for none.
    """
    if number and text:
        return texts(language, "labels")["caption"].format(number=number, text=text)
    return number or text


def plain(text: str) -> str:
    """Return a line of prose without slide marks; as it is where they are broken."""
    try:
        return dialect.without_slide_marks(text)
    except ValueError:
        return text


def resolve(folder: str, target: str) -> str:
    """Return a path that stands in a file of ``folder``, seen from the root."""
    return posixpath.normpath(posixpath.join(folder, target))


def _kind(mark: str, above: str) -> str:
    if mark == "eqlabel":
        return "equation"
    if above.startswith("!["):
        return "figure"
    return "table" if above.startswith("|") else "section"


def _names(config: Config) -> list[str]:
    """Find the sources as d2lbook does: globs from the root, hidden folders not."""

    def files(patterns: tuple[str, ...]) -> set[str]:
        found: set[str] = set()
        for pattern in patterns:
            whole = (
                f"{pattern.rstrip('/')}/**"
                if (config.root / pattern).is_dir()
                else pattern
            )
            found |= set(
                # d2lbook's rules: hidden folders are passed over
                glob.glob(whole, root_dir=config.root, recursive=True)  # noqa: PTH207
            )
        return found

    output = config.output.name + "/"
    wanted = files(config.patterns) - files(config.exclusions)
    return sorted(
        posixpath.normpath(name).removesuffix(".md")
        for name in wanted
        if name.endswith(".md") and not name.startswith(output)
    )


def _read(config: Config, name: str) -> Section:
    path = config.root / f"{name}.md"
    try:
        return _section(name, path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise BookError(f"{path}: cannot be read as UTF-8 text: {error}") from error


@functools.lru_cache(maxsize=4096)
def _section(name: str, text: str) -> Section:
    """Return one object for one source: what was parsed is not parsed again."""
    return Section(name, text)


def _reading_order(sections: dict[str, Section], root: str) -> list[str]:
    order: list[str] = []
    waiting = [root]
    while waiting:
        name = waiting.pop()
        if name in sections and name not in order:
            order.append(name)
            waiting += [below for _, below in reversed(sections[name].toc)]
            waiting.append(name + SOLUTIONS)
    return order


def _fits(name: str, wanted: str) -> bool:
    return name in (wanted, wanted + "/index") or (
        name.startswith(wanted + "/") or posixpath.basename(name) == wanted
    )

"""The last good build: every file it saw, and what it told.

Where all of them are as they were, a build would tell the same and write nothing. So it
is told at once, and neither d2lbook nor nbformat nor Sphinx is imported. Where sections
changed, and nothing else, nor what others see of them, they alone are looked at.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from tabbook.base import repository
from tabbook.base.config import Config, load
from tabbook.base.errors import BookError, Problem
from tabbook.base.files import state, write_text
from tabbook.base.fingerprint import engine_digest

if TYPE_CHECKING:
    from tabbook.execution.planner import Step
    from tabbook.source.book import Book
    from tabbook.source.section import Section

FILE = "last.json"
"""The record, in the folder of what is built."""

CACHE = "CACHEDIR.TAG"
"""The file by which a folder says that it is a cache, and nobody's source."""

PASSED_OVER = (".", "__pycache__")
"""How names begin of files and folders that hold nothing of a book."""

Seen = dict[str, list[int] | None]
"""Size and time of each file by its path; None for one that is not there."""

Row = tuple[str, ...]
"""One of the table: section, framework, cells, seconds, result."""


@dataclass(frozen=True)
class Told:
    """What a good build tells."""

    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Warnings of the sources."""

    def besides(self, sections: Collection[Section]) -> Told:
        """Return what is told of all but some sections."""
        names = {section.name for section in sections}
        paths = {section.path for section in sections}
        rows = tuple(row for row in self.rows if row[0] not in names)
        return Told(rows, tuple(one for one in self.problems if one.path not in paths))

    def among(self, book: Book, rows: Iterable[Row]) -> tuple[Row, ...]:
        """Return more rows with those of this, in reading order."""
        order = {section.name: at for at, section in enumerate(book.sections)}
        return tuple(sorted([*self.rows, *rows], key=lambda row: order[row[0]]))


@dataclass(frozen=True)
class Record:
    """A good build as it is written down."""

    how: list[object]
    """What decides on a build besides files."""
    files: Seen
    pages: Seen
    outlines: dict[str, list[Any]]
    """What other sections see of each section."""
    told: Told

    def holds(self, config: Config, seen: Seen) -> bool:
        """Return whether a build would tell the same and write nothing.

        :param seen: what ``look`` returns now.
        """
        return self.files == self._now(seen) and self.pages == _pages(config)

    def edited(self, book: Book, seen: Seen) -> tuple[Section, ...] | None:
        """Return the sections that have to be looked at again.

        :returns: None for all of them: a file changed that is no section, or what
            others see of one.
        """
        now = self._now(seen)
        changed = {name for name in now if self.files.get(name) != now[name]}
        sources = {str(book.config.root / one.path): one for one in book.sections}
        if not changed <= sources.keys() or self.outlines.keys() != set(sources):
            return None
        edited = {name: sources[name] for name in sources if name in changed}
        try:
            outlines = {name: _outline(book, one) for name, one in edited.items()}
        except BookError:  # lint says what cannot be read
            return None
        alike = all(self.outlines[name] == outlines[name] for name in outlines)
        return tuple(edited.values()) if alike else None

    def _now(self, seen: Seen) -> Seen:
        """Add to what is seen today what was seen then and is elsewhere or gone."""
        return seen | {name: state(name) for name in self.files.keys() - seen.keys()}


def look(config: Config) -> Seen:
    """Return the state of every file that a build may read, the pages left out.

    Hidden files are passed over, as d2lbook does with its sources, and so are caches.
    """
    named = (one.environment for one in config.frameworks)
    setups = (one.colab for one in config.frameworks)
    images = (config.logo, config.favicon, *config.styles)
    files = [*named, *filter(None, (config.terms, *setups))]
    files += [config.root / name for name in images if name]
    return {
        **dict(_below(str(config.root), str(config.output))),
        **{str(file): state(str(file)) for file in files},
    }


def read(config: Config) -> Record | None:
    """Return the last good build, if the same engine made it."""
    try:
        text = (config.output / FILE).read_text(encoding="utf-8")
        old = json.loads(text)
        rows = tuple(tuple(row) for row in old["told"]["rows"])
        problems = tuple(Problem(**one) for one in old["told"]["problems"])
        found = Record(**{**old, "told": Told(rows, problems)})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if any(part[0] == "." for one in config.patterns for part in PurePath(one).parts):
        return None  # what is hidden is not seen here
    return found if found.how == _how(config) else None


def beside(book: Book, seen: Seen, known: Record | None) -> Seen:
    """Return the state of what sections show and is hidden or lies elsewhere.

    :param seen: what ``look`` returned.
    :param known: the build before, if only what sections say changed since.
    """
    from tabbook.notebooks import figures

    if known:
        return {name: known.files[name] for name in known.files.keys() - seen.keys()}
    shown = {str(book.config.root / path) for path in figures.pictures(book)}
    return {name: state(name) for name in shown - seen.keys()}


def note(
    book: Book,
    told: Told,
    steps: Sequence[Step],
    *,
    seen: tuple[Seen, Seen],
    known: Record | None,
) -> None:
    """Write down a good build, unless a file changed under its hands.

    :param steps: what was done for each notebook that was looked at.
    :param seen: what was there before anything was read, and when the notebooks had
        run, before the pages were made of them.
    :param known: the build before, if only what sections say changed since.
    """
    config, (began, ran) = book.config, seen
    inputs = _inputs(config)
    if any(str(config.root / one.path) not in ran for one in book.sections):
        return  # it lies where nobody looks
    changed = {name for name in began | ran if began.get(name) != ran.get(name)}
    if inputs is None or load(config.root) != config:
        return
    if not changed <= _settled(config, steps, changed):
        return
    made = Record(
        how=known.how if known else _how(config),
        files=inputs | ran,
        pages=_pages(config),
        outlines=known.outlines if known else _outlines(book),
        told=told,
    )
    text = json.dumps({**vars(made), "told": asdict(told)})
    with contextlib.suppress(BookError):  # a build that is not recorded is as good
        write_text(config.output / FILE, text)


def _inputs(config: Config) -> Seen | None:
    """Return the state of what pages were made from; None where that is not known."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        file = config.output / "sphinx" / "record.json"
        return dict(json.loads(file.read_text(encoding="utf-8"))["inputs"])
    return None


def _outlines(book: Book) -> dict[str, list[Any]]:
    root = book.config.root
    return {str(root / one.path): _outline(book, one) for one in book.sections}


def _outline(book: Book, section: Section) -> list[Any]:
    """Return what other sections, and the book as a whole, see of a section."""
    from tabbook.notebooks import figures
    from tabbook.source.labels import labels_of

    found = labels_of(section, book.config.language)
    return [
        section.title,
        section.has_code,
        [name for _, name in section.toc],
        [[label.name, label.kind, label.text] for label in found],
        [framework.name for framework in book.frameworks_of(section)],
        sorted(set(figures.of_section(section))),
    ]


def _settled(config: Config, steps: Sequence[Step], changed: set[str]) -> set[str]:
    """Return which of the changed files are notebooks as their sections give them."""
    from tabbook.notebooks import store

    files = {
        str(store.path(config, step.section, step.framework)): step for step in steps
    }
    return {
        name
        for name in changed & files.keys()
        if (step := files[name])
        and store.settled(config, step.section, step.framework, step.compiled)
    }


def _pages(config: Config) -> Seen:
    """Return the state of every page and of what lies beside it."""
    return dict(_below(str(config.output / "html"), "", passed_over=()))


def _how(config: Config) -> list[object]:
    """Return what decides on a build besides files of the book and of the engine."""
    installed = (Path(name) for name in sys.path if name)
    packages = {one.name for folder in installed for one in folder.glob("*.dist-info")}
    engine = engine_digest()
    return [sys.version, sorted(packages), engine, str(repository.find(config))]


def _below(
    folder: str, skipped: str, passed_over: tuple[str, ...] = PASSED_OVER
) -> Iterator[tuple[str, list[int] | None]]:
    """Yield the path and the state of every file in a folder and in those below."""
    try:
        with os.scandir(folder) as found:
            entries = [one for one in found if not one.name.startswith(passed_over)]
    except OSError:
        return
    if any(one.name == CACHE for one in entries):
        return
    for one in entries:
        if not one.is_dir():
            yield one.path, state(one.path)
        elif one.path != skipped and not _leads_back(one):
            yield from _below(one.path, skipped, passed_over)


def _leads_back(folder: os.DirEntry[str]) -> bool:
    """Return whether a link leads to a folder that it lies in."""
    inside = Path(folder.path).parent.resolve()
    return folder.is_symlink() and inside.is_relative_to(Path(folder.path).resolve())

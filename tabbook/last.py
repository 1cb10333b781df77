"""The last good build: every file it saw, and what it told.

Where all of them are as they were, a build would tell the same and write nothing. So it
is told at once, and neither d2lbook nor nbformat nor Sphinx is imported.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from tabbook import repository
from tabbook.config import Config
from tabbook.errors import Problem

if TYPE_CHECKING:
    from tabbook.book import Book
    from tabbook.build import Step

FILE = "last.json"
"""The record, in the folder of what is built."""

ENGINE = Path(__file__).parent
"""The engine's own files; other ones may build another book."""

CACHE = "CACHEDIR.TAG"
"""The file by which a folder says that it is a cache, and nobody's source."""

PASSED_OVER = (".", "__pycache__")
"""How names begin of files and folders that hold nothing of a book."""

Seen = dict[str, list[int] | None]
"""Size and time of each file by its path; None for one that is not there."""


@dataclass(frozen=True)
class Told:
    """What a good build tells."""

    rows: tuple[tuple[str, ...], ...]
    """The table's: section, framework, cells, seconds, result."""
    problems: tuple[Problem, ...]
    """Warnings of the sources."""


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
        **dict(_below(str(ENGINE), "")),
        **{str(file): _state(str(file)) for file in files},
    }


def told(config: Config, seen: Seen) -> Told | None:
    """Return what the last good build told, where this one would tell the same.

    :param seen: what ``look`` returns now.
    """
    try:
        old = json.loads((config.output / FILE).read_text(encoding="utf-8"))
        files, more, pages = old["files"], old["more"], old["pages"]
        rows, problems = old["rows"], old["problems"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if any(part[0] == "." for one in config.patterns for part in PurePath(one).parts):
        return None  # what is hidden is not seen here
    if (files, pages, old["how"]) != (seen, _pages(config), _how(config)):
        return None
    if any(_state(name) != state for name, state in more.items()):
        return None
    return Told(tuple(map(tuple, rows)), tuple(Problem(**one) for one in problems))


def note(
    book: Book, made: Told, steps: Sequence[Step], *, began: Seen, ran: Seen
) -> None:
    """Write down a good build, unless a file changed under its hands.

    :param steps: what was done for each notebook.
    :param began: what ``look`` returned before anything was read.
    :param ran: and when the notebooks had run, before the pages were made of them.
    """
    config = book.config
    changed = {name for name in began | ran if began.get(name) != ran.get(name)}
    if not changed <= _settled(config, steps, changed) or look(config) != ran:
        return
    record = {
        "how": _how(config),
        "files": ran,
        "more": {name: _state(name) for name in _named(book) if name not in ran},
        "pages": _pages(config),
        "rows": made.rows,
        "problems": [asdict(one) for one in made.problems],
    }
    scratch = config.output / f"{FILE}.new"
    with contextlib.suppress(OSError):  # a build that is not recorded is as good
        scratch.write_text(json.dumps(record), encoding="utf-8")
        scratch.replace(config.output / FILE)


def _settled(config: Config, steps: Sequence[Step], changed: set[str]) -> set[str]:
    """Return which of the changed files are notebooks as their sections give them."""
    from tabbook import store

    files = {
        str(store.path(config, step.section, step.framework)): step for step in steps
    }
    return {
        name
        for name in changed & files.keys()
        if (step := files[name])
        and store.settled(config, step.section, step.framework, step.compiled)
    }


def _named(book: Book) -> Iterator[str]:
    """Yield what sections show, which may be hidden or lie outside of the book."""
    from tabbook import figures

    for path in figures.pictures(book):
        yield str(book.config.root / path)


def _pages(config: Config) -> Seen:
    """Return the state of every page and of what lies beside it."""
    return dict(_below(str(config.output / "html"), ""))


def _how(config: Config) -> list[object]:
    """Return what decides on a build besides files of the book and of the engine."""
    installed = (Path(name) for name in sys.path if name)
    packages = {one.name for folder in installed for one in folder.glob("*.dist-info")}
    return [sys.version, sorted(packages), str(repository.find(config))]


def _below(folder: str, skipped: str) -> Iterator[tuple[str, list[int] | None]]:
    """Yield the path and the state of every file in a folder and in those below."""
    try:
        with os.scandir(folder) as found:
            entries = [one for one in found if not one.name.startswith(PASSED_OVER)]
    except OSError:
        return
    if any(one.name == CACHE for one in entries):
        return
    for one in entries:
        if not one.is_dir():
            yield one.path, _state(one.path)
        elif one.path != skipped and not _leads_back(one):
            yield from _below(one.path, skipped)


def _leads_back(folder: os.DirEntry[str]) -> bool:
    """Return whether a link leads to a folder that it lies in."""
    inside = Path(folder.path).parent.resolve()
    return folder.is_symlink() and inside.is_relative_to(Path(folder.path).resolve())


def _state(path: str) -> list[int] | None:
    with contextlib.suppress(OSError):
        found = os.stat(path)  # noqa: PTH116 - thousands of files: no Path for each
        return [found.st_size, found.st_mtime_ns]
    return None

"""The record of a build, by which the next one knows that nothing changed.

One rule: pages are fresh if every file that was read, every page that was written, the
mode of the build, the engine and the installed packages are as they were. The record
is read without Sphinx, nbformat or d2lbook.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePath
from typing import Any

from tabbook.base import repository
from tabbook.base.config import Config, load
from tabbook.base.engine import engine_digest
from tabbook.base.errors import BookError, Problem
from tabbook.base.files import FileStates, state, states_below, write_text


def page_options(
    *, without_outputs: bool = False, strict: bool = True, mode: str = "Folder()"
) -> str:
    """Return the options of ``sphinxext.build`` as text; the defaults are the same."""
    return f"{without_outputs=} {strict=} {mode=}"


@dataclass(frozen=True)
class Report:
    """Output of a successful build, for the next one to print again."""

    problems: tuple[Problem, ...] = ()
    """Warnings of lint."""
    rows: tuple[tuple[str, ...], ...] = ()
    """Rows of the table of notebooks."""


@dataclass(frozen=True)
class Snapshot:
    """The files that a build may read, at one time."""

    taken: int
    """Nanoseconds since the epoch, before the first file was looked at."""
    files: FileStates


@dataclass(frozen=True)
class Record:
    """A finished build, as it is written to disk."""

    engine: list[str]
    """Mode of the build, Python, the engine's digest, installed packages."""
    files: FileStates
    pages: FileStates
    report: Report | None
    """None where only the pages were built: nothing was linted."""
    warnings: str = ""
    """Warnings raised while the pages were built, one a line."""


@dataclass(frozen=True)
class Freshness:
    """Whether the pages of one kind of build are up to date."""

    config: Config
    kind: str = ""
    """Suffix of the folders, such as ``-site``."""
    options: str = page_options()
    """Options of the build that change its pages."""

    @property
    def file(self) -> Path:
        """Return where the record is kept."""
        return self.config.output / f"sphinx{self.kind}" / "record.json"

    def snapshot(self) -> Snapshot:
        """Return the state of the book's files; to be taken before they are read."""
        config, taken = self.config, time.time_ns()
        frameworks = config.frameworks
        named = [
            *(framework.environment for framework in frameworks),
            *(framework.colab for framework in frameworks),
            config.terms,
            *(config.file(name) for name in (*config.styles, *config.scripts)),
            *(config.file(name) for name in (config.logo, config.favicon) if name),
        ]
        inside = _below(config) | (_below(config.origin) if config.origin else {})
        states = {str(file): state(file) for file in named if file}
        return Snapshot(taken, inside | states)

    def current(self) -> Record | None:
        """Return the record if the pages are fresh."""
        record = self._read()
        if record is None or record.engine != self._engine():
            return None
        now = self.snapshot().files
        now |= {name: state(name) for name in record.files.keys() - now.keys()}
        fresh = record.files == now and record.pages == self._pages()
        return record if fresh else None

    def write(
        self,
        before: Snapshot,
        sources: Iterable[Path],
        used: set[Path],
        warnings: str = "",
    ) -> None:
        """Record a build of pages, or that there is none to rely on.

        A change that was saved while the build ran is not taken as built.

        :param before: taken before the build read anything.
        :param sources: the sections.
        :param used: files that Sphinx read, which may lie outside of the book's folder.
        :param warnings: printed again by the next build while the record holds.
        """
        files = before.files
        outside = {str(path) for path in used} - files.keys()
        outside_states = {name: state(name) for name in outside}
        parts = [part for each in self.config.patterns for part in PurePath(each).parts]
        if (
            any(part.startswith(".") for part in parts)  # a new one is not noticed
            or any(str(source) not in files for source in sources)
            or _saved_since(before.taken, outside_states)
            or not self._config_holds()
        ):
            self.file.unlink(missing_ok=True)
            return
        states = files | outside_states
        self._write(Record(self._engine(), states, self._pages(), None, warnings))

    def add_report(
        self, report: Report, before: Snapshot, written: Collection[Path]
    ) -> None:
        """Complete the record of pages with the output of the whole build.

        :param before: taken before the sources were linted.
        :param written: notebooks and figures that the build itself brought up to date.
        """
        record = self._read()
        if record is None:
            return
        old, built = before.files, record.files
        inside = old.keys() | self.snapshot().files.keys()
        changed = {name for name in inside if old.get(name) != built.get(name)}
        outside = {name: built[name] for name in built.keys() - inside}
        if changed <= {str(path) for path in written} and not _saved_since(
            before.taken, outside
        ):
            self._write(replace(record, report=report))

    def _read(self) -> Record | None:
        try:
            record = Record(**json.loads(self.file.read_text(encoding="utf-8")))
            return replace(record, report=_report(record.report))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _write(self, record: Record) -> None:
        with contextlib.suppress(BookError):  # without a record, the next build is slow
            write_text(self.file, json.dumps(asdict(record)))

    def _engine(self) -> list[str]:
        folders = (Path(name) for name in sys.path if name)
        packages = {path.name for each in folders for path in each.glob("*.dist-info")}
        place = str(repository.find(self.config))
        return [self.options, sys.version, engine_digest(), place, *sorted(packages)]

    def _pages(self) -> FileStates:
        pages = self.config.output / f"html{self.kind}"
        return dict(states_below(str(pages), set(), ()))

    def _config_holds(self) -> bool:
        with contextlib.suppress(BookError):
            return load(self.config.root) == self.config
        return False


def _below(config: Config) -> FileStates:
    """Return the states of a book's own files."""
    others = {config.products, config.venvs, *config.translations}
    return dict(states_below(str(config.root), others))


def _report(stored: Any) -> Report | None:
    """Return a report from its JSON form."""
    return stored and Report(
        tuple(Problem(**problem) for problem in stored["problems"]),
        tuple(tuple(row) for row in stored["rows"]),
    )


def _saved_since(time_ns: int, files: FileStates) -> bool:
    return any(known and known[1] >= time_ns for known in files.values())

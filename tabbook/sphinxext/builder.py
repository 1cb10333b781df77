"""Build the pages; a failed build keeps the last good ones.

Sphinx writes to ``_build/sphinx``. Changed files are copied to ``_build/html``, each
atomically, only after a build without warnings.
"""

from __future__ import annotations

import importlib
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tabbook.base import files
from tabbook.base.config import Config
from tabbook.base.errors import BookError
from tabbook.base.folders import output_folder, seals
from tabbook.base.folders.locks import lock
from tabbook.base.folders.mirror import mirror
from tabbook.base.freshness import Freshness, Snapshot, page_options
from tabbook.base.process import can_fork_now, cores
from tabbook.source import book
from tabbook.source.book import Book
from tabbook.source.cells import foreign
from tabbook.sphinxext import inputs, severity
from tabbook.sphinxext.inputs import PageInputs
from tabbook.sphinxext.messages import PICKLE, mark_unread, tidied
from tabbook.sphinxext.modes import FOLDER, Mode
from tabbook.sphinxext.settings import EXTENSIONS, settings

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

SMALL = 40_000
"""Characters of all sources up to which one process is as fast as several."""


@dataclass(frozen=True)
class BuildResult:
    """The result of a build."""

    folder: Path
    """Folder of the pages."""
    warnings: str
    """Sphinx's warnings, one per line; paths relative to the root."""
    read: tuple[str, ...]
    """Names of the sections that were read again, sorted."""
    written: int
    """How many files of the folder changed."""


def build(  # noqa: PLR0913 - a keyword for each thing that callers choose
    source: Book | Config,
    *,
    without_outputs: bool = False,
    fresh: bool = False,
    strict: bool = True,
    mode: Mode = FOLDER,
    wait: Callable[[str], object] | None = None,
) -> BuildResult:
    """Bring the pages in ``_build/html`` up to date.

    :param source: the book, or its configuration if it has not been loaded.
    :param without_outputs: show code only, even where outputs are committed.
    :param fresh: read and write every page again.
    :param strict: treat warnings as errors, save those that lint declares as warnings,
        which are printed.
    :param mode: purpose of the pages; each mode has a folder of its own.
    :param wait: called with the name of a page before it is read, and without a name
        before pages are written; it returns when all outputs are saved.
    :raises BookError: a page cannot be built, such as from stale outputs, or the
        folder of products is not the engine's; the pages stay as they were.
    """
    config = source.config if isinstance(source, Book) else source
    output = output_folder.claim(config)
    folder = output / f"html{mode.suffix}"
    work = output / f"sphinx{mode.suffix}"
    options = page_options(
        without_outputs=without_outputs, strict=strict, mode=repr(mode)
    )
    freshness = Freshness(config, mode.suffix, options)
    with files.disk_errors(folder), lock(work / "lock"):
        if fresh:
            _forget(work)
        if record := freshness.current():
            severity.complain(record.warnings)
            return BuildResult(folder, record.warnings, (), 0)
        before = freshness.snapshot()
        foreign.refuse(config)
        loaded = source if isinstance(source, Book) else book.load(source)
        page_inputs = PageInputs(work, before.files)
        reading = _ReadPages(loaded, work / "unfinished", page_inputs, wait)
        read, warnings, used = _run(reading, work, without_outputs, mode)
        failing = _judge(warnings, strict=strict)
        written = mirror(work / "html", folder)
        freshness.file.unlink(missing_ok=True)
        if not failing:
            _record(freshness, before, loaded, used, warnings)
        return BuildResult(folder, warnings, read, written)


def _judge(warnings: str, *, strict: bool) -> str:
    """Return the warnings that keep a build from being recorded; print all if strict.

    :raises BookError: there are some that keep the pages from being replaced.
    """
    failing = severity.fatal(warnings)
    if failing and (strict or "ERROR: " in failing):
        raise BookError(f"{warnings}\nThe pages stay as they were.")
    if strict:
        severity.complain(warnings)
    return failing


def _record(
    freshness: Freshness, before: Snapshot, loaded: Book, used: set[Path], warnings: str
) -> None:
    """Record a build, unless a section was saved while it was running."""
    root = loaded.config.root
    if not any(section.saved_since(root) for section in loaded.sections):
        sources = (root / section.path for section in loaded.sections)
        freshness.write(before, sources, used, warnings)


def preload() -> None:
    """Import the modules of a build, for a process that forks one child per build."""
    for name in (
        "sphinx.builders.html",
        "furo",
        *EXTENSIONS,
        f"{__package__}.extension",
    ):
        importlib.import_module(name)


def is_first(config: Config) -> bool:
    """Return whether no build has read the pages before."""
    return not (config.output / "sphinx" / "doctrees" / PICKLE).exists()


def _run(
    read: _ReadPages, work: Path, without_outputs: bool, mode: Mode
) -> tuple[tuple[str, ...], str, set[Path]]:
    """Run Sphinx; return the sections read, the warnings, and the files used."""
    from tabbook.sphinxext import application

    loaded, unfinished = read.book, read.unfinished
    config = loaded.config
    if unfinished.exists() or not seals.is_own(work / "doctrees"):
        _forget(work)
    app, messages = application.run(
        loaded,
        work,
        settings(config, loaded=loaded, without_outputs=without_outputs, mode=mode),
        connect=read.connect,
    )
    warnings = tidied(messages, config.root)
    if warnings:
        mark_unread(app.env, work / "doctrees" / PICKLE, warnings)
    seals.seal(work / "doctrees")
    unfinished.unlink(missing_ok=True)
    return tuple(sorted(read.names)), warnings, _used(app, work)


def _processes(source: Book) -> int:
    """Return the number of processes for Sphinx; 1 for a small book, and without forks.

    The parent process only distributes pages, so it takes no core.
    """
    is_large = sum(len(section.text) for section in source.sections) > SMALL
    return cores() + 1 if is_large and can_fork_now() else 1


class _ReadPages:
    """Records which pages Sphinx reads; a file exists while the build is unfinished.

    Sphinx records a page as read before it writes the page; if it is killed in between,
    later builds would never write the page. It also misses files saved during a build.
    """

    def __init__(
        self,
        source: Book,
        unfinished: Path,
        page_inputs: PageInputs,
        wait: Callable[[str], object] | None = None,
    ) -> None:
        self.inputs = page_inputs
        self.wait = wait
        self.book = source
        self.began = time.time_ns()
        self.unfinished = unfinished
        self.names: list[str] = []

    def connect(self, app: Sphinx) -> None:
        """Connect to the events of an application, and set its number of processes."""
        app.parallel = _processes(self.book)
        app.connect("env-get-outdated", self.outdated)
        app.connect("env-before-read-docs", self.begin)
        app.connect("env-updated", self.end)
        if wait := self.wait:
            app.connect("source-read", lambda app, name, source: wait(name))

    def begin(self, app: Sphinx, env: BuildEnvironment, names: list[str]) -> None:
        """Note the pages to read, and delete the files that will be written again."""
        self.names += names
        if names:
            self.unfinished.touch()
        for name in names:  # what is not written again will be missed
            (app.outdir / f"{name}.html").unlink(missing_ok=True)
        if len(names) == 1:
            app.parallel = 1  # starting a process takes longer than one page
        if self.wait:  # pages without code wait for all notebooks, and hold a process
            names.sort(key=lambda name: not self.has_code(name))

    def has_code(self, name: str) -> bool:
        """Return whether a page shows outputs of its own."""
        section = self.book.section(name)
        return section is not None and self.book.page_has_code(section)

    def end(self, app: Sphinx, env: BuildEnvironment) -> None:
        """Mark pages saved during the build, so that the next build reads them."""
        if self.wait:
            self.wait("")
            self.inputs.update_before(self.book.config.notebooks)
        for name in self.names:
            section = self.book.section(name)
            solutions = self.book.solutions_of(section) if section else None
            saved = any(
                source and source.saved_since(env.srcdir)
                for source in (section, solutions)
            )
            env.all_docs[name] = 0 if saved else self.began // 1000
        self.inputs.store(env, self.names)

    def outdated(
        self,
        app: Sphinx,
        env: BuildEnvironment,
        added: set[str],
        changed: set[str],
        removed: set[str],
    ) -> list[str]:
        """Remove the pages of deleted sections; name those to read again."""
        for name in removed:
            (app.outdir / f"{name}.html").unlink(missing_ok=True)
        return sorted(self.inputs.changed(env) - added - changed)


def _used(app: Sphinx, work: Path) -> set[Path]:
    """Return the files other than sections that pages depend on.

    :param work: the build's own folder, whose files come from the outputs.
    """
    dependencies = app.env.dependencies.values()
    used = {app.srcdir / name for names in dependencies for name in names}
    return {file for file in used if not file.is_relative_to(work)}


def _forget(work: Path) -> None:
    """Remove the results of earlier builds, so that every page is read and written."""
    for name in ("html", "doctrees", "jupyter_execute"):
        shutil.rmtree(work / name, ignore_errors=True)
    (work / "record.json").unlink(missing_ok=True)
    (work / inputs.FILE).unlink(missing_ok=True)
    (work / "unfinished").unlink(missing_ok=True)

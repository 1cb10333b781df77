"""Build the pages, so that a failed build leaves the last good ones.

Sphinx works in a folder of its own, ``_build/sphinx``. Only when it has nothing to
complain of are the files that changed moved to ``_build/html``, each at once.
"""

from __future__ import annotations

import importlib
import io
import pickle
import re
import shutil
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tabbook.base import files
from tabbook.base.config import Config
from tabbook.base.errors import BookError
from tabbook.base.freshness import Freshness, page_options
from tabbook.base.process import cores
from tabbook.base.terminal import strip_ansi
from tabbook.source import book
from tabbook.source.book import Book
from tabbook.source.section import SOLUTIONS
from tabbook.sphinxext.modes import FOLDER, Mode
from tabbook.sphinxext.settings import BEGIN, EXTENSIONS, settings

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

PICKLE = "environment.pickle"
"""What Sphinx knows of the pages it has read, in the folder of its doctrees."""

LOCATED = re.compile(r"^(?P<name>[^\n:]+)\.md:(?P<line>\d+):", re.M)
WARNED = re.compile(r"^(?P<file>[^\n:]+\.md)?.*?(?:WARNING|ERROR|CRITICAL): ", re.M)


@dataclass(frozen=True)
class BuildResult:
    """What a build did."""

    folder: Path
    """Where the pages are."""
    warnings: str
    """What Sphinx complained of, one line each; paths relative to the root."""
    read: tuple[str, ...]
    """Names of the sections that were read again, sorted."""
    written: int
    """How many files of the folder changed."""


def build(
    source: Book | Config,
    *,
    without_outputs: bool = False,
    fresh: bool = False,
    strict: bool = True,
    mode: Mode = FOLDER,
) -> BuildResult:
    """Bring the pages in ``_build/html`` up to date.

    :param source: the book, or its configuration where it was not read yet.
    :param without_outputs: show code alone, committed outputs or not.
    :param fresh: read and write every page again.
    :param strict: take a warning for an error.
    :param mode: what the pages are for; each mode has a folder of its own.
    :raises BookError: a page cannot be made as it should be, such as from outputs that
        are stale; the pages stay as they were.
    """
    config = source.config if isinstance(source, Book) else source
    folder = config.output / f"html{mode.suffix}"
    work = config.output / f"sphinx{mode.suffix}"
    options = page_options(
        without_outputs=without_outputs, strict=strict, mode=repr(mode)
    )
    freshness = Freshness(config, mode.suffix, options)
    with files.disk_errors(folder), files.lock(work / "lock"):
        if fresh:
            _forget(work)
        if freshness.current():
            return BuildResult(folder, "", (), 0)
        before = freshness.snapshot()
        found = source if isinstance(source, Book) else book.load(source)
        read, warnings, used = _run(found, work, without_outputs, mode)
        if warnings and (strict or "ERROR: " in warnings):
            raise BookError(f"{warnings}\nThe pages stay as they were.")
        written = files.mirror(work / "html", folder)
        saved = any(section.saved_since(config.root) for section in found.sections)
        if warnings or saved:
            freshness.file.unlink(missing_ok=True)
        else:
            sources = (config.root / section.path for section in found.sections)
            freshness.write(before, sources, used)
        return BuildResult(folder, warnings, read, written)


def preload() -> None:
    """Import what a build needs, for processes that fork one build after another."""
    for name in (
        "sphinx.builders.html",
        "furo",
        *EXTENSIONS,
        f"{__package__}.extension",
    ):
        importlib.import_module(name)


def _run(
    found: Book, work: Path, without_outputs: bool, mode: Mode
) -> tuple[tuple[str, ...], str, set[Path]]:
    """Run Sphinx; return the sections read, the warnings, and the files used."""
    from sphinx.application import Sphinx
    from sphinx.errors import SphinxError
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    config, unfinished = found.config, work / "unfinished"
    if unfinished.exists():
        _forget(work)
    said, read = io.StringIO(), _Read(found, unfinished)
    try:
        with patch_docutils(), docutils_namespace():
            app = Sphinx(
                srcdir=config.root,
                confdir=None,
                outdir=work / "html",
                doctreedir=work / "doctrees",
                buildername="html",
                confoverrides=settings(
                    config, found=found, without_outputs=without_outputs, mode=mode
                ),
                status=None,
                warning=said,
                parallel=_processes(),
            )
            app.connect("env-get-outdated", read.remove_pages)
            app.connect("env-before-read-docs", read.begin)
            app.connect("env-updated", read.end)
            app.build()
    except SphinxError as error:
        raise BookError(f"the pages cannot be made: {error}") from error
    warnings = tidied(said.getvalue(), config.root)
    if warnings:
        _remember(app.env, work / "doctrees" / PICKLE, warnings)
    unfinished.unlink(missing_ok=True)
    return tuple(sorted(read.names)), warnings, _used(app)


def _processes() -> int:
    """Return how many processes may make pages; this one, where it cannot be forked.

    Of what Sphinx is told, one hands out the pages that the others write.
    """
    return cores() + 1 if threading.active_count() == 1 else 1


class _Read:
    """What Sphinx reads; a mark on disk says that it began and did not finish.

    Sphinx remembers what it has read before it writes it: killed in between, it would
    never write some of the pages. It also takes what is saved meanwhile for read.
    """

    def __init__(self, found: Book, unfinished: Path) -> None:
        self.found = found
        self.began = time.time_ns()
        self.unfinished = unfinished
        self.names: list[str] = []

    def begin(self, app: Sphinx, env: BuildEnvironment, names: list[str]) -> None:
        self.names += names
        if names:
            self.unfinished.touch()
        if len(names) == 1:
            app.parallel = 1  # a process for one page takes more than it gives

    def end(self, app: Sphinx, env: BuildEnvironment) -> None:
        """Have read again next time what was saved since."""
        for name in self.names:
            section = self.found.section(name)
            both = section and (section, self.found.solutions_of(section))
            saved = any(one and one.saved_since(env.srcdir) for one in both or ())
            env.all_docs[name] = 0 if saved else self.began // 1000

    def remove_pages(
        self,
        app: Sphinx,
        env: BuildEnvironment,
        added: set[str],
        changed: set[str],
        removed: set[str],
    ) -> list[str]:
        """Remove what sections left behind that are no more."""
        for name in removed:
            (app.outdir / f"{name}.html").unlink(missing_ok=True)
        return []


def tidied(said: str, root: Path) -> str:
    """Return each warning once: Sphinx repeats some for every page it writes."""
    text = strip_ansi(said).replace(f"{root}/", "").strip()
    lines = LOCATED.sub(_own_file, text).splitlines()
    return "\n".join(dict.fromkeys(lines))


def _own_file(place: re.Match[str]) -> str:
    """Return a place in a file of solutions, which Sphinx takes for its section's."""
    line = int(place["line"])
    if line < BEGIN:
        return place[0]
    return f"{place['name']}{SOLUTIONS}.md:{line - BEGIN}:"


def _remember(env: BuildEnvironment, pickled: Path, warnings: str) -> None:
    """Have the pages that were complained of read again next time.

    Sphinx warns only while it reads and writes, so a page left alone would pass.
    """
    files = {match["file"] for match in WARNED.finditer(warnings)}
    names = {env.path2doc(str(env.srcdir / file)) for file in files if file}
    if None in files or not names <= env.all_docs.keys():
        pickled.unlink(missing_ok=True)
        return
    # As it was after reading: what writing adds is not meant to be kept.
    kept: BuildEnvironment = pickle.loads(pickled.read_bytes())
    for name in names:
        kept.all_docs[str(name)] = 0
    pickled.write_bytes(pickle.dumps(kept, pickle.HIGHEST_PROTOCOL))


def _used(app: Sphinx) -> set[Path]:
    """Return the files that pages depend on besides their sections."""
    dependencies = app.env.dependencies.values()
    return {app.srcdir / name for names in dependencies for name in names}


def _forget(work: Path) -> None:
    for name in ("html", "doctrees", "jupyter_execute"):
        shutil.rmtree(work / name, ignore_errors=True)
    (work / "record.json").unlink(missing_ok=True)
    (work / "unfinished").unlink(missing_ok=True)

"""A build that is killed leaves no process behind and stops no later one."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.support import book_of_any_size
from tests.support.book_with_three_frameworks import MadeUpBook
from tests.support.forks import all_ended
from tests.support.paths import ROOT as REPOSITORY
from tests.support.waiting import PATIENCE, wait_for

BUILD = (
    "import sys; from pathlib import Path; from tabbook import sphinxext\n"
    "from tabbook.base import config\n"
    "builder = sys.modules['tabbook.sphinxext.builder']\n"
    "builder._processes = lambda book: 3\n"
    "sphinxext.build(config.load(Path(sys.argv[1])))\n"
)
"""Builds a book with two workers on any machine."""

WHOLE_BUILD = 4 * PATIENCE
"""Seconds for a build of the whole book on a busy machine."""

SECTIONS = 24
"""Enough for several groups of pages, whose results are larger than a pipe holds."""

Reached = Callable[[psutil.Process, Path], object]


def reads(process: psutil.Process, work: Path) -> object:
    """Return whether workers read pages."""
    return process.children() and any(work.glob("doctrees/part_*/*.doctree"))


def writes(process: psutil.Process, work: Path) -> object:
    """Return whether workers write pages."""
    return process.children() and any(work.glob("html/part_*/*.html"))


def publishes(process: psutil.Process, work: Path) -> object:
    """Return whether pages are copied to where readers find them."""
    return (work.parent / "html/index.html").exists()


MOMENTS: list[tuple[Reached, float, signal.Signals]] = [
    (lambda process, work: (work / "lock").exists(), 0, signal.SIGKILL),
    (lambda process, work: process.children(), 0, signal.SIGTERM),
    (reads, 0, signal.SIGKILL),
    (reads, 0.3, signal.SIGTERM),
    (writes, 0, signal.SIGTERM),
    (writes, 0.2, signal.SIGKILL),
    (publishes, 0, signal.SIGKILL),
]
"""What a build has begun, seconds after that, and what it is killed by then."""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> MadeUpBook:
    """Return a book that takes seconds to build."""
    folder = tmp_path_factory.mktemp("large") / "book"
    return MadeUpBook(book_of_any_size.write(folder, SECTIONS))


def start(book: MadeUpBook) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", BUILD, book.root], cwd=REPOSITORY)


def kill_at(
    book: MadeUpBook, reached: Reached, delay: float, number: signal.Signals
) -> list[int] | None:
    """Build, and kill the build at a moment; return its workers, which may live on.

    A build that waits for a lock of an earlier one never gets there.

    :returns: None if the build ended before this process saw the moment.
    """
    work = book.root / "_build/sphinx"
    for folder in (work / "html", work / "doctrees", work.parent / "html"):
        shutil.rmtree(folder, ignore_errors=True)
    with start(book) as process:
        parent = psutil.Process(process.pid)
        end = time.monotonic() + WHOLE_BUILD
        while process.poll() is None and not reached(parent, work):
            assert time.monotonic() < end, "the build waits for an earlier one"
            time.sleep(0.01)
        time.sleep(delay)
        if process.poll() is not None:
            return None
        workers = [child.pid for child in parent.children(recursive=True)]
        process.send_signal(number)
        return workers if process.wait(PATIENCE) == -number else None


@pytest.mark.slow
def test_killed_builds_leave_no_process_and_no_lock(large: MadeUpBook) -> None:
    killed = [kill_at(large, *moment) for moment in MOMENTS]
    workers = [pid for pids in killed for pid in pids or ()]
    assert killed.count(None) <= len(MOMENTS) // 2 and len(workers) >= 4
    wait_for(lambda: all_ended(workers))
    with start(large) as process:
        assert process.wait(WHOLE_BUILD) == 0
    html = large.root / "_build/html"
    assert len(list(html.glob("part_*/section_*.html"))) == SECTIONS
    assert not list(html.rglob(".*.new"))

"""Pages are built while notebooks run, and are those of a build after the run."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from tabbook import sphinxext
from tabbook.base.errors import BookError
from tabbook.source import book
from tabbook.source.book import Book
from tabbook.sphinxext import background, builder
from tabbook.sphinxext.background import PageBuild
from tests.support.book_with_three_frameworks import MadeUpBook, make
from tests.support.forks import all_ended
from tests.support.waiting import wait_for

NOTEBOOK = "notebooks/alpha/part/one.ipynb"


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MadeUpBook:
    """Return the book without one notebook, which seems to run."""
    monkeypatch.setattr(background, "can_fork_now", lambda: True)
    monkeypatch.setattr(builder, "_processes", lambda book: 3)
    sample = make(tmp_path / "book")
    (sample.root / NOTEBOOK).rename(tmp_path / "one.ipynb")
    return sample


def run_ends(tiny: MadeUpBook) -> None:
    (tiny.root.parent / "one.ipynb").rename(tiny.root / NOTEBOOK)


def begin(tiny: MadeUpBook) -> tuple[Book, PageBuild]:
    loaded = book.load(tiny.config)
    section = loaded.section("part/one")
    assert section
    return loaded, PageBuild(loaded, [section])


def pid_of(pages: PageBuild) -> int:
    process = pages._process
    assert process and process.pid
    return process.pid


def test_page_is_read_when_its_notebooks_have_ended(tiny: MadeUpBook) -> None:
    doctrees = tiny.root / "_build/sphinx/doctrees"
    loaded, pages = begin(tiny)
    with pages:
        wait_for((doctrees / "part/two.doctree").exists)
        assert not (doctrees / "part/one.doctree").exists()
        run_ends(tiny)
        section = loaded.section("part/one")
        assert section
        pages.ended(section)
        wait_for((doctrees / "part/one.doctree").exists)
        assert not (doctrees / "index.doctree").exists()
        assert not (tiny.root / "_build/html").exists()
        pages.finish()
    written = tiny.html()
    assert "&lt;alpha&gt; alpha_second_" in written["part/one.html"].decode()
    assert sphinxext.build(tiny.config).read == ()
    shutil.rmtree(tiny.root / "_build")
    sphinxext.build(tiny.config)
    assert tiny.html() == written


def test_pages_that_are_not_finished_are_stopped(tiny: MadeUpBook) -> None:
    doctrees = tiny.root / "_build/sphinx/doctrees"
    _, pages = begin(tiny)
    with pages:
        wait_for((doctrees / "part/two.doctree").exists)
        process = pid_of(pages)
    wait_for(lambda: all_ended([process]))
    assert not (tiny.root / "_build/html").exists()
    run_ends(tiny)
    assert sorted(sphinxext.build(tiny.config).read) == [
        "index",
        "part/one",
        "part/two",
    ]


def test_error_of_a_page_is_that_of_the_build(tiny: MadeUpBook) -> None:
    _, pages = begin(tiny)
    with pages, pytest.raises(BookError, match=r"part/one\.md.*stale-outputs"):
        pages.finish()  # the notebook is still missing


def test_killed_process_is_an_error(tiny: MadeUpBook) -> None:
    _, pages = begin(tiny)
    with pages, pytest.raises(BookError, match="was killed"):
        os.kill(pid_of(pages), signal.SIGKILL)
        pages.finish()


def test_later_build_begins_when_all_have_ended(tiny: MadeUpBook) -> None:
    run_ends(tiny)
    sphinxext.build(tiny.config)
    _, pages = begin(tiny)
    with pages:
        assert pages._process is None
        pages.finish()

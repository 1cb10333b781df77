"""Pages cost little: what did not change is neither read nor written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tabbook import sphinxext
from tabbook.base import config
from tabbook.sphinxext.workers import PageWorkers
from tests.support import book_of_any_size
from tests.support import d2lbook_runner as d2lbook
from tests.support.book_with_three_frameworks import SVG, MadeUpBook, make
from tests.support.paths import ROOT as REPOSITORY

BUILD = sys.modules["tabbook.sphinxext.builder"]
"""The module; its package has the function under this name."""

State = dict[str, tuple[int, int]]
"""Files of a folder, each with what a new version would have anew."""


@pytest.fixture
def tiny(tmp_path: Path) -> MadeUpBook:
    return make(tmp_path)


def changed(before: State, after: State) -> set[str]:
    return {name for name in before | after if before.get(name) != after.get(name)}


def state(folder: Path, pattern: str) -> State:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.stat().st_ino)
        for path in folder.rglob(pattern)
    }


def states(tiny: MadeUpBook) -> tuple[State, State, State]:
    """Return the pages that were read, written, and published."""
    output = tiny.root / "_build"
    return (
        state(output / "sphinx/doctrees", "*.doctree"),
        state(output / "sphinx/html", "*.html"),
        state(output / "html", "*.*"),
    )


def test_prose_edit_reads_and_writes_one_page(tiny: MadeUpBook) -> None:
    sphinxext.build(tiny.config)
    before = states(tiny)
    tiny.edit("part/one.md", "共有の文。", "別の文。")
    result = sphinxext.build(tiny.config)
    read, written, published = map(changed, before, states(tiny))
    assert result.read == ("part/one",) and read == {"part/one.doctree"}
    assert written == {"part/one.html", "search.html"}
    assert published == {"part/one.html", "search-index.js", "search.html"}
    assert result.written == 3


def test_changed_heading_rewrites_pages_that_list_it(tiny: MadeUpBook) -> None:
    sphinxext.build(tiny.config)
    before = states(tiny)
    tiny.edit("part/one.md", "## 図と表", "## 図と表と式")
    assert sphinxext.build(tiny.config).read == ("part/one",)
    _, written, _ = map(changed, before, states(tiny))
    assert written == {"index.html", "part/one.html", "search.html"}
    assert "図と表と式" in tiny.article("index").text


def test_incremental_build_equals_fresh_build(tiny: MadeUpBook) -> None:
    build_apart(tiny)
    tiny.edit("part/one.md", "## 図と表", "## 図")
    tiny.edit("part/two.md", "文。", "別の文。")
    build_apart(tiny)
    edited = tiny.html()
    build_apart(tiny, fresh=True)
    assert tiny.html() == edited


def build_apart(tiny: MadeUpBook, *, fresh: bool = False) -> None:
    """Build the pages in a process of its own.

    Sphinx keeps a name of its index in the language of a process's first book.
    """
    code = (
        "import sys; from pathlib import Path; from tabbook import sphinxext\n"
        "from tabbook.base import config\n"
        f"sphinxext.build(config.load(Path(sys.argv[1])), fresh={fresh})\n"
    )
    command = [sys.executable, "-c", code, str(tiny.root)]
    subprocess.run(command, cwd=REPOSITORY, check=True)


def test_unchanged_book_does_not_import_sphinx(tiny: MadeUpBook) -> None:
    sphinxext.build(tiny.config)
    code = (
        "import sys; from pathlib import Path; from tabbook import sphinxext\n"
        "from tabbook.base import config\n"
        "made = sphinxext.build(config.load(Path(sys.argv[1])))\n"
        "assert (made.read, made.written) == ((), 0)\n"
        "assert not {'sphinx', 'myst_nb', 'docutils', 'furo'} & sys.modules.keys()\n"
    )
    command = [sys.executable, "-c", code, str(tiny.root)]
    subprocess.run(command, cwd=REPOSITORY, check=True)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> MadeUpBook:
    """Return a book of so many pages that it is worth several processes."""
    folder = tmp_path_factory.mktemp("large") / "book"
    sample = MadeUpBook(book_of_any_size.write(folder, 7))
    for name, radius, heading in (("", "1", "# こしらえた本"), ("part_01/", "2", "。")):
        sample.write(f"{name}same.svg", SVG.replace("4", radius))
        sample.edit(f"{name}index.md", heading, f"{heading}\n\n![図](same.svg)")
    return sample


def test_build_imports_nothing_that_executes_notebooks() -> None:
    """MyST-NB would import a database for that, which takes longer than a page."""
    code = (
        "import sys, tabbook.sphinxext.extension\n"
        "print({'sqlalchemy', 'jupyter_cache', 'nbclient'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        check=False,
    )
    assert done.stdout == "set()\n", done.stderr


def test_parallel_build_equals_serial_build(
    large: MadeUpBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks: list[object] = []
    add = PageWorkers.add_task

    def counted(self: PageWorkers, task: object, *rest: object) -> None:
        tasks.append(task)
        add(self, task, *rest)

    monkeypatch.setattr(PageWorkers, "add_task", counted)
    built = {}
    for processes in (1, 2, 5):
        monkeypatch.setattr(BUILD, "_processes", lambda book, count=processes: count)
        tasks.clear()
        result = sphinxext.build(large.config, fresh=True)
        assert result.warnings == "" and len(result.read) == 10
        assert bool(tasks) == (processes > 1)
        built[processes] = large.html()
    assert built[1] == built[2] == built[5]
    assert {"_images/same.svg", "_images/same1.svg"} <= built[1].keys()


def test_parallel_build_leaves_state_for_incremental_build(
    large: MadeUpBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BUILD, "_processes", lambda book: 3)
    sphinxext.build(large.config, fresh=True)
    section = "part_01/section_007"
    large.edit(f"{section}.md", "最後に", "ついに")
    assert sphinxext.build(large.config).read == (section,)
    edited = large.html()
    monkeypatch.setattr(BUILD, "_processes", lambda book: 1)
    sphinxext.build(large.config, fresh=True)
    assert large.html() == edited


def test_made_up_book_is_deterministic(tmp_path: Path) -> None:
    first, two = (book_of_any_size.write(tmp_path / name, 3) for name in ("one", "two"))
    names = sorted(
        path.relative_to(first) for path in first.rglob("*") if path.is_file()
    )
    assert len(names) == 3 * 4 + 10
    for name in names:
        assert (first / name).read_bytes() == (two / name).read_bytes()


def test_made_up_book_passes_lint(tmp_path: Path) -> None:
    book = book_of_any_size.write(tmp_path / "book", 3)
    command = [str(REPOSITORY / "build.sh"), "-C", str(book)]
    for name in ("lint", "html"):
        done = subprocess.run(
            [*command, name], capture_output=True, text=True, check=True
        )
        assert done.stderr == ""
    assert (book / "_build/html/part_01/section_003.html").is_file()


@pytest.mark.slow
def test_d2lbook_builds_made_up_book_without_kernel(tmp_path: Path) -> None:
    book = book_of_any_size.write(tmp_path / "book", 3)
    d2lbook.write_evaluated(book, config.load(book))
    log = d2lbook.html(book)
    assert "Evaluating" not in log.split("notebooks are outdated")[0]
    assert "0 notebooks are outdated" in log
    page = (config.load(book).output / "html/part_01/section_003.html").read_text()
    for shown in ("step 7", "MXNet", "PyTorch", "TensorFlow"):
        assert shown in page

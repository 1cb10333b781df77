"""Outputs are the same in every run, in verification, forked and fresh, anywhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tabbook.base.config import FILE_NAME
from tabbook.environments.kernelspec import KernelStart
from tabbook.execution.forkserver.servers import close_servers
from tests.support.book_of_cells import BookOfCells, make
from tests.support.books import MakeBook

WARNING = "import warnings\n\nwarnings.warn('beware')"
IMPORTED_WARNING = """import sys

sys.path.append("../data")
import old

old.warn()"""
FOLDERS = """import os
import tempfile
from pathlib import Path

print(os.getcwd(), Path("../data/x.txt").resolve(), tempfile.gettempdir())
!pwd"""
PROGRAMS = """import os
import subprocess

program = os.path.basename("python")
!which {program}
print(subprocess.run(["which", "python"], capture_output=True, text=True).stdout)"""
BASH = "%%bash\nwhich python"
SOURCE = """import inspect

def f():
    return 1

print(inspect.getsource(f))"""
SOURCE_OF_EARLIER = "def g():\n    return 2\n\nprint(inspect.getsource(f), end='')"
CELLS = (
    *(WARNING, IMPORTED_WARNING, FOLDERS, PROGRAMS, BASH, SOURCE, SOURCE_OF_EARLIER),
)


@pytest.fixture
def tiny(make_book: MakeBook, light_environments: None) -> Iterator[BookOfCells]:
    yield make(make_book, *CELLS)
    close_servers()


def test_outputs_are_the_same_in_every_run(
    tiny: BookOfCells, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tiny.run().failure is None
    first = tiny.notebook_file.read_bytes()
    assert tiny.problems() == []
    assert tiny.verify(start=KernelStart.FRESH).problems == ()

    temporary, other = tmp_path / "t", tmp_path / "elsewhere"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    for name in (FILE_NAME, "index.md", "chapter_a", "data", "environments"):
        copy = shutil.copytree if (tiny.root / name).is_dir() else shutil.copy
        other.mkdir(exist_ok=True)
        copy(tiny.root / name, other / name)
    copied = BookOfCells(other)
    copied.run(start=KernelStart.FRESH)
    assert copied.notebook_file.read_bytes() == first
    assert list(temporary.iterdir()) == []


def test_paths_read_as_on_colab(tiny: BookOfCells) -> None:
    tiny.run()
    warning, imported, folders, programs, bash, *sources = tiny.texts()
    assert warning.startswith("/tmp/ipykernel/")
    assert "/content/chapter_a/../data/old.py:4: UserWarning: old" in imported
    here = "/content/chapter_a"
    assert folders == f"{here} /content/data/x.txt /tmp\n{here}\n"
    python = "/usr/local/bin/python\n"
    assert (programs, bash) == (f"{python}{python}\n", python)
    assert sources == ["def f():\n    return 1\n\n", "def f():\n    return 1\n"]


def test_failed_command_is_a_warning_with_its_line(tiny: BookOfCells) -> None:
    tiny.write("print(1)", "status = 3\n!echo x; exit {status}\n!true", "!false")
    assert tiny.run().failure is None
    assert [(problem.line, problem.name) for problem in tiny.warnings] == [
        (tiny.line(1), "failed-command"),
        (tiny.line(2), "failed-command"),
    ]
    first, second = tiny.warnings
    assert (first.path, first.severity) == ("chapter_a/one.md", "warning")
    assert "'echo x; exit 3' failed with status 3" in first.message
    assert "'false' failed with status 1" in second.message


def test_failing_bash_cell_fails(tiny: BookOfCells) -> None:
    tiny.write("%%bash\nexit 3")
    failure = tiny.run().failure
    assert failure
    assert (failure.kind, failure.line) == ("raised", 3)


def test_failed_command_can_be_silenced(tiny: BookOfCells) -> None:
    config = tiny.root / FILE_NAME
    silenced = config.read_text("utf-8").replace(
        "[tabbook]", "[tabbook]\nsilence = failed-command"
    )
    config.write_text(silenced, "utf-8")
    tiny.write("!false")
    tiny.run()
    assert tiny.warnings == []


@pytest.mark.parametrize("code", ["!pip install x", "%pip install x"])
def test_pip_names_the_file_of_requirements(tiny: BookOfCells, code: str) -> None:
    tiny.write(code)
    tiny.run()
    (text,) = tiny.texts()
    if code.startswith("!"):
        assert "environments/left.in and run the command pin left" in text
    (problem,) = tiny.warnings
    assert "environments/left.in" in problem.message
    assert "./build.sh pin --framework left" in problem.message

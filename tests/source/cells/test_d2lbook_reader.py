"""Tests of the module that imports d2lbook."""

from __future__ import annotations

import threading
from pathlib import Path

import nbformat
import pytest

from tabbook.source.cells.d2lbook_reader import library, unchecked
from tests.support.books import write_files

INVALID = "not a list of outputs"


def test_unchecked_creates_cells_without_validation() -> None:
    with unchecked():
        cell = nbformat.v4.new_code_cell("x = 1", outputs=INVALID)
    assert cell.outputs == INVALID


def test_cells_are_validated_outside_of_unchecked() -> None:
    with unchecked():
        pass
    with pytest.raises(nbformat.ValidationError):
        nbformat.v4.new_code_cell("x = 1", outputs=INVALID)


def test_unchecked_within_unchecked_ends_with_the_outer_one() -> None:
    with unchecked():
        with unchecked():
            pass
        assert nbformat.v4.new_code_cell("x = 1", outputs=INVALID).outputs == INVALID


def test_cells_of_other_threads_are_validated() -> None:
    failures: list[Exception] = []

    def create() -> None:
        try:
            nbformat.v4.new_code_cell("x = 1", outputs=INVALID)
        except nbformat.ValidationError as error:
            failures.append(error)

    with unchecked():
        thread = threading.Thread(target=create)
        thread.start()
        thread.join()
    assert len(failures) == 1


@pytest.mark.parametrize(
    "code",
    [
        "import zlib, alib",
        "import numpy, alib, zlib",
        "import numpy\nfrom alib import one\nfrom blib import two",
        "from __future__ import annotations\nimport alib, one",
    ],
)
def test_order_of_imports_does_not_depend_on_folders(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = "[isort]\nfrom_first = true\nknown_first_party = numpy\n"
    files = {
        "home/.isort.cfg": settings.replace("isort", "settings"),
        "book/setup.cfg": settings.replace("isort", "tool:isort"),
        "book/.editorconfig": "[*.py]\nforce_sort_within_sections = true\n",
        "book/pyproject.toml": "[tool.isort]\nforce_to_top = ['zlib']\n",
        "book/alib/__init__.py": "",
        "book/src/blib/__init__.py": "",
        "book/one.py": "",
        "book/chapter/x.md": "",
    }
    write_files(tmp_path, files)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    formatted = set()
    for folder in ("", "home", "book", "book/chapter", "book/alib", "book/src"):
        monkeypatch.chdir(tmp_path / folder)
        formatted.add(library.format_code(code))
    assert len(formatted) == 1

"""Tests of the module that imports d2lbook."""

from __future__ import annotations

import threading

import nbformat
import pytest

from tabbook.source.d2lbook_reader import unchecked

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

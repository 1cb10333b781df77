"""Blanks for students: what stays of a cell, and which outputs repeat what does not."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from tabbook.notebooks import blanks
from tests.support.tables import examples

TABLE = Path(__file__).parent / "tables" / "blanks.txt"


@pytest.mark.parametrize(("source", "expected"), examples(TABLE))
def test_blanks_follow_nbgraders_rule(source: str, expected: str) -> None:
    try:
        result = blanks.blank(source).source
    except blanks.UnbalancedMarksError as error:
        result = f"{error.line}: {error}"
    assert result == expected


def test_outputs_that_repeat_removed_lines_are_left_out() -> None:
    removed = ("    return secret * 2", "x")
    stream = nbformat.v4.new_output("stream", text="4\n")
    error = nbformat.v4.new_output(
        "error",
        ename="TypeError",
        evalue="no",
        traceback=["\x1b[31mreturn\x1b[39m secret \x1b[33m*\x1b[0m 2"],
    )
    assert blanks.harmless([stream, error], removed) == [stream]
    cells = ["### BEGIN SOLUTION\nreturn secret * 2\n### END SOLUTION", "f(1)"]
    students = blanks.EditionCode(cells, blanks=True)
    assert students.sources == ["\n".join(blanks.STUB), "f(1)"]
    assert students.outputs(cells[0], [stream]) == []
    assert students.outputs(cells[1], [stream, error]) == [stream]
    whole = blanks.EditionCode(cells, blanks=False)
    assert whole.sources == cells
    assert whole.outputs(cells[0], [stream, error]) == [stream, error]

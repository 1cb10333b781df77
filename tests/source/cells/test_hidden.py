"""Which parts of cells pages hide: the rules are d2lbook's own."""

from __future__ import annotations

import nbformat
import pytest
from d2lbook import rst

from tabbook.source.cells.hidden import ShownParts, shown_parts

MARKS = (
    "x = 1",
    "#@hide",
    "#@hide_code",
    "#@hide_output",
    "# Hide code",
    "# Hide outputs",
    "# hide code\n# hide outputs",
    "#@hide_code\n#@hide_output",
    "x = '#@HIDE'",
    "x = 1  # hide outputs",
    "#@fold",
    "#@fold_code\n#@hide_output",
)


def by_d2lbook(*sources: str) -> list[tuple[bool, bool]]:
    """Return whether d2lbook keeps the code and the outputs of each cell."""
    cells = [
        nbformat.v4.new_code_cell(
            source, outputs=[nbformat.v4.new_output("stream", text="x")]
        )
        for source in sources
    ]
    processed = rst._process_nb(nbformat.v4.new_notebook(cells=cells))
    return [(bool(cell.source), bool(cell.outputs)) for cell in processed.cells]


def by_us(*sources: str) -> list[tuple[bool, bool]]:
    return [(bool(part.code), part.outputs) for part in shown_parts(sources)]


@pytest.mark.parametrize("mark", MARKS)
def test_same_parts_are_hidden_as_by_d2lbook(mark: str) -> None:
    source = f"{mark}\nprint(1)"
    assert by_us(source, "print(2)") == by_d2lbook(source, "print(2)")


def test_hide_all_counts_from_its_cell_on() -> None:
    sources = ("a = 1", "#@hide_all\nb = 2", "c = 3")
    assert by_us(*sources) == by_d2lbook(*sources)
    assert by_us(*sources) == [(True, True), (False, False), (False, False)]


def test_lines_that_are_marks_are_not_shown() -> None:
    assert shown_parts(["x = 1\n# Hide outputs\ny = 2\n#@hide_output"]) == [
        ShownParts("x = 1\ny = 2", outputs=False)
    ]
    assert shown_parts(["x = 1  # hide outputs"]) == [
        ShownParts("x = 1  # hide outputs", outputs=False)
    ]


@pytest.mark.parametrize(
    ("source", "folds"),
    [
        ("#@fold\nx = 1", {"code", "output"}),
        ("x = 1\n  #@FOLD_code", {"code"}),
        ("#@fold_output\nx = 1", {"output"}),
        ("#@fold_output\n#@fold_code\nx = 1", {"code", "output"}),
        ("x = 1  #@fold", set()),
        ("#@folded\nx = 1", set()),
        ("#@hide_code\nx = 1", set()),
    ],
)
def test_marks_on_lines_of_their_own_fold(source: str, folds: set[str]) -> None:
    (part,) = shown_parts([source])
    assert part.folds == folds
    assert ("#@fold" in part.code.lower()) == (not folds and "#@fold" in source)

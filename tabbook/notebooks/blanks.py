"""Blanks for students in place of the solutions within cells, by nbgrader's rule.

A line with ``BEGIN SOLUTION`` opens what an edition with blanks replaces by a stub, up
to the line with ``END SOLUTION``. What stands from ``BEGIN HIDDEN TESTS`` to ``END
HIDDEN TESTS`` is removed. The book itself is run and verified whole.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nbformat import NotebookNode

STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")
"""The lines that nbgrader writes in place of a solution."""

SOLUTION = "SOLUTION"
HIDDEN_TESTS = "HIDDEN TESTS"
MARK = re.compile(rf"\b(?P<end>BEGIN|END) (?P<kind>{SOLUTION}|{HIDDEN_TESTS})\b")
"""nbgrader, too, looks for the words anywhere in a line."""

GRADED = "nbgrader"
"""Name of nbgrader's metadata of a cell."""

SHORT = 4
"""Characters of a line, without spaces, that say nothing of a solution."""


SQUEEZED = re.compile(r"""(?:\x1b|\\x1b|\\u001b)\[[0-9;]*m|[\s"'\\]""")
"""Colours, also as Python and JSON write them, then spaces, quotes and escapes."""


class UnbalancedMarksError(ValueError):
    """A mark without its counterpart; ``line`` counts from 0."""

    def __init__(self, line: int, message: str) -> None:
        """Describe the mark in one line of a cell."""
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Blanked:
    """A cell's code for students."""

    source: str
    removed: tuple[str, ...]
    """The lines that were replaced or removed, without the marks."""
    kinds: frozenset[str]
    """``SOLUTION``, ``HIDDEN_TESTS``, both or none."""


def blank(source: str) -> Blanked:
    """Return the code of a cell as students get it.

    :raises UnbalancedMarksError: a mark has no counterpart.
    """
    kept: list[str] = []
    removed: list[str] = []
    kinds: set[str] = set()
    inside, began = "", 0
    for number, line in enumerate(source.splitlines()):
        match = MARK.search(line)
        if match is None:
            (removed if inside else kept).append(line)
            continue
        begins, kind = match["end"] == "BEGIN", match["kind"]
        if (begins and inside) or (not begins and inside != kind):
            raise UnbalancedMarksError(number, _message(match[0], inside))
        if begins and kind == SOLUTION:
            indent = line[: len(line) - len(line.lstrip())]
            kept += [indent + text for text in STUB]
        inside, began = (kind, number) if begins else ("", 0)
        kinds.add(kind)
    if inside:
        message = f"'BEGIN {inside}' has no '### END {inside}' in the same cell"
        raise UnbalancedMarksError(began, message)
    return Blanked("\n".join(kept), tuple(removed), frozenset(kinds))


def has_marks(cells: Iterable[NotebookNode]) -> bool:
    """Return whether there is anything to fill in or to hide in some cells."""
    return any(MARK.search(cell.source) for cell in cells if cell.cell_type == "code")


def blank_notebook(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook for students: blanks, nbgrader's metadata and no outputs.

    One without anything to fill in stays as it is.
    """
    if not has_marks(notebook.cells):
        return notebook
    students = copy.deepcopy(notebook)
    for cell in students.cells:
        if cell.cell_type != "code":
            continue
        blanked = blank(cell.source)
        cell.source, cell.outputs, cell.execution_count = blanked.source, [], None
        if blanked.kinds:
            cell.metadata[GRADED] = _grading(cell.id, blanked.kinds)
    return students


@dataclass(frozen=True)
class EditionCode:
    """The code cells of a notebook as pages and slides of an edition show them."""

    originals: Sequence[str]
    """The cells' code as it was run."""
    blanks: bool
    """Whether the edition has blanks; if not, nothing changes."""

    @cached_property
    def sources(self) -> list[str]:
        """Return the code of each cell."""
        if not self.blanks:
            return list(self.originals)
        return [blank(source).source for source in self.originals]

    def outputs(
        self, original: str, outputs: Iterable[NotebookNode]
    ) -> list[NotebookNode]:
        """Return the outputs of a cell.

        Outputs would show the solution, so a cell with blanks has none.
        """
        if not self.blanks:
            return list(outputs)
        return [] if blank(original).kinds else harmless(outputs, self._removed)

    @cached_property
    def _removed(self) -> list[str]:
        return [line for source in self.originals for line in blank(source).removed]


def harmless(outputs: Iterable[NotebookNode], removed: Iterable[str]) -> list[Any]:
    """Return the outputs that repeat no removed line, as tracebacks do."""
    lines = {squeezed(line) for line in removed if telling(line)}
    return [
        output
        for output in outputs
        if not any(line in squeezed(str(output)) for line in lines)
    ]


def telling(line: str) -> bool:
    """Return whether a removed line is long enough to be recognised elsewhere."""
    return len(squeezed(line)) > SHORT


def squeezed(text: str) -> str:
    """Return a text without spaces, quotes and escapes, in which files differ."""
    return SQUEEZED.sub("", text)


def _message(mark: str, inside: str) -> str:
    if inside:
        return f"{mark!r} stands within 'BEGIN {inside}'; end that one first"
    begin = mark.replace("END", "BEGIN")
    return f"{mark!r} has no '### {begin}' above it in the same cell"


def _grading(name: str, kinds: frozenset[str]) -> dict[str, Any]:
    """Return nbgrader's metadata: a cell to be filled in, or one that is graded."""
    solution = SOLUTION in kinds
    tests = HIDDEN_TESTS in kinds
    return {
        "grade": tests,
        "grade_id": f"cell-{name}",
        "locked": tests and not solution,
        **({"points": 1} if tests else {}),
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }

"""d2lbook's dialect of Markdown; the only module that imports d2lbook.

What a source means is what d2lbook 1.0.3 does with it. This adapter adds what its
reader loses (the line each cell stands on) and keeps out what it gets wrong (it
changes its input, and fails on a file without text).
"""

from __future__ import annotations

import copy
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

with warnings.catch_warnings():
    # Seven of d2lbook's modules carry invalid escapes.
    warnings.simplefilter("ignore", SyntaxWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    from d2lbook import library, notebook, slides

ALL = "all"
"""The tab that means every framework."""

LOAD = "%load_ext d2lbook.tab"
"""The line that marks the cell for work in Jupyter; no build keeps that cell."""

FENCE = re.compile(r"(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>.*)")
INPUT = re.compile(r"\{[^}]*\.input[^}]*\}")
TAB_MARK = re.compile(r":(?P<kind>begin_tab|end_tab):(?:`(?P<tabs>[^`]*)`)?")
TAB_LINE = re.compile(r"(?:%%tab +|# *@tab +)(?P<tabs>.*)")
LABEL = re.compile(r":label:`(?P<name>[^`]+)`")
REFERENCE = re.compile(r":(?P<kind>numref|ref|eqref):`(?P<name>[^`]+)`")
MARK = re.compile(r":(?P<key>[-/\\.\w]+):(?:`(?P<value>[^`]*)`)?")
SLIDE_PAIRS = (("[**", "**]"), ("(**", "**)"), ("[~~", "~~]"), ("(~~", "~~)"))
"""Opening and closing slide marks."""


@dataclass(frozen=True)
class Line:
    """One line of a source and what it stands in."""

    number: int
    """Counted from 1."""
    text: str
    fence: str
    """Info string of the fence it is inside of or opens; empty outside."""
    opens: bool
    """Whether it opens a fence."""
    inside: bool
    """Whether it is inside a fence or one of its ends."""

    @property
    def code(self) -> bool:
        """Return whether the line belongs to a cell that runs."""
        return self.inside and bool(INPUT.search(self.fence))


def lines(text: str) -> Iterator[Line]:
    """Walk over a source and tell prose from what stands in fences.

    A fence that is never closed runs to the end, as in every Markdown reader.
    """
    mark = info = ""
    for number, line in enumerate(text.splitlines(), 1):
        match = FENCE.match(line)
        if not mark and match:
            mark, info = match["fence"], match["info"].strip()
            yield Line(number, line, info, opens=True, inside=True)
            continue
        yield Line(number, line, info, opens=False, inside=bool(mark))
        if mark and line.rstrip() == mark:
            mark = info = ""


def read(text: str) -> NotebookNode:
    """Read a source into one notebook that holds the cells of every tab.

    Each cell's ``metadata.line`` is the line of the source it begins on; text of a
    tab carries ``metadata.tab``.
    """
    # Without a final line break the reader does not see a fence that ends the file.
    raw = notebook.read_markdown(text.rstrip("\n") + "\n")
    split = notebook.split_markdown_cell(raw) if raw.cells else raw
    _number(split.cells, text)
    return split


def tabs(cell: NotebookNode, default: str = "") -> list[str]:
    """Return the tabs a cell belongs to; none for text that all tabs share."""
    found: list[str] = notebook.get_cell_tab(cell, default)
    return found


def for_framework(book: NotebookNode, tab: str, default: str) -> NotebookNode | None:
    """Return the cells of one framework as d2lbook would build them.

    Each cell's ``metadata.origin_pos`` is its position in ``book``.

    :param book: what ``read`` returned; it is left as it is.
    :returns: the notebook, or None where the framework has no code of its own.
    """
    own = notebook.get_tab_notebook(copy.deepcopy(book), tab, default)
    return own and library.format_code_nb(own)


def without_slide_marks(text: str) -> str:
    """Return text as readers see it: slide marks gone, what they hold kept.

    What stands in ``(~~ ~~)`` is for slides alone and goes with its marks.

    :raises ValueError: a mark is not closed, or two overlap.
    """
    one = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
    try:
        clean: str = slides.remove_slide_marks(one).cells[0].source
    except AssertionError as error:
        raise ValueError(str(error).split(" in ")[0]) from error
    return clean


def _number(cells: list[NotebookNode], text: str) -> None:
    """Give each cell the line it begins on, by walking down the source once."""
    source = list(lines(text))
    at = 0
    for cell in cells:
        first = next((x for x in cell.source.splitlines() if x.strip()), "")
        at = _find(source, at, first.rstrip(), code=cell.cell_type == "code")
        cell.metadata["line"] = source[at].number if source else 1
        at = min(at + _height(cell), max(len(source) - 1, 0))


def _find(source: list[Line], at: int, first: str, *, code: bool) -> int:
    for index in range(at, len(source)):
        line = source[index]
        # A cell that runs is found by its fence: its own first line may be blank.
        if code and line.opens and line.code:
            return index
        if not code and line.text.strip() == first.strip() and not line.code:
            return index
    return at


def _height(cell: NotebookNode) -> int:
    return max(len([x for x in cell.source.splitlines() if x.strip()]), 1)

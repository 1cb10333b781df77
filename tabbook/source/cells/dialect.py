"""Read d2lbook's dialect of Markdown: lines, cells, and the code of each framework.

A source means what d2lbook 1.0.3 makes of it. This module adds the source line of each
cell, which d2lbook's reader loses, and works around two faults of it: it changes its
input, and it fails on a file without text and on a fence without code.
"""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from tabbook.base.config import Library
from tabbook.source.cells import aliases
from tabbook.source.cells.d2lbook_reader import (
    UnreadableError,
    common,
    library,
    notebook,
    unchecked,
)
from tabbook.source.cells.expressions import FENCE, TAB_MARK

ALL = "all"
"""The tab that means every framework."""

LOAD = "%load_ext d2lbook.tab"
"""The line of a cell that is only for Jupyter; builds leave that cell out."""

COUNTED = "\ue000"
"""Separates a line of code from its number while d2lbook deletes lines."""
COUNTED_LINE = re.compile(rf"(?P<text>.*){COUNTED}(?P<number>\d+)", re.DOTALL)


BRANCHES = ("tab.selected", "d2l.USE_", "begin_tab", "end_tab")
"""Texts for which d2lbook deletes more lines of a cell than its tab line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a source and the fence it is in."""

    number: int
    """Counted from 1."""
    text: str
    fence: str
    """Info string of the fence it opens or is in; empty outside of fences."""
    opens: bool
    """Whether it opens a fence."""
    inside: bool
    """Whether it is in a fence, including the first and the last line."""

    @property
    def code(self) -> bool:
        """Return whether the line belongs to a cell that runs."""
        return self.inside and "input" in classes(self.fence)


def lines(text: str) -> Iterator[Line]:
    """Yield the lines of a source with the fence each is in.

    A fence that is never closed extends to the end, as in every Markdown reader.
    """
    mark = info = ""
    for number, line in enumerate(_split(text), 1):
        match = FENCE.match(line)
        if not mark and match:
            mark, info = match["fence"], match["info"].strip()
            yield Line(number, line, info, opens=True, inside=True)
            continue
        yield Line(number, line, info, opens=False, inside=bool(mark))
        if mark and line.rstrip() == mark:
            mark = info = ""


@unchecked()
def read(text: str) -> NotebookNode:
    """Return one notebook with the cells of every tab.

    Each cell's ``metadata.line`` is the line of the source it begins on; the text of a
    tab has ``metadata.tab``.

    :raises UnreadableError: d2lbook's reader fails on it.
    """
    # Without a final line break the reader does not see a fence that ends the file.
    plain = "\n".join(_split(text)).rstrip("\n") + "\n"
    try:
        raw = notebook.read_markdown(plain)
        raw.cells = [cell for cell in raw.cells if not _is_empty_text(cell)]
        split = notebook.split_markdown_cell(raw) if raw.cells else raw
    except Exception as error:  # d2lbook raises AssertionError, IndexError and others
        raise _blame(plain, error) from error
    _number(split.cells, plain)
    return split


def whole(text: str) -> NotebookNode:
    """Return a source as one cell of Markdown."""
    metadata = NotebookNode(line=1)
    plain = "\n".join(_split(text))
    return NotebookNode(cell_type="markdown", metadata=metadata, source=plain)


@functools.cache
def classes(info: str) -> tuple[str, ...]:
    """Return the classes in a fence's info string; one with ``input`` runs."""
    try:
        return tuple(
            notebook.notedown.notedown.PandocAttributes(info, "markdown").classes
        )
    except Exception:  # d2lbook's reader fails too, and ``read`` reports it
        return ()


def tab_line(text: str) -> re.Match[str] | None:
    """Return the tab line that d2lbook reads, anywhere in a line."""
    match: re.Match[str] | None = common.source_tab_pattern.search(text)
    return match or common.source_tab_pattern_2.search(text)


def code_tabs(source: Iterable[Line]) -> Iterator[tuple[str, ...]]:
    """Yield the tabs of each cell that runs; empty for a cell without tabs.

    ``read`` gives the same result, but takes a second for a few dozen sections.
    """
    for fence in code_fences(source):
        text = "\n".join(line.text for line in fence)
        if LOAD not in text:
            match = tab_line(text)
            yield _names(match[1]) if match else ()


def text_tabs(source: Iterable[Line]) -> Iterator[str]:
    """Yield the tabs that have text of their own."""
    waiting: tuple[str, ...] = ()
    for line in source:
        match = None if line.inside else TAB_MARK.match(line.text)
        if match:
            waiting = _names(match["tabs"]) if match["tabs"] else ()
        elif waiting and line.text.strip():
            yield from waiting
            waiting = ()


@unchecked()
def code_lines(cell: NotebookNode, tab: str, default: str) -> list[tuple[int, str]]:
    """Return the code a framework runs of a cell, each line with its source line.

    Tab lines and the branches of other frameworks are removed; nothing is formatted.

    :param cell: a code cell of the notebook that ``read`` returned.
    :raises UnreadableError: d2lbook's reader fails on it.
    """
    first = cell.metadata.line + 1
    last = first + cell.source.count("\n")
    head, _, rest = cell.source.partition("\n")
    if not any(mark in cell.source for mark in BRANCHES) and not tab_line(rest):
        # d2lbook, which looks at each line many times, would delete the first at most.
        own = rest if tab_line(head) else cell.source
        return list(enumerate(own.split("\n"), last - own.count("\n")))
    counted = copy.deepcopy(cell)
    counted.metadata["tab"] = [tab]
    counted.source = "\n".join(
        f"{line}{COUNTED}{number}" if line.strip() else line
        for number, line in enumerate(cell.source.split("\n"), first)
    )
    own = for_framework(_notebook(counted), tab, default, formatted=False)
    numbered: list[tuple[int, str]] = []
    for line in own.cells[0].source.split("\n") if own and own.cells else ():
        match = COUNTED_LINE.fullmatch(line)
        after = min(numbered[-1][0] + 1, last) if numbered else first
        numbered.append((int(match["number"]), match["text"]) if match else (after, ""))
    return numbered


def tabs(cell: NotebookNode, default: str = "") -> list[str]:
    """Return the tabs a cell belongs to; empty for text that all tabs share."""
    names: list[str] = notebook.get_cell_tab(cell, default)
    return names


@unchecked()
def for_framework(
    book: NotebookNode,
    tab: str,
    default: str,
    *,
    formatted: bool = True,
    aliased: Library | None = None,
) -> NotebookNode | None:
    """Return the cells of one framework as d2lbook would build them.

    Each cell's ``metadata.origin_pos`` is its position in ``book``.

    :param book: the notebook that ``read`` returned; it is not changed.
    :param formatted: whether imports are sorted, as d2lbook does.
    :param aliased: the framework's library, whose aliases are replaced.
    :returns: the notebook, or None where the framework has no code of its own.
    :raises UnreadableError: a branch on ``tab.selected`` holds tab characters, or
        d2lbook fails to replace an alias.
    """
    try:
        # d2lbook copies each cell itself, and changes only the metadata.
        marked = NotebookNode({**book, "metadata": copy.deepcopy(book.metadata)})
        own = notebook.get_tab_notebook(marked, tab, default)
        if own and aliased:
            own = aliases.replaced(own, aliased)
        return library.format_code_nb(own) if own and formatted else own
    except UnreadableError:
        raise
    except Exception as error:
        raise UnreadableError(
            0, f"d2lbook fails on the code of {tab}: {error}"
        ) from error


def code_fences(source: Iterable[Line]) -> Iterator[list[Line]]:
    """Yield the lines of each fence that runs, its first and last line included."""
    fence: list[Line] = []
    for line in source:
        if fence and (line.opens or not line.inside):
            yield fence
            fence = []
        if line.code and (line.opens or fence):
            fence.append(line)
    if fence:
        yield fence


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


def _notebook(cell: NotebookNode) -> NotebookNode:
    """Return a notebook with one cell, without nbformat's validation."""
    return NotebookNode(cells=[cell], metadata={}, nbformat=4, nbformat_minor=5)


def _split(text: str) -> list[str]:
    """Return the lines as an editor counts them."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    return plain.removesuffix("\n").split("\n") if plain else []


def _is_empty_text(cell: NotebookNode) -> bool:
    """Return whether d2lbook makes no cell of a text; it fails on a text of these."""
    if cell.cell_type == "code":
        return False
    return not notebook.markdown.split_markdown(cell.source)


def _blame(text: str, error: Exception) -> UnreadableError:
    """Return the error with the block that d2lbook's reader fails on."""
    for block in notebook.notedown.MarkdownReader().code_pattern.finditer(text):
        if block["indent"]:
            line = text.count("\n", 0, block.start("icontent")) + 1
            return UnreadableError(
                line,
                "d2lbook cannot read a text indented by four or more spaces after an "
                "empty line; write code in a fence, and indent a list by three at most",
            )
        try:
            notebook.read_markdown("```{.python .input}\npass\n```\n" + block[0])
        except Exception:  # any failure identifies the block
            line = text.count("\n", 0, block.start()) + 1
            return UnreadableError(line, f"d2lbook cannot read this fence: {error}")
    return UnreadableError(0, f"d2lbook cannot read this file: {error}")


def _number(cells: list[NotebookNode], text: str) -> None:
    """Set each cell's ``metadata.line`` in one pass over the source."""
    source = list(lines(text))
    at = 0
    for cell in cells:
        code = cell.cell_type == "code"
        shown = [line.strip() for line in cell.source.split("\n") if line.strip()]
        at = _find(source, at, shown[0] if shown else "", code=code, otherwise=at)
        cell.metadata["line"] = source[at].number
        if code:
            at = min(at + cell.source.count("\n") + 3, len(source) - 1)
        # Go on to the cell's last line: the next cell may begin with the same text.
        for line in shown[1:] if not code else ():
            at = _find(source, at + 1, line, code=False, otherwise=at)


def _find(source: list[Line], at: int, text: str, *, code: bool, otherwise: int) -> int:
    for index in range(at, len(source)):
        line = source[index]
        if line.opens and line.code:
            # A cell that runs is located by its fence, as its first line may be blank.
            return index if code else otherwise
        if not code and line.text.strip() == text and not line.code:
            return index
    return otherwise

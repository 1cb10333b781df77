"""Show the previous outputs on the pages of a draft until its code has been executed.

Only ``tabbook serve`` builds such pages, into a folder of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

import nbformat
from nbformat import NotebookNode

from tabbook.sphinxext.modes import Failed

STATE = "tabbook_state"
"""Metadata of a cell whose outputs are stale; its value is one of the states below."""

RUNNING, OLD, FAILED = "running", "old", "failed"
"""Being executed; left from an earlier run after a failure; raised an error."""

CellOutputs = tuple[list[NotebookNode], str]
"""Outputs of a cell and their state; the state is empty where they are fresh."""


def outputs(
    previous: list[NotebookNode], code: list[str], failed: Failed | None
) -> Iterator[CellOutputs]:
    """Yield the outputs of each code cell of a notebook whose outputs are stale.

    :param previous: the code cells of the last successful execution.
    :param code: the current code of each cell.
    :param failed: the error that the current code raised.
    """
    state = OLD if failed else RUNNING
    for at, counterpart in enumerate(_counterparts(previous, code)):
        if failed and at == failed.cell:
            yield [_error(failed.text)], FAILED
        elif counterpart is None:
            yield [], "" if failed else RUNNING
        else:
            edited = counterpart.source != code[at]
            stale = counterpart.outputs or (edited and not failed)
            yield counterpart.outputs, state if stale else ""


def _counterparts(
    previous: list[NotebookNode], code: list[str]
) -> Iterator[NotebookNode | None]:
    """Yield the previous version of each current cell, matched as by a diff."""
    counterparts: dict[int, NotebookNode] = {}
    matcher = SequenceMatcher(None, [cell.source for cell in previous], code, False)
    for _, old, old_end, new, new_end in matcher.get_opcodes():
        counterparts |= zip(range(new, new_end), previous[old:old_end], strict=False)
    yield from (counterparts.get(at) for at in range(len(code)))


def _error(text: str) -> NotebookNode:
    return nbformat.v4.new_output(
        "error", ename="", evalue="", traceback=text.splitlines()
    )

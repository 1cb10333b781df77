"""Outputs on the pages of a draft: previous ones until the code has run.

Only ``serve`` builds such pages, into a folder of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

import nbformat
from nbformat import NotebookNode

from tabbook.sphinxext.modes import Failed

STATE = "tabbook_state"
"""Metadata of a cell whose outputs are not those of its code: one of the states."""

RUNNING, OLD, FAILED = "running", "old", "failed"

Shown = tuple[list[NotebookNode], str]
"""Outputs of a cell and their state; empty where they are its code's own."""


def shown(
    before: list[NotebookNode], code: list[str], failed: Failed | None
) -> Iterator[Shown]:
    """Yield what each of today's cells shows while its notebook was not run.

    :param before: the code cells of the last good run.
    :param code: what the cells hold today.
    """
    state = OLD if failed else RUNNING
    for at, counterpart in enumerate(_counterparts(before, code)):
        if failed and at == failed.cell:
            yield [_error(failed.text)], FAILED
        elif counterpart is None:
            yield [], "" if failed else RUNNING
        else:
            edited = counterpart.source != code[at]
            waits = counterpart.outputs or (edited and not failed)
            yield counterpart.outputs, state if waits else ""


def _counterparts(
    before: list[NotebookNode], code: list[str]
) -> Iterator[NotebookNode | None]:
    """Yield the older cell that each of today's came from, paired as by a diff."""
    found: dict[int, NotebookNode] = {}
    matcher = SequenceMatcher(None, [one.source for one in before], code, False)
    for _, old, old_end, new, new_end in matcher.get_opcodes():
        found |= zip(range(new, new_end), before[old:old_end], strict=False)
    yield from (found.get(at) for at in range(len(code)))


def _error(text: str) -> NotebookNode:
    return nbformat.v4.new_output(
        "error", ename="", evalue="", traceback=text.splitlines()
    )

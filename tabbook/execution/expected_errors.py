"""Check that cells that are meant to raise do so, and raise what they announce."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode

from tabbook.source.cells.expected_error import expected_error


class NotRaisedError(Exception):
    """A cell that was meant to raise did not, or raised something else."""


def require(cell: NotebookNode, execute_reply: dict[str, Any]) -> None:
    """Compare the reply to a cell with its mark, if it has one.

    :raises NotRaisedError: it did not raise what the mark says.
    """
    expected = expected_error(cell.source)
    content = execute_reply["content"]
    raised = content.get("ename", "") if content["status"] == "error" else ""
    if not expected or raised == expected:
        return
    happened = f"raised {raised}: {content.get('evalue', '')}" if raised else "did not"
    raise NotRaisedError(
        f"the cell is marked to raise {expected}, and {happened}; correct the code, or "
        f"its mark `# raises: {expected}`"
    )

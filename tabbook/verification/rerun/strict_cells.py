"""Cells of nbval whose outputs are compared strictly, all of them at the end.

nbval executes the cells. A cell may change what an earlier one shows, so outputs are
compared when the last cell has run; nbval would compare each at once.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Sequence
from queue import Empty
from typing import Any

import pytest
from nbformat import NotebookNode
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

from tabbook.notebooks.outputs.machine_paths import MachinePaths
from tabbook.notebooks.outputs.visible import comparable, visible
from tabbook.notebooks.setup_cell import SETUP_CELL_ID
from tabbook.verification.rerun.difference import (
    Difference,
    any_picture,
    difference,
    first_lines,
    kinds,
)
from tabbook.verification.rerun.received_outputs import ReceivedOutputs
from tabbook.verification.rerun.watched_kernel import KernelEndedError, WatchedKernel

PICTURES = ("image/png", "image/jpeg")
"""Types of outputs that nbval does not compare."""


class CellError(Exception):
    """A failed cell: name of the problem, message, and lines of detail."""


class StrictNotebook(IPyNbFile):  # type: ignore[misc]
    """A notebook whose pictures are compared, too."""

    flood_ends = math.inf
    """When messages of an interrupted cell are ignored, in monotonic seconds."""

    def setup(self) -> None:
        """Start the kernel; try once more if it does not start."""
        compared = [key for key in self.skip_compare if key not in PICTURES]
        self.skip_compare: Sequence[str] = tuple(compared)
        try:
            super().setup()
        except RuntimeError:  # such as a port that another process took meanwhile
            super().setup()
        self.kernel: Any = WatchedKernel(self.kernel)
        self.received = ReceivedOutputs()
        names = self.config.getoption("tabbook_paths").read_text(encoding="utf-8")
        self.paths = MachinePaths(json.loads(names))

    def collect(self) -> Iterable[pytest.Item]:
        """Yield strict cells in the place of nbval's."""
        for cell in super().collect():
            kept = {key: getattr(cell, key) for key in ("cell_num", "cell", "options")}
            yield StrictCell.from_parent(self, name=cell.name, **kept)

    def get_kernel_message(
        self, timeout: float | None = None, stream: str = "iopub"
    ) -> Any:
        """Return a message; ignore outputs of a cell after it was interrupted."""
        if self.timed_out:
            self.flood_ends = min(self.flood_ends, time.monotonic() + (timeout or 0))
        if time.monotonic() > self.flood_ends:
            raise Empty
        message = super().get_kernel_message(timeout=timeout, stream=stream)
        if message["parent_header"].get("msg_id") == self.kernel.request_id:
            self.received.receive(message["msg_type"], message["content"])
        return message


class StrictCell(IPyNbCell):  # type: ignore[misc]
    """A cell whose failure has a name."""

    received: Sequence[NotebookNode] | None = None
    """Outputs that the kernel sent; None until the cell was executed to its end."""

    def runtest(self) -> None:
        """Execute as nbval does; raise CellError if the cell cannot be compared."""
        received = self.parent.received.begin_cell()
        try:
            self.parent.kernel.require_alive()
            super().runtest()
        except KernelEndedError as error:
            raise CellError(*error.args, "") from error
        except NbCellError as error:
            if self.parent.timed_out:
                raise CellError("timeout", str(error), "") from error
            raise CellError(*_raised(error, received)) from error
        self.received = received

    def compare_outputs(
        self,
        test: Sequence[NotebookNode],
        ref: Sequence[NotebookNode],
        skip_compare: Sequence[str] | None = None,
    ) -> bool:
        """Compare nothing yet: a later cell may change what this one shows."""
        return True

    def difference(self) -> Difference | None:
        """Compare as nbval does, and the order of the outputs, too.

        With other versions than the book's, any picture equals any other, and the
        set-up cell is not compared, since it prints the versions.
        """
        if self.received is None or not self.options["check"]:
            return None
        test, ref = visible(self.received), visible(self.cell.outputs)
        self.parent.paths.replace_in(test)
        if self.config.getoption("tabbook_other_versions"):
            if self.cell.get("id") == SETUP_CELL_ID:
                return None
            test, ref = any_picture(test), any_picture(ref)
            same = kinds(test) == kinds(ref)
        else:
            same = comparable(test) == comparable(ref)
        test, ref = first_lines(test), first_lines(ref)
        same = same and super().compare_outputs(test, ref)
        return None if same else difference(ref, test)


def _raised(
    error: NbCellError, received: Sequence[NotebookNode]
) -> tuple[str, str, str]:
    last: Any = received[-1] if received else {}
    if last.get("output_type") != "error":
        return "raised", str(error), error.inner_traceback or ""
    return "raised", f"{last.ename}: {last.evalue}", "\n".join(last.traceback)

"""A pytest plugin that makes nbval strict: it compares pictures and names failures.

nbval executes the cells and compares their outputs. The classes below are derived from
nbval's: they also compare the picture formats that nbval skips, notice at once when a
kernel ends, and write each failure with its name to a file for ``nbval_runner``.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from nbformat import NotebookNode
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

from tabbook.execution.runner import describe_exit
from tabbook.notebooks.setup_cell import SETUP_CELL_ID
from tabbook.verification.difference import any_picture, difference, kinds

OUTPUTS = ("stream", "display_data", "execute_result", "error")
"""Types of messages that become an output."""

PICTURES = ("image/png", "image/jpeg")
"""Types of outputs that nbval does not compare."""

POLL_SECONDS = 0.2
"""Time between two checks of whether the kernel is alive."""


class CellError(Exception):
    """A failed cell: name of the problem, message, and lines of detail."""


class KernelEndedError(Exception):
    """The kernel ended before it replied."""


class WatchedKernel(RunningKernel):  # type: ignore[misc]
    """A running kernel whose end is noticed at once, not at the time limit."""

    def __init__(self, started: RunningKernel) -> None:
        """Take over a kernel that nbval started."""
        self.km, self.kc = started.km, started.kc
        self.request_id = ""

    def execute_cell_input(
        self, cell_input: str, allow_stdin: bool | None = None
    ) -> str:
        """Execute a cell as a notebook does; remember the id of the request.

        nbval executes cells outside of the history, where ``;`` at the end of a cell
        does not suppress its result and ``_`` is not the last result.
        """
        self.request_id = self.kc.execute(
            cell_input, allow_stdin=allow_stdin, stop_on_error=False
        )
        return str(self.request_id)

    def get_message(self, stream: str, timeout: float | None = None) -> Any:
        """Wait for a message until the timeout, or until the kernel ends."""
        ends = time.monotonic() + (math.inf if timeout is None else timeout)
        while True:
            left = max(ends - time.monotonic(), 0)
            try:
                return super().get_message(stream, timeout=min(left, POLL_SECONDS))
            except Empty:
                self.require_alive()
                if left <= POLL_SECONDS:
                    raise

    def require_alive(self) -> None:
        """Raise KernelEndedError unless the kernel is alive."""
        if not self.is_alive():
            raise KernelEndedError(describe_exit(self.km))


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

    def collect(self) -> Iterable[pytest.Item]:
        """Yield strict cells in the place of nbval's."""
        for cell in super().collect():
            kept = {key: getattr(cell, key) for key in ("cell_num", "cell", "options")}
            yield StrictCell.from_parent(self, name=cell.name, **kept)

    def get_kernel_message(
        self, timeout: float | None = None, stream: str = "iopub"
    ) -> Any:
        """Return a message; ignore what a cell prints on after it was interrupted."""
        if self.timed_out:
            self.flood_ends = min(self.flood_ends, time.monotonic() + (timeout or 0))
        if time.monotonic() > self.flood_ends:
            raise Empty
        message = super().get_kernel_message(timeout=timeout, stream=stream)
        if message["parent_header"].get("msg_id") == self.kernel.request_id:
            self.display.receive(message["msg_type"], message["content"])
        return message


class Display:
    """Clears and updates a cell's outputs as Jupyter does; nbval only appends."""

    def __init__(self, cell: IPyNbCell) -> None:
        """Start without outputs.

        :param cell: the cell that is about to be executed.
        """
        self._cell = cell
        self._clearing = False
        self._positions: dict[str, list[int]] = {}

    def receive(self, kind: str, content: dict[str, Any]) -> None:
        """Clear or update outputs, before nbval appends the output of the message."""
        outputs = self._cell.test_outputs
        if kind == "clear_output":
            self._clearing = True
        at_once = kind == "clear_output" and not content["wait"]
        if self._clearing and (at_once or kind in OUTPUTS):
            outputs.clear()
            self._positions.clear()
            self._clearing = False
        name = content.get("transient", {}).get("display_id", "")
        if kind == "display_data":
            self._positions.setdefault(name, []).append(len(outputs))
        if kind == "update_display_data":
            for index in self._positions.get(name, []):
                outputs[index]["data"] = content["data"]


class StrictCell(IPyNbCell):  # type: ignore[misc]
    """A cell whose failure has a name."""

    def runtest(self) -> None:
        """Execute and compare as nbval does; raise CellError for a failure."""
        self.difference: tuple[str, str, str] | None = None
        self.parent.display = Display(self)
        try:
            self.parent.kernel.require_alive()
            super().runtest()
        except KernelEndedError as error:
            raise CellError("dead-kernel", str(error), "") from error
        except NbCellError as error:
            if self.parent.timed_out:
                raise CellError("timeout", str(error), "") from error
            raise CellError(*(self.difference or self._raised(error))) from error

    def compare_outputs(
        self,
        test: Sequence[NotebookNode],
        ref: Sequence[NotebookNode],
        skip_compare: Sequence[str] | None = None,
    ) -> bool:
        """Compare as nbval does, and the order of the outputs, too.

        With other versions than the book's, any picture equals any other, and the
        set-up cell is not compared, since it prints the versions.
        """
        if self.config.getoption("tabbook_other_versions"):
            if self.cell.get("id") == SETUP_CELL_ID:
                return True
            test, ref = any_picture(test), any_picture(ref)
        same = super().compare_outputs(test, ref, skip_compare)
        if same and kinds(test) == kinds(ref):
            return True
        self.comparison_traceback: list[str] = []
        self.difference = difference(ref, test)
        return False

    def _raised(self, error: NbCellError) -> tuple[str, str, str]:
        last: Any = self.test_outputs[-1] if self.test_outputs else {}
        if last.get("output_type") != "error":
            return "raised", str(error), error.inner_traceback or ""
        return "raised", f"{last.ename}: {last.evalue}", "\n".join(last.traceback)


class _Record:
    """Collects the findings of a run and writes them to a file at its end."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._executed = 0
        self._findings: list[dict[str, object]] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(
        self, item: StrictCell, call: pytest.CallInfo[None]
    ) -> None:
        """Record the result of a cell."""
        if call.when == "call":
            self._executed += 1
            if item.options["skip"] or not item.options["check"]:
                message = "a comment for nbval keeps this cell from being verified"
                self._note(item, "unchecked", message)
        error = call.excinfo.value if call.excinfo else None
        if isinstance(error, CellError):
            self._note(item, *error.args)
        elif error is not None and not isinstance(error, pytest.skip.Exception):
            is_setup = call.when == "setup"
            name = "no-kernel" if is_setup else "not-verified"
            message = "the kernel could not be started" if is_setup else "nbval failed"
            self._note(item, name, message, repr(error))

    def pytest_sessionfinish(self) -> None:
        """Write the file; if it is missing, pytest did not run to its end."""
        text = json.dumps({"executed": self._executed, "findings": self._findings})
        self._file.write_text(text, encoding="utf-8")

    def _note(
        self, item: StrictCell, name: str, message: str, detail: str = ""
    ) -> None:
        finding = {"name": name, "message": message, "detail": detail}
        self._findings.append({"cell": item.cell_num, **finding})


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options that ``nbval_runner`` passes."""
    parser.addoption("--tabbook-record", type=Path, required=True)
    parser.addoption("--tabbook-other-versions", action="store_true")


def pytest_configure(config: pytest.Config) -> None:
    """Start collecting findings."""
    config.pluginmanager.register(_Record(config.getoption("--tabbook-record")))


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Return a strict notebook in the place of nbval's."""
    collectors = yield
    return [
        StrictNotebook.from_parent(parent, path=file_path)
        if isinstance(collector, IPyNbFile)
        else collector
        for collector in collectors
    ]

"""nbval, made strict: pictures count too, and every failure has a name.

This pytest plugin runs in a process of its own, beside nbval's. nbval runs the cells
and compares; the classes below, derived from nbval's, take from it the two pictures
that it leaves out, notice a kernel's end when it happens, and put into a file what a
reader of the problem needs.
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
"""Messages that become an output."""

PICTURES = ("image/png", "image/jpeg")
"""What nbval leaves out of its comparison."""

GLANCE = 0.2
"""Seconds between two looks at whether the kernel is still there."""


class CellError(Exception):
    """A failed cell: the problem's name, what is wrong, and lines that show it."""


class KernelEndedError(Exception):
    """A kernel that owes an answer is gone."""


class Kernel(RunningKernel):  # type: ignore[misc]
    """A running kernel whose end is noticed at once, not when time is up."""

    def __init__(self, started: RunningKernel) -> None:
        """Take over a kernel that nbval started."""
        self.km, self.kc = started.km, started.kc
        self.asked = ""

    def execute_cell_input(
        self, cell_input: str, allow_stdin: bool | None = None
    ) -> str:
        """Run a cell as a notebook does; remember whose the outputs to come are.

        nbval itself runs it outside of the history, where ``;`` at its end silences
        nothing and ``_`` is not the last result.
        """
        self.asked = self.kc.execute(
            cell_input, allow_stdin=allow_stdin, stop_on_error=False
        )
        return str(self.asked)

    def get_message(self, stream: str, timeout: float | None = None) -> Any:
        """Wait for a message as long as nbval says and the kernel lives."""
        ends = time.monotonic() + (math.inf if timeout is None else timeout)
        while True:
            left = max(ends - time.monotonic(), 0)
            try:
                return super().get_message(stream, timeout=min(left, GLANCE))
            except Empty:
                self.require()
                if left <= GLANCE:
                    raise

    def require(self) -> None:
        """Raise KernelEndedError unless the kernel lives."""
        if not self.is_alive():
            raise KernelEndedError(describe_exit(self.km))


class Notebook(IPyNbFile):  # type: ignore[misc]
    """A notebook whose pictures are compared."""

    flood_ends = math.inf
    """When a cell that was interrupted has to be silent."""

    def setup(self) -> None:
        """Start the kernel; again if the first one did not come up."""
        compared = [key for key in self.skip_compare if key not in PICTURES]
        self.skip_compare: Sequence[str] = tuple(compared)
        try:
            super().setup()
        except RuntimeError:  # such as another process taking the port in between
            super().setup()
        self.kernel: Any = Kernel(self.kernel)

    def collect(self) -> Iterable[pytest.Item]:
        """Make our cells of nbval's."""
        for one in super().collect():
            kept = {key: getattr(one, key) for key in ("cell_num", "cell", "options")}
            yield Cell.from_parent(self, name=one.name, **kept)

    def get_kernel_message(
        self, timeout: float | None = None, stream: str = "iopub"
    ) -> Any:
        """Return a message; none of a cell that prints on after its interruption."""
        if self.timed_out:
            self.flood_ends = min(self.flood_ends, time.monotonic() + (timeout or 0))
        if time.monotonic() > self.flood_ends:
            raise Empty
        message = super().get_kernel_message(timeout=timeout, stream=stream)
        if message["parent_header"].get("msg_id") == self.kernel.asked:
            self.screen.see(message["msg_type"], message["content"])
        return message


class Screen:
    """Clears and redraws a cell's outputs as Jupyter does; nbval only collects."""

    def __init__(self, cell: IPyNbCell) -> None:
        """Begin with a cell that is about to run."""
        self._cell = cell
        self._clearing = False
        self._drawn: dict[str, list[int]] = {}

    def see(self, kind: str, content: dict[str, Any]) -> None:
        """Change what is there before nbval adds a message's output."""
        outputs = self._cell.test_outputs
        if kind == "clear_output":
            self._clearing = True
        at_once = kind == "clear_output" and not content["wait"]
        if self._clearing and (at_once or kind in OUTPUTS):
            outputs.clear()
            self._drawn.clear()
            self._clearing = False
        name = content.get("transient", {}).get("display_id", "")
        if kind == "display_data":
            self._drawn.setdefault(name, []).append(len(outputs))
        if kind == "update_display_data":
            for index in self._drawn.get(name, []):
                outputs[index]["data"] = content["data"]


class Cell(IPyNbCell):  # type: ignore[misc]
    """A cell whose failure is a finding."""

    def runtest(self) -> None:
        """Run and compare as nbval does; name what went wrong."""
        self.difference: tuple[str, str, str] | None = None
        self.parent.screen = Screen(self)
        try:
            self.parent.kernel.require()
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
        """Compare as nbval does, and the order of the outputs besides.

        On other versions than the book's any picture will do for a picture, and the
        cell that sets Colab up tells of them.
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
    """Collects what a run found, and writes it down at its end."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._ran = 0
        self._findings: list[dict[str, object]] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(
        self, item: Cell, call: pytest.CallInfo[None]
    ) -> None:
        """Take down how a cell ended."""
        if call.when == "call":
            self._ran += 1
            if item.options["skip"] or not item.options["check"]:
                message = "a comment for nbval keeps this cell from being verified"
                self._note(item, "unchecked", message)
        error = call.excinfo.value if call.excinfo else None
        if isinstance(error, CellError):
            self._note(item, *error.args)
        elif error is not None and not isinstance(error, pytest.skip.Exception):
            starting = call.when == "setup"
            name = "no-kernel" if starting else "not-verified"
            what = "the kernel could not be started" if starting else "nbval failed"
            self._note(item, name, what, repr(error))

    def pytest_sessionfinish(self) -> None:
        """Write the file; without one the run did not come to its end."""
        text = json.dumps({"executed": self._ran, "findings": self._findings})
        self._file.write_text(text, encoding="utf-8")

    def _note(self, item: Cell, name: str, message: str, detail: str = "") -> None:
        finding = {"name": name, "message": message, "detail": detail}
        self._findings.append({"cell": item.cell_num, **finding})


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the name of the file to write, and whether versions are others."""
    parser.addoption("--tabbook-record", type=Path, required=True)
    parser.addoption("--tabbook-other-versions", action="store_true")


def pytest_configure(config: pytest.Config) -> None:
    """Begin the record."""
    config.pluginmanager.register(_Record(config.getoption("--tabbook-record")))


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Put our notebook in the place of nbval's."""
    found = yield
    return [
        Notebook.from_parent(parent, path=file_path)
        if isinstance(one, IPyNbFile)
        else one
        for one in found
    ]

"""nbval, made strict: pictures count too, and every failure has a name.

This pytest plugin runs in a process of its own, beside nbval's. nbval runs the cells
and compares; the classes below, derived from nbval's, take from it the two pictures
that it leaves out, notice a kernel's end when it happens, and put into a file what a
reader of the problem needs.
"""

from __future__ import annotations

import base64
import binascii
import difflib
import hashlib
import json
import math
import signal
import time
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from nbformat import NotebookNode
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

OUTPUTS = ("stream", "display_data", "execute_result", "error")
"""Messages that become an output."""

PICTURES = ("image/png", "image/jpeg")
"""What nbval leaves out of its comparison."""

GLANCE = 0.2
"""Seconds between two looks at whether the kernel is still there."""

SHOWN = 40
"""Lines of a difference that a message shows."""


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

    def execute_cell_input(self, *arguments: Any, **options: Any) -> Any:
        """Remember which request the outputs to come belong to."""
        self.asked = super().execute_cell_input(*arguments, **options)
        return self.asked

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
            process = getattr(self.km.provisioner, "process", None)
            raise KernelEndedError(_end(getattr(process, "returncode", None)))


def _end(code: int | None) -> str:
    """Say how a kernel ended, as far as the system tells."""
    if code is None or code >= 0:
        return f"the kernel ended by itself with exit status {code}"
    name = signal.Signals(-code).name
    hint = "; most likely memory ran out" if name in ("SIGKILL", "SIGABRT") else ""
    return f"the kernel was ended by {name}{hint}"


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
        self._drawn: dict[str, list[dict[str, Any]]] = {}

    def see(self, kind: str, content: dict[str, Any]) -> None:
        """Change what is there before nbval adds a message's output."""
        if kind == "clear_output":
            self._clearing = True
        at_once = kind == "clear_output" and not content["wait"]
        if self._clearing and (at_once or kind in OUTPUTS):
            self._cell.test_outputs.clear()
            self._clearing = False
        name = content.get("transient", {}).get("display_id", "")
        if kind == "display_data":
            self._drawn.setdefault(name, []).append(content["data"])
        if kind == "update_display_data":
            for data in self._drawn.get(name, []):
                data.clear()
                data.update(content["data"])


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
        """Compare as nbval does, and the order of the outputs besides."""
        same = super().compare_outputs(test, ref, skip_compare)
        if same and _kinds(test) == _kinds(ref):
            return True
        self.comparison_traceback: list[str] = []
        self.difference = difference(ref, test)
        return False

    def _raised(self, error: NbCellError) -> tuple[str, str, str]:
        last: Any = self.test_outputs[-1] if self.test_outputs else {}
        if last.get("output_type") != "error":
            return "raised", str(error), error.inner_traceback or ""
        return "raised", f"{last.ename}: {last.evalue}", "\n".join(last.traceback)


def difference(
    ref: Sequence[NotebookNode], test: Sequence[NotebookNode]
) -> tuple[str, str, str]:
    """Return name, message and lines of what differs.

    :param ref: outputs of the notebook.
    :param test: what the code gives now.
    """
    old, new = _lines(ref), _lines(test)
    lines = list(difflib.unified_diff(old, new, "notebook", "now", lineterm="", n=2))
    if len(lines) > SHOWN:
        lines = [*lines[:SHOWN], f"... and {len(lines) - SHOWN} lines more"]
    shown = "\n".join(lines) or f"{ref!r}\nnow\n{test!r}"
    printed = _stderr(test)
    if printed and printed != _stderr(ref):
        return "new-stderr", "the cell writes to stderr what it did not", shown
    if not ref or not test:
        missing = "the code gives none" if ref else "the code gives one"
        shows = "shows an output" if ref else "has no output here"
        return "missing-output", f"the notebook {shows}, {missing}", shown
    if _pictures(ref) != _pictures(test):
        return "changed-picture", "the code draws another picture", shown
    return "changed-output", "the code gives another output", shown


def _kinds(outputs: Sequence[NotebookNode]) -> list[list[str]]:
    """Return what the outputs are, in order; stderr comes when it likes."""
    return [
        [one.name] if one.output_type == "stream" else sorted(one.get("data", {}))
        for one in outputs
        if one.get("name") != "stderr"
    ]


def _stderr(outputs: Sequence[NotebookNode]) -> str:
    return "".join(one.text for one in outputs if one.get("name") == "stderr")


def _pictures(outputs: Sequence[NotebookNode]) -> list[tuple[str, str]]:
    return [
        (kind, str(value))
        for one in outputs
        for kind, value in sorted(one.get("data", {}).items())
        if kind.startswith("image/")
    ]


def _lines(outputs: Sequence[NotebookNode]) -> list[str]:
    """Write outputs as lines that can be compared by eye."""
    lines: list[str] = []
    for one in outputs:
        if one.output_type == "stream":
            mark = "stderr: " if one.name == "stderr" else ""
            lines += [mark + line for line in one.text.splitlines()]
        elif one.output_type == "error":
            lines.append(f"{one.ename}: {one.evalue}")
        for kind, value in sorted(one.get("data", {}).items()):
            lines += _value(kind, value)
    return lines


def _value(kind: str, value: Any) -> list[str]:
    if kind == "text/plain":
        return str(value).splitlines()
    if isinstance(value, str) and kind.startswith("image/") and "svg" not in kind:
        try:
            raw = base64.b64decode(value)
        except binascii.Error:
            raw = value.encode()
        return [f"[{kind}, {len(raw)} bytes, {hashlib.sha256(raw).hexdigest()[:12]}]"]
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return [f"[{kind}]", *text.splitlines()]


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
        text = json.dumps({"ran": self._ran, "findings": self._findings})
        self._file.write_text(text, encoding="utf-8")

    def _note(self, item: Cell, name: str, message: str, detail: str = "") -> None:
        finding = {"name": name, "message": message, "detail": detail}
        self._findings.append({"cell": item.cell_num, **finding})


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the name of the file to write."""
    parser.addoption("--tabbook-record", type=Path, required=True)


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

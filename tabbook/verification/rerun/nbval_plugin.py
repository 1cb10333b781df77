"""A pytest plugin that makes nbval strict: it compares pictures and names failures.

nbval executes the cells (``strict_cells``). The plugin writes each failure with its
name to a file for ``nbval_runner``.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from nbval.plugin import IPyNbFile

from tabbook.verification.rerun.strict_cells import (
    CellError,
    StrictCell,
    StrictNotebook,
)


class _Record:
    """Collects the findings of a run and writes them to a file at its end."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._cells: list[StrictCell] = []
        self._findings: list[dict[str, object]] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(
        self, item: StrictCell, call: pytest.CallInfo[None]
    ) -> None:
        """Record the result of a cell."""
        if call.when == "call":
            self._cells.append(item)
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
        """Compare outputs and write the file.

        If it is missing, pytest did not run to its end.
        """
        for cell in self._cells:
            if difference := cell.difference():
                self._findings.append({"cell": cell.cell_num, **asdict(difference)})
        findings = sorted(self._findings, key=_position)
        text = json.dumps({"executed": len(self._cells), "findings": findings})
        self._file.write_text(text, encoding="utf-8")

    def _note(
        self, item: StrictCell, name: str, message: str, detail: str = ""
    ) -> None:
        finding = {"name": name, "message": message, "detail": detail}
        self._findings.append({"cell": item.cell_num, **finding})


def _position(finding: dict[str, Any]) -> int:
    return int(finding["cell"])


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options that ``nbval_runner`` passes."""
    parser.addoption("--tabbook-record", type=Path, required=True)
    parser.addoption("--tabbook-paths", type=Path, required=True)
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

"""Run nbval over one committed notebook, in a pytest process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tabbook.base.config import Config
from tabbook.base.engine import REPOSITORY
from tabbook.environments.kernelspec import without_user_settings
from tabbook.execution.forkserver.client import ForkedProcess, ForkRefusedError, fork
from tabbook.execution.forkserver.kernels import ADDRESS_VARIABLE, KernelLaunch
from tabbook.execution.forkserver.servers import ForkServer, fork_server_for
from tabbook.execution.working_folder import WorkingFolder, working_folder
from tabbook.notebooks.compile import source_lines
from tabbook.notebooks.outputs.visible import strip_ansi
from tabbook.source.book import Book
from tabbook.verification.rerun.cell_finding import (
    WHOLE_NOTEBOOK,
    CellFinding,
    NotebookRecord,
    compare_runs,
    read,
)
from tabbook.verification.verdict import UNCHECKED, VerifiedNotebook

STARTUP_SECONDS = 120
"""How long pytest and a kernel may take to start and to end."""

NO_LIMIT = 10**9
"""Seconds that stand for no limit of a cell: nbval needs a number."""

PLUGIN = "tabbook.verification.rerun.nbval_plugin"

PRELOAD = f"_pytest.tmpdir pytest nbval.plugin {PLUGIN}"
"""Modules that the fork server of these processes imports."""

OUTPUT_TAIL = 2000
"""Bytes of pytest's output that a problem shows."""


def start_imports(kernels: KernelLaunch) -> None:
    """Start the fork server that imports pytest, before it is needed.

    :param kernels: how kernels are started.
    """
    _fork_server(_environment(kernels))


def run(
    book: Book, notebook: VerifiedNotebook, kernels: KernelLaunch
) -> VerifiedNotebook:
    """Execute a notebook with nbval, in a temporary folder with the book's resources.

    :param kernels: how kernels of the notebook's framework are started.
    :returns: the notebook with its seconds and problems.
    """
    config, started = book.config, time.monotonic()
    record = _execute(config, notebook, kernels)
    if record.differs and not notebook.other_versions:
        # Some outputs change by themselves, which no new run of the book can settle.
        second = _execute(config, notebook, kernels)
        record = compare_runs(record, second, notebook.framework.name)
    return replace(
        _with_problems(book, notebook, record), seconds=time.monotonic() - started
    )


def _execute(
    config: Config, notebook: VerifiedNotebook, kernels: KernelLaunch
) -> NotebookRecord:
    """Execute a notebook once; return the plugin's record."""
    section, resources = notebook.section.name, config.resources
    with working_folder(config.root, resources, section, kernels.jupyter) as place:
        source = config.root / notebook.file(config)
        copy = place.folder / source.name
        shutil.copyfile(source, copy)
        return read(_nbval(config, notebook, place, copy, kernels))


def _nbval(
    config: Config,
    notebook: VerifiedNotebook,
    place: WorkingFolder,
    copy: Path,
    kernels: KernelLaunch,
) -> dict[str, Any]:
    """Run pytest over one notebook; return the record that our plugin writes."""
    scratch = place.scratch
    ini, record = scratch / "pytest.ini", scratch / "record.json"
    ini.write_text("[pytest]\nfilterwarnings = ignore\n", encoding="utf-8")
    paths = scratch / "paths.json"
    paths.write_text(json.dumps(place.paths.names), encoding="utf-8")
    limit = config.timeout or NO_LIMIT
    arguments = [
        *("-m", "pytest", "-c", str(ini), "--rootdir", str(scratch)),
        *("-p", "no:cacheprovider", "-p", "nbval.plugin", "-p", PLUGIN),
        *("--nbval", "--nbval-cell-timeout", str(limit), "--color", "no"),
        *(["--tabbook-other-versions"] if notebook.other_versions else ["-x"]),
        *("--tabbook-record", str(record), "--tabbook-paths", str(paths), str(copy)),
    ]
    seconds = STARTUP_SECONDS + limit * notebook.cells
    variables = {**_environment(kernels), **place.variables}
    output = _pytest(arguments, scratch, variables, seconds)
    if record.exists():
        return dict(json.loads(record.read_text(encoding="utf-8")))
    detail = output[-OUTPUT_TAIL:].decode(errors="replace")
    finding = CellFinding(
        WHOLE_NOTEBOOK, "not-verified", "pytest gave no result", detail
    )
    return {"executed": 0, "findings": [asdict(finding)]}


def _pytest(
    arguments: list[str], scratch: Path, environment: dict[str, str], seconds: float
) -> bytes:
    """Run pytest in a process of its own and return its output.

    :param seconds: after which the process is killed.
    """
    with (scratch / "output.txt").open("w+b") as output:
        process = _start(arguments, scratch, environment, output.fileno())
        try:
            process.wait(max(seconds, 0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        output.seek(0)
        return output.read()


def _start(
    arguments: list[str], scratch: Path, environment: dict[str, str], output: int
) -> ForkedProcess | subprocess.Popen[bytes]:
    """Fork a process that has imported pytest; start a new one if forking fails.

    :param output: the file descriptor that receives both output streams.
    """
    server = _fork_server(environment)
    try:
        return fork(
            server.address if server else "",
            arguments,
            env=environment,
            cwd=scratch,
            output=(output, output),
        )
    except ForkRefusedError:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=scratch,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )


def _fork_server(environment: dict[str, str]) -> ForkServer | None:
    """Return the fork server of pytest's processes; start it if it does not run.

    All frameworks share it: what differs between them is sent with each request.
    """
    shared = {
        name: value
        for name, value in environment.items()
        if name not in ("JUPYTER_PATH", ADDRESS_VARIABLE, "TMPDIR")
    }
    return fork_server_for([sys.executable, PRELOAD, ""], shared)


def _environment(kernels: KernelLaunch) -> dict[str, str]:
    """Return variables without the user's settings of pytest and of cells."""
    kept = {
        name: value
        for name, value in without_user_settings(os.environ).items()
        if not name.startswith("PYTEST_")
    }
    return {
        **kept,
        ADDRESS_VARIABLE: kernels.fork_server,
        "JUPYTER_PATH": str(kernels.jupyter),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONPATH": str(REPOSITORY),
    }


def _with_problems(
    book: Book, notebook: VerifiedNotebook, record: NotebookRecord
) -> VerifiedNotebook:
    """Turn the plugin's findings into problems of the section's source."""
    lines = source_lines(book, notebook.section, notebook.framework)
    silenced = book.config.silenced & {UNCHECKED}
    findings = [finding for finding in record.findings if finding.name not in silenced]
    unchecked = sum(finding.name == UNCHECKED for finding in record.findings)
    notebook = replace(notebook, unchecked=unchecked)
    for finding in findings:
        line = 0 if finding.cell == WHOLE_NOTEBOOK else lines[finding.cell]
        message = _message(finding, book.config)
        notebook = notebook.with_problem(line, finding.name, message)
        if finding.differs:
            notebook = notebook.with_difference(line, finding.committed, finding.now)
    names = {finding.name for finding in findings}
    if record.executed != notebook.cells and names <= {UNCHECKED}:
        message = f"nbval executed {record.executed} of {notebook.cells} cells"
        notebook = notebook.with_problem(0, "not-verified", message)
    return notebook


def _message(finding: CellFinding, config: Config) -> str:
    message, detail = finding.message, strip_ansi(finding.detail)
    if finding.name == "timeout":
        message = f"the cell was still running after {config.timeout} s"
    return "\n".join([message, *("    " + line for line in detail.splitlines())])

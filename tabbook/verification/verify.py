"""Verify the committed notebooks: run every cell again, compare every output.

What can be told from the files alone (a notebook that is missing, broken, stale or
was never run) is told first; the others go to nbval, one pytest per notebook, made
strict by ``nbval_plugin``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from tabbook import environments
from tabbook.base.config import Config, Framework
from tabbook.base.errors import BookError, Problem
from tabbook.base.paths import REPOSITORY
from tabbook.base.terminal import strip_ansi
from tabbook.execution.forkserver.client import ForkedProcess, ForkRefusedError, fork
from tabbook.execution.forkserver.kernels import (
    ADDRESS_VARIABLE,
    KernelLaunch,
    fork_warnings,
    kernel_launch,
)
from tabbook.execution.forkserver.servers import fork_server_for
from tabbook.execution.pool import thread_pool
from tabbook.execution.runner import make_working_folder
from tabbook.notebooks import store
from tabbook.notebooks.compile import compile_section, notebook_path, source_lines
from tabbook.source.book import Book
from tabbook.source.section import Section

STARTING = 120
"""Seconds that pytest and a kernel have to come up and to go."""

PLUGIN = "tabbook.verification.nbval_plugin"

PYTEST = f"_pytest.tmpdir pytest nbval.plugin {PLUGIN}"
"""What each nbval imports."""

BEFORE_RUNNING = frozenset({"missing-notebook", "not-executed", "stale"})
"""What the files alone tell."""

UNCHECKED = "unchecked"
"""The one finding that is a warning: the author chose it, in the cell."""


@dataclass(frozen=True)
class Checked:
    """What verification found out about one notebook."""

    section: Section
    framework: Framework
    cells: int
    """Cells that run."""
    seconds: float | None = None
    """Wall time of its run; None where it was not worth one."""
    problems: tuple[Problem, ...] = ()
    elsewhere: str = ""
    """Versions it runs with that are not the book's own; empty for the book's own."""

    @property
    def passed(self) -> bool:
        """Return whether there is no error."""
        return not any(one.severity == "error" for one in self.problems)


@dataclass(frozen=True)
class Verdict:
    """What verification found out."""

    notebooks: tuple[Checked, ...]
    """In the order of the sections."""
    orphans: tuple[Problem, ...] = ()
    """Notebooks that no section makes."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return everything found, book and notebooks."""
        return (*(p for one in self.notebooks for p in one.problems), *self.orphans)

    @property
    def passed(self) -> bool:
        """Return whether the notebooks are what the code gives."""
        return not any(one.severity == "error" for one in self.problems)

    @property
    def sorted_out(self) -> tuple[dict[str, tuple[int, float]], list[str]]:
        """Return cells and seconds of what ran and passed, by path, and what failed."""
        paths = {
            notebook_path(one.section.name, one.framework.name): one
            for one in self.notebooks
        }
        passed = {
            path: (one.cells, one.seconds)
            for path, one in paths.items()
            if one.passed and one.seconds is not None
        }
        return passed, [path for path, one in paths.items() if not one.passed]


@dataclass(frozen=True)
class VerificationProgress:
    """What verification tells while it goes on."""

    setting_up: Callable[[Framework, str], None] = lambda framework, reason: None
    """An environment is being made, and why."""
    finished: Callable[[Checked], None] = lambda checked: None
    """One notebook ended."""
    warned: Callable[[Sequence[Problem]], None] = lambda problems: None
    """This went otherwise than asked for."""


def verify(
    book: Book,
    sections: Sequence[Section],
    frameworks: Sequence[Framework],
    *,
    jobs: int,
    progress: VerificationProgress = VerificationProgress(),
) -> Verdict:
    """Compare the committed notebooks with what their code gives now.

    :param jobs: how many notebooks run at once.
    :raises BookError: an environment cannot be made, or its pins are missing.
    """
    config = book.config
    found = examine(book, sections, frameworks)
    wanted = dict.fromkeys(one.framework for one in found if one.passed)
    made = {
        one: environments.prepare(config, one, progress.setting_up) for one in wanted
    }
    kernels = {
        one.name: kernel_launch(config, one, environment)
        for one, environment in made.items()
    }
    notebooks = run_all(book, found, kernels, jobs=jobs, progress=progress)
    if problems := list(fork_warnings(config, made)):
        progress.warned(problems)
    whole = set(sections) >= set(book.sections)
    return Verdict(notebooks, tuple(_orphans(book)) if whole else ())


def examine(
    book: Book, sections: Sequence[Section], frameworks: Sequence[Framework]
) -> list[Checked]:
    """Say of each notebook what can be told without running it."""
    return [
        _from_files(book, section, framework, compiled)
        for section in sections
        for framework in book.frameworks_of(section)
        if framework in frameworks
        and (compiled := compile_section(book, section, framework))
    ]


def run_all(
    book: Book,
    found: Sequence[Checked],
    kernels: Mapping[str, KernelLaunch],
    *,
    jobs: int,
    progress: VerificationProgress = VerificationProgress(),
) -> tuple[Checked, ...]:
    """Run the notebooks in which nothing was found yet; return all in the order given.

    :param kernels: how each framework's are started, by its name.
    """

    def check(one: Checked) -> Checked:
        return _run(book, one, kernels[one.framework.name]) if one.passed else one

    with thread_pool(max(jobs, 1)) as pool:
        futures = [pool.submit(check, one) for one in found]
        try:
            for future in as_completed(futures):
                progress.finished(future.result())
        finally:
            for future in futures:
                future.cancel()
    return tuple(future.result() for future in futures)


def _from_files(
    book: Book, section: Section, framework: Framework, compiled: NotebookNode
) -> Checked:
    """Say what is wrong before anything runs."""
    checked = Checked(section, framework, len(store.sources(compiled)))
    file = _file(book.config, checked)
    try:
        committed = store.load(book.config, section, framework)
    except BookError as error:
        text = str(error).removeprefix(f"{book.config.root / file}: ")
        return replace(checked, problems=(Problem(file, 0, "broken-notebook", text),))
    if committed is None:
        return _told(checked, 0, "missing-notebook", f"{file} is missing")
    lines = source_lines(book, section, framework)
    if (unrun := _first_unrun(committed)) is not None:
        line = lines[unrun] if unrun < len(lines) else 0
        return _told(checked, line, "not-executed", f"{file} was not run to its end")
    if store.reuse(book.config, framework, compiled, committed) is None:
        line, reason = _staleness(lines, compiled, committed)
        return _told(checked, line, "stale", f"{file} is stale: {reason}")
    return checked


def _first_unrun(notebook: NotebookNode) -> int | None:
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for index, cell in enumerate(code):
        if cell.source.strip() and cell.execution_count is None:
            return index
    return None


def _staleness(
    lines: Sequence[int], compiled: NotebookNode, committed: NotebookNode
) -> tuple[int, str]:
    """Return line and reason of what is no longer as it was."""
    today, before = store.code_cells(compiled), store.code_cells(committed)
    for line, one, other in zip(lines[-len(today) :], today, before, strict=False):
        new, old = one.source, other.source
        if new != old:
            return line, "it was run with another cell here"
    if len(today) != len(before):
        return 0, f"it was run with {len(before)} cells, today there are {len(today)}"
    return 0, "it was run with other pins or settings, or not by us"


def _orphans(book: Book) -> Iterator[Problem]:
    root = book.config.root
    try:
        for file in store.orphans(book):
            text = "no section makes this notebook any more; ./build.sh deletes it"
            yield Problem(str(file.relative_to(root)), 0, "orphan", text)
    except BookError as error:
        name, _, text = str(error).partition(": ")
        yield Problem(name.removeprefix(f"{root}/"), 0, "broken-notebook", text)


def _run(book: Book, checked: Checked, kernels: KernelLaunch) -> Checked:
    """Give one notebook to nbval, in a folder of its own."""
    config = book.config
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tabbook-") as name:
        scratch, section = Path(name), checked.section.name
        book_copy, source = scratch / "book", config.root / _file(config, checked)
        folder = make_working_folder(book_copy, config.root, config.resources, section)
        copy = folder / source.name
        shutil.copyfile(source, copy)
        record = _nbval(config, checked, scratch, copy, kernels)
    return replace(
        checked,
        seconds=time.monotonic() - started,
        problems=tuple(_problems(book, checked, record)),
    )


def _nbval(
    config: Config, checked: Checked, scratch: Path, copy: Path, kernels: KernelLaunch
) -> dict[str, Any]:
    """Run pytest over one notebook; return what our plugin wrote down."""
    ini, record = scratch / "pytest.ini", scratch / "record.json"
    ini.write_text("[pytest]\nfilterwarnings = ignore\n", encoding="utf-8")
    limit = config.timeout or 10**9
    argv = [
        *("-m", "pytest", "-c", str(ini), "--rootdir", str(scratch)),
        *("-p", "no:cacheprovider", "-p", "nbval.plugin", "-p", PLUGIN),
        *("--nbval", "--nbval-cell-timeout", str(limit), "--color", "no"),
        *(["--tabbook-elsewhere"] if checked.elsewhere else ["-x"]),
        *("--tabbook-record", str(record), str(copy)),
    ]
    seconds = STARTING + limit * checked.cells
    told = _pytest(argv, scratch, _variables(kernels), seconds)
    if record.exists():
        return dict(json.loads(record.read_text(encoding="utf-8")))
    detail = told[-2000:].decode(errors="replace")
    finding = {"name": "not-verified", "message": "pytest gave no result"}
    return {"ran": 0, "findings": [{**finding, "cell": -1, "detail": detail}]}


def _pytest(
    argv: list[str], scratch: Path, variables: dict[str, str], seconds: float
) -> bytes:
    """Run pytest in a process of its own, so many seconds at most.

    :returns: what it printed.
    """
    with (scratch / "told").open("w+b") as told:
        process = _started(argv, scratch, variables, told.fileno())
        try:
            process.wait(max(seconds, 0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        told.seek(0)
        return told.read()


def _started(
    argv: list[str], scratch: Path, variables: dict[str, str], told: int
) -> ForkedProcess | subprocess.Popen[bytes]:
    """Fork a process that has imported pytest; start one where that cannot be."""
    own = {
        k: v
        for k, v in variables.items()
        if k not in ("JUPYTER_PATH", ADDRESS_VARIABLE)
    }
    server = fork_server_for([sys.executable, PYTEST, ""], own)
    try:
        address = server.address if server else ""
        output = (told, told)
        return fork(address, argv, env=variables, cwd=scratch, output=output)
    except ForkRefusedError:
        return subprocess.Popen(
            [sys.executable, *argv],
            cwd=scratch,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=told,
        )


def _variables(kernels: KernelLaunch) -> dict[str, str]:
    """Return an environment in which no setting of pytest or Python gets in."""
    foreign = ("PYTEST_", "PYTHONWARNINGS")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
    return {
        **kept,
        ADDRESS_VARIABLE: kernels.fork_server,
        "JUPYTER_PATH": str(kernels.jupyter),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONPATH": str(REPOSITORY),
    }


def _problems(
    book: Book, checked: Checked, record: dict[str, Any]
) -> Iterator[Problem]:
    """Turn what the plugin wrote down into problems of the source."""
    lines = source_lines(book, checked.section, checked.framework)
    silenced = book.config.silenced & {UNCHECKED}
    findings = [one for one in record["findings"] if one["name"] not in silenced]
    for finding in findings:
        at = finding["cell"]
        line, message = lines[at] if at >= 0 else 0, _message(finding, book.config)
        yield from _told(checked, line, finding["name"], message).problems
    if record["ran"] != checked.cells and {UNCHECKED} >= {x["name"] for x in findings}:
        message = f"nbval ran {record['ran']} of {checked.cells} cells"
        yield from _told(checked, 0, "not-verified", message).problems


def _message(finding: dict[str, Any], config: Config) -> str:
    message, detail = str(finding["message"]), strip_ansi(str(finding["detail"]))
    if finding["name"] == "timeout":
        message = f"the cell was still running after {config.timeout} s"
    return "\n".join([message, *("    " + line for line in detail.splitlines())])


def _told(checked: Checked, line: int, name: str, message: str) -> Checked:
    """Return what was checked with one more problem and what to do about it."""
    summary, *detail = message.splitlines()
    lines = [f"[{checked.framework.label}] {summary}", *detail, _advice(checked, name)]
    severity = "warning" if name == UNCHECKED else "error"
    problem = Problem(checked.section.path, line, name, "\n".join(lines), severity)
    return replace(checked, problems=(*checked.problems, problem))


def _advice(checked: Checked, name: str) -> str:
    if checked.elsewhere and name not in BEFORE_RUNNING:
        return f"  With {checked.elsewhere}."
    section, framework = checked.section.name, checked.framework.name
    command = f"./build.sh run {section} --framework {framework}"
    if name in {"raised", "dead-kernel", "timeout"}:
        return f"  Mend the cell, then: {command}"
    if name in BEFORE_RUNNING:
        return f"  Run it: {command} --force"
    if name == UNCHECKED:
        return "  Take the comment out, or silence this by its name in config.ini."
    return f"  If the code is right as it is: {command} --force"


def _file(config: Config, checked: Checked) -> str:
    """Return where a notebook is committed, relative to the book's folder."""
    file = store.path(config, checked.section, checked.framework)
    return str(file.relative_to(config.root))

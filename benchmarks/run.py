"""Run the benchmarks: one table, each measurement next to its baseline.

    ./build.sh bench              # all rows; writes benchmarks/RESULTS.md
    ./build.sh bench kernels      # some rows, only printed

Environments are installed beforehand and bytecode is compiled. Seconds are wall time of
whole commands on an otherwise idle machine; a measurement and its baseline are taken
one after the other. Where the machine is shared, CPU seconds of all processes say more;
the rows of size have both.
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks import cells, dask_pool, peak_memory
from tabbook import environments
from tabbook.base import config
from tabbook.base.process import cores
from tests.support import book_of_any_size, book_of_formulas, d2lbook_runner
from tests.support.paths import ROOT as REPOSITORY

RESULTS = REPOSITORY / "benchmarks" / "RESULTS.md"
SECTION = "chapter_builders-guide/parameters.md"
TIMES = 3
"""How often fast commands are timed; the minimum counts."""


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    name: str
    seconds: float
    baseline: str
    """What the seconds are compared with."""
    baseline_seconds: float
    bound: float
    """Largest ratio of seconds to baseline seconds that counts as met."""

    def __str__(self) -> str:
        """Return the row in Markdown."""
        ratio = self.seconds / self.baseline_seconds
        verdict = "yes" if ratio <= self.bound else "**no**"
        return (
            f"| {self.name} | {self.seconds:.2f} | {self.baseline} "
            f"| {self.baseline_seconds:.2f} | {ratio:.3f} | {self.bound} | {verdict} |"
        )


HEAD = """Seconds, where a row names nothing else.

| what | seconds | against | seconds | ratio | at most | met |
|---|---:|---|---:|---:|---:|---|"""


def chapter(scratch: Path) -> Iterator[Row]:
    """Time builds of the chapter with tabbook and d2lbook: cold, edited, unchanged."""
    folder = d2lbook_runner.copy(scratch / "ours")
    d2lbook_folder = d2lbook_runner.copy(scratch / "theirs")
    seconds = _seconds(lambda: build(folder))
    cold = _seconds(lambda: d2lbook(d2lbook_folder))
    yield Row("whole chapter, cold, with pages", seconds, "d2lbook", cold, 0.20)
    _edit(d2lbook_folder, 0)
    edited = _seconds(lambda: d2lbook(d2lbook_folder))
    seconds = min(_edited(folder, number) for number in range(TIMES))
    yield Row("prose edit to page", seconds, "d2lbook", edited, 0.03)
    seconds = min(_seconds(lambda: build(folder)) for _ in range(TIMES))
    yield Row("nothing changed", seconds, "d2lbook, cold", cold, 0.02)
    unchanged = _seconds(lambda: d2lbook(d2lbook_folder))
    yield Row("nothing changed", seconds, "d2lbook, nothing changed", unchanged, 1)


def pages(scratch: Path) -> Iterator[Row]:
    """Time the pages of a generated book, and how the time grows with its size."""
    small = book_of_any_size.write(scratch / "small", 30)
    large = book_of_any_size.write(scratch / "large", 300)
    few, many = (_seconds(lambda f=f: build(f, "html")) for f in (small, large))
    d2lbook_runner.write_evaluated(large, config.load(large))
    baseline = _seconds(lambda: d2lbook_runner.html(large))
    yield Row("300 made-up sections, pages only", many, "d2lbook", baseline, 0.40)
    yield Row("the same, a section", many / 300, "30 sections", few / 30, 1.2)


def size(scratch: Path) -> Iterator[Row]:
    """Time lint and pages of a large book of formulas, citations and tables."""
    folder = book_of_formulas.write(scratch / "size")
    sections, formulas = book_of_formulas.SECTIONS, book_of_formulas.FORMULAS
    name = f"{sections} made-up sections, {sections * formulas:,} formulas"
    lint, lint_cpu = _costs(lambda: build(folder, "lint"))
    yield Row(f"{name}: lint", lint, "3 s", 3, 1)
    yield Row("the same, CPU seconds", lint_cpu, "3 s", 3, 1)
    command = ["html", "--without-outputs"]
    pages, pages_cpu = _costs(lambda: build(folder, *command))
    d2lbook_runner.write_evaluated(folder, config.load(folder))
    baseline, baseline_cpu = _costs(lambda: d2lbook_runner.html(folder))
    yield Row("the same: html --without-outputs", pages, "d2lbook", baseline, 0.35)
    yield Row("the same, CPU seconds", pages_cpu, "d2lbook", baseline_cpu, 0.35)
    memory = peak_memory.peak(
        [str(REPOSITORY / "build.sh"), "-C", str(folder), *command, "--force"]
    )
    limit = 400e6 / 2**20
    yield Row("the same, most memory (MiB)", memory, "400 MB", limit, 1)


def cold(scratch: Path) -> Iterator[Row]:
    """Time cold builds against the limit: cells over the cores, one import each.

    A cell whose threads use two cores leaves none for another, so it counts twice its
    time. CPU seconds over the cores are the same on a busy machine. What notebooks took
    is committed with them, and known.
    """
    folders = (_cold_copy(scratch / str(number)) for number in itertools.count())
    floor = cells.execution_floor(next(folders))
    for name, command, bound in (
        ("whole chapter executed, cold", ["run"], 1.08),
        ("the same, with pages", ["build"], 1.15),
    ):
        costs = [
            _costs(lambda f=folder, c=command: build(f, *c))  # type: ignore[misc]
            for folder in itertools.islice(folders, 2)
        ]
        yield from _against_limit(name, costs, floor, bound)
    folder = next(folders)
    build(folder, "run")
    costs = [_costs(lambda: build(folder, "verify")) for _ in range(2)]
    yield from _against_limit("whole chapter verified", costs, floor, 1.15)


def _cold_copy(folder: Path) -> Path:
    """Copy the book without its notebooks, with what they took."""
    copied = d2lbook_runner.copy(folder)
    (copied / "notebooks").mkdir()
    shutil.copy2(REPOSITORY / "notebooks/verified.json", copied / "notebooks")
    return copied


def _against_limit(
    name: str,
    costs: list[tuple[float, float]],
    floor: cells.ExecutionFloor,
    bound: float,
) -> Iterator[Row]:
    seconds, cpu = (min(each) for each in zip(*costs, strict=True))
    limit = f"cells / {cores()} + imports"
    yield Row(name, seconds, limit, floor.limit.seconds, bound)
    over_cores = f"CPU of cells / {cores()} + of imports"
    name = f"CPU seconds of that / {cores()}"
    yield Row(name, cpu / cores(), over_cores, floor.limit.cpu, bound)


def kernels(scratch: Path) -> Iterator[Row]:
    """Time executing and verifying the chapter in forked and in fresh kernels."""
    folder = d2lbook_runner.copy(scratch / "kernels")
    build(folder, "run")  # records durations, by which later runs are scheduled
    seconds = min(_seconds(lambda: build(folder, "run", "--force")) for _ in range(2))
    fresh = _seconds(lambda: build(folder, "run", "--force", "--fresh-kernels"))
    yield Row("whole chapter executed, forked", seconds, "fresh kernels", fresh, 1)
    seconds = _seconds(lambda: build(folder, "verify"))
    fresh = _seconds(lambda: build(folder, "verify", "--fresh-kernels"))
    yield Row("whole chapter verified, forked", seconds, "fresh kernels", fresh, 1)


def cluster(scratch: Path) -> Iterator[Row]:
    """Time the chapter's notebooks on two local workers and in the local pool."""
    folder = d2lbook_runner.copy(scratch / "cluster")
    build(folder, "run")
    pool, dask = dask_pool.seconds(folder)
    yield Row("Dask, 2 local workers", dask, "this machine's pool", pool, 1.15)


def start(scratch: Path) -> Iterator[Row]:
    """Time the start of the command line."""
    seconds = min(_seconds(lambda: build(scratch, "--help")) for _ in range(5))
    bare = min(_seconds(lambda: _run([sys.executable, "-c", ""])) for _ in range(5))
    yield Row("./build.sh --help", seconds, "0.2 s", 0.2, 1)
    yield Row("./build.sh --help", seconds, "Python alone", bare, 20)


ROWS: dict[str, Callable[[Path], Iterator[Row]]] = {
    rows.__name__: rows
    for rows in (start, chapter, cold, kernels, cluster, pages, size)
}


def main() -> None:
    """Print the table; write ``RESULTS.md`` if all rows were requested."""
    parser = argparse.ArgumentParser(
        description="Compare the speed of tabbook and d2lbook."
    )
    parser.add_argument("rows", nargs="*", choices=[*ROWS, "memory", []])
    requested = parser.parse_args().rows
    book = config.load(REPOSITORY)
    for framework in book.frameworks:
        environments.prepare(book, framework)
    environments.prepare_tool("d2lbook", d2lbook_runner.PYTHON)
    lines: list[str] = []
    _print(lines, HEAD)
    for name in requested or ROWS:
        if name in ROWS:
            with tempfile.TemporaryDirectory(prefix="tabbook-bench-") as scratch:
                for row in ROWS[name](Path(scratch)):
                    _print(lines, str(row))
    if not requested or "memory" in requested:
        _print(lines, "")
        for line in cells.memory(book):
            _print(lines, line)
    if not requested:
        RESULTS.write_text("\n".join([*_about(), *lines, ""]), encoding="utf-8")


def build(folder: Path, *arguments: str) -> None:
    """Run ``./build.sh`` on a book."""
    _run([str(REPOSITORY / "build.sh"), "-C", str(folder), *arguments])


def d2lbook(folder: Path) -> None:
    """Execute a book and write its pages with d2lbook."""
    for framework in config.load(folder).frameworks:
        d2lbook_runner.evaluate(folder, framework.name)
    d2lbook_runner.html(folder)


def _edited(folder: Path, number: int) -> float:
    _edit(folder, number)
    return _seconds(lambda: build(folder))


def _edit(folder: Path, number: int) -> None:
    time.sleep(1.1)  # d2lbook compares modification times in whole seconds
    path = folder / SECTION
    text = path.read_text(encoding="utf-8")
    edited = text.replace("## まとめ", f"加えた文{number}です。\n\n## まとめ", 1)
    path.write_text(edited, encoding="utf-8")


def _run(command: list[str]) -> None:
    process = subprocess.run(
        command, env=os.environ, capture_output=True, text=True, check=False
    )
    if process.returncode:
        sys.exit(f"{command} failed:\n{process.stdout}{process.stderr}")


def _seconds(action: Callable[[], object]) -> float:
    started = time.monotonic()
    action()
    return time.monotonic() - started


def _costs(action: Callable[[], object]) -> tuple[float, float]:
    """Return seconds of wall time, and CPU seconds of all processes it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = _seconds(action)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, cpu


def _about() -> Iterator[str]:
    """Yield the head of the results: date, commit and machine."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    processors = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = processors.partition("model name")[2].partition("\n")[0].strip("\t :")
    yield "# What the benchmarks gave"
    yield ""
    yield (
        f"`./build.sh bench` on {date.today()}, commit {described}: {cores()} "
        f"cores ({model}), Linux {platform.release()}, Python "
        f"{platform.python_version()}. `PROFILE.md` says where the time goes."
    )
    yield ""


def _print(lines: list[str], text: str) -> None:
    lines.append(text)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

"""The benchmarks, one table: each figure beside what it is held against, in one run.

    ./build.sh bench              # all of it, and benchmarks/RESULTS.md
    ./build.sh bench kernels      # some rows, printed alone

Both sides find environments that stand, with compiled bytecode. Seconds are wall time
of whole commands, on a machine that does nothing else; a ratio's two sides are taken
one after the other.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks import cells, dask_pool
from tabbook import environments
from tabbook.base import config
from tabbook.base.process import cores
from tests.support import book_of_any_size, d2lbook_runner
from tests.support.paths import ROOT as REPOSITORY

RESULTS = REPOSITORY / "benchmarks" / "RESULTS.md"
SECTION = "chapter_builders-guide/parameters.md"
TIMES = 3
"""How often what is quick is timed; the least counts."""


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    what: str
    ours: float
    """Seconds, as all figures."""
    against: str
    theirs: float
    bound: float
    """The most that the ratio may be."""

    def __str__(self) -> str:
        """Return it in Markdown."""
        ratio = self.ours / self.theirs
        verdict = "yes" if ratio <= self.bound else "**no**"
        return (
            f"| {self.what} | {self.ours:.2f} | {self.against} | {self.theirs:.2f} "
            f"| {ratio:.3f} | {self.bound} | {verdict} |"
        )


HEAD = """| what | seconds | against | seconds | ratio | at most | met |
|---|---:|---|---:|---:|---:|---|"""


def chapter(scratch: Path) -> Iterator[Row]:
    """Time the chapter's build beside d2lbook's: cold, after an edit, unchanged."""
    ours = d2lbook_runner.copy(scratch / "ours")
    theirs = d2lbook_runner.copy(scratch / "theirs")
    mine, cold = _seconds(lambda: build(ours)), _seconds(lambda: d2lbook(theirs))
    yield Row("whole chapter, cold, with pages", mine, "d2lbook", cold, 0.20)
    _edit(theirs, 0)
    other = _seconds(lambda: d2lbook(theirs))
    mine = min(_edited(ours, number) for number in range(TIMES))
    yield Row("prose edit to page", mine, "d2lbook", other, 0.03)
    mine = min(_seconds(lambda: build(ours)) for _ in range(TIMES))
    yield Row("nothing changed", mine, "d2lbook, cold", cold, 0.02)
    again = _seconds(lambda: d2lbook(theirs))
    yield Row("nothing changed", mine, "d2lbook, nothing changed", again, 1)


def pages(scratch: Path) -> Iterator[Row]:
    """Time the pages of a made-up book, and how they grow with it."""
    small = book_of_any_size.write(scratch / "small", 30)
    large = book_of_any_size.write(scratch / "large", 300)
    few, many = (_seconds(lambda f=f: build(f, "html")) for f in (small, large))
    d2lbook_runner.write_evaluated(large, config.load(large))
    other = _seconds(lambda: d2lbook_runner.html(large))
    yield Row("300 made-up sections, pages only", many, "d2lbook", other, 0.40)
    yield Row("the same, a section", many / 300, "30 sections", few / 30, 1.2)


def kernels(scratch: Path) -> Iterator[Row]:
    """Time the chapter's notebooks, forked, beside what their cells alone take."""
    folder = d2lbook_runner.copy(scratch / "kernels")
    build(folder, "run")  # the second knows which take longest
    mine = min(_seconds(lambda: build(folder, "run", "--force")) for _ in range(2))
    fresh = _seconds(lambda: build(folder, "run", "--force", "--fresh-kernels"))
    spent = cells.spent(folder)
    ideal = spent.cells / cores() + spent.imports
    yield Row("whole chapter executed, forked", mine, "cells and imports", ideal, 1.5)
    yield Row("whole chapter executed, forked", mine, "fresh kernels", fresh, 1)
    mine = _seconds(lambda: build(folder, "verify"))
    fresh = _seconds(lambda: build(folder, "verify", "--fresh-kernels"))
    yield Row("whole chapter verified, forked", mine, "fresh kernels", fresh, 1)


def cluster(scratch: Path) -> Iterator[Row]:
    """Time the chapter's notebooks on two workers beside this machine's pool."""
    folder = d2lbook_runner.copy(scratch / "cluster")
    build(folder, "run")
    pool, dask = dask_pool.seconds(folder)
    yield Row("Dask, 2 local workers", dask, "this machine's pool", pool, 1.15)


def start(scratch: Path) -> Iterator[Row]:
    """Time how soon the command line answers."""
    mine = min(_seconds(lambda: build(scratch, "--help")) for _ in range(5))
    bare = min(_seconds(lambda: _run([sys.executable, "-c", ""])) for _ in range(5))
    yield Row("./build.sh --help", mine, "0.2 s", 0.2, 1)
    yield Row("./build.sh --help", mine, "Python alone", bare, 20)


ROWS: dict[str, Callable[[Path], Iterator[Row]]] = {
    one.__name__: one for one in (start, chapter, kernels, cluster, pages)
}


def main() -> None:
    """Print the table; write it down where it is whole."""
    parser = argparse.ArgumentParser(description="Time this book beside d2lbook.")
    parser.add_argument("rows", nargs="*", choices=[*ROWS, "memory", []])
    chosen = parser.parse_args().rows
    book = config.load(REPOSITORY)
    for framework in book.frameworks:
        environments.prepare(book, framework)
    environments.prepare_tool("d2lbook", d2lbook_runner.PYTHON)
    lines: list[str] = []
    _say(lines, HEAD)
    for name in chosen or ROWS:
        if name in ROWS:
            with tempfile.TemporaryDirectory(prefix="tabbook-bench-") as scratch:
                for row in ROWS[name](Path(scratch)):
                    _say(lines, str(row))
    if not chosen or "memory" in chosen:
        _say(lines, "")
        for line in cells.memory(book):
            _say(lines, line)
    if not chosen:
        RESULTS.write_text("\n".join([*_about(), *lines, ""]), encoding="utf-8")


def build(folder: Path, *arguments: str) -> None:
    """Run ``./build.sh`` on a book."""
    _run([str(REPOSITORY / "build.sh"), "-C", str(folder), *arguments])


def d2lbook(folder: Path) -> None:
    """Have d2lbook evaluate and write a book."""
    for framework in config.load(folder).frameworks:
        d2lbook_runner.evaluate(folder, framework.name)
    d2lbook_runner.html(folder)


def _edited(folder: Path, number: int) -> float:
    _edit(folder, number)
    return _seconds(lambda: build(folder))


def _edit(folder: Path, number: int) -> None:
    time.sleep(1.1)  # d2lbook tells what changed by whole file times
    path = folder / SECTION
    text = path.read_text(encoding="utf-8")
    edited = text.replace("## まとめ", f"加えた文{number}です。\n\n## まとめ", 1)
    path.write_text(edited, encoding="utf-8")


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command, env=os.environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{command} failed:\n{done.stdout}{done.stderr}")


def _seconds(action: Callable[[], None]) -> float:
    started = time.monotonic()
    action()
    return time.monotonic() - started


def _about() -> Iterator[str]:
    """Yield what the figures come from."""
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


def _say(lines: list[str], text: str) -> None:
    lines.append(text)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

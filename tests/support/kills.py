"""End commands at random moments, and look for what that damages or leaves."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import psutil

from tabbook.base.engine import REPOSITORY

MARK = "KILLS_OF"
"""Environment variable by which the processes of an attempt are found."""

SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
COMMANDS = ("run", "verify", "html", "serve", "cluster")
MOMENTS = {"run": 4.0, "verify": 7.0, "html": 3.0, "serve": 6.0, "cluster": 4.0}
"""Seconds within which the signal comes."""

PATIENCE = 120.0
"""Seconds in which processes have to end, and the next build, too."""

PROGRESS = 1.0
"""CPU seconds by which processes that are only slow get on in that time."""

ROUNDS = 5
"""How often they may."""

PAGE_END = "</html>"
Command = subprocess.Popen[bytes]


@dataclass
class Kills:
    """A book whose notebooks and pages are there, and what happened to it."""

    root: Path
    """Folder of the book."""
    temporary: Path
    """Folder for temporary files, with a name short enough for sockets."""
    seed: int = 0
    problems: list[str] = field(default_factory=list)
    """What was damaged, hung or was left, by attempt."""
    ended_by_signal: int = 0
    """How many commands still ran when their signal came."""

    def __post_init__(self) -> None:
        """Build the book, and remember its notebooks."""
        self._random = random.Random(self.seed)
        # Shells let processes in the background ignore it, and so would the commands.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self._mark = f"{os.getpid()}-{self.seed}"
        self._run("build")
        self._run("verify")
        self._notebooks = self._committed()

    def attempt(self, number: int) -> None:
        """Start a command, end it at a random moment, and check everything."""
        command = self._random.choice(COMMANDS)
        sent = self._random.choice(SIGNALS)
        moment = self._random.uniform(0, MOMENTS[command])
        name = f"{number} {command} {sent.name} after {moment:.2f} s"
        self._edit(number)
        processes = list(self._start(command))
        victims = processes
        if command == "cluster":
            victims = self._random.sample(processes, self._random.randint(1, 3))
        time.sleep(moment)
        self.ended_by_signal += any(victim.poll() is None for victim in victims)
        for victim in victims:
            victim.send_signal(sent)
        problems = list(self._end(victims))
        rest = [process for process in processes if process not in victims]
        for process in rest:
            process.terminate()
        problems += [*self._end(rest), *self._check()]
        self.problems += [f"{name}: {problem}" for problem in problems]

    def _edit(self, number: int) -> None:
        """Change the prose of a section, so that its page is made again."""
        file = self.root / "chapter_a/one.md"
        text = file.read_text("utf-8").split("\n<!--")[0]
        file.write_text(f"{text}\n<!-- {number} -->\n", "utf-8")

    def _start(self, command: str) -> Iterator[Command]:
        if command != "cluster":
            options = {"run": ["--force"], "serve": ["--port", "0"]}.get(command, [])
            yield self._popen(command, *options)
            return
        scheduler = self._popen("scheduler", "tcp://127.0.0.1:0")
        yield scheduler
        assert scheduler.stdout
        line = next((line for line in scheduler.stdout if b"tcp://" in line), b"")
        address = line.split(b"scheduler at ")[-1].split(b";")[0].decode()
        yield self._popen("worker", address)
        yield self._popen("run", "--force", "--scheduler", address)

    def _popen(self, *arguments: str) -> Command:
        return subprocess.Popen(
            [sys.executable, "-m", "tabbook", "-C", str(self.root), *arguments],
            env={
                **os.environ,
                MARK: self._mark,
                "PYTHONPATH": str(REPOSITORY),
                "PYTHONUNBUFFERED": "1",
                "TMPDIR": str(self.temporary),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if arguments[0] == "scheduler" else None,
        )

    def _run(self, *arguments: str) -> None:
        assert self._status(self._popen(*arguments)) == 0, f"{arguments} fails"

    def _end(self, processes: Sequence[Command]) -> Iterator[str]:
        """Wait for the end of processes; yield which of them hang."""
        for process in processes:
            if self._status(process) is None:
                yield f"hangs: {process.args}"
            if process.stdout:
                process.stdout.close()

    def _check(self) -> Iterator[str]:
        """Yield what is wrong after the end of a command."""
        yield from (f"process left: {process}" for process in self._left_processes())
        yield from self._damage()
        status = self._status(self._popen("html"))
        if status is None:
            yield "the next build hangs"
        elif status:
            yield f"the next build fails with {status}"
        yield from (f"process left: {process}" for process in self._left_processes())
        yield from self._damage()
        yield from (f"temporary file left: {file}" for file in self._left_files())

    def _status(self, process: Command) -> int | None:
        """Return how a process ends; None if it hangs, and kill it then.

        On a machine with much other work it may take long and still get on.
        """
        for _ in range(ROUNDS):
            before = self._cpu_seconds()
            try:
                return process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                if self._cpu_seconds() - before < PROGRESS:
                    break
        process.kill()
        process.wait()
        return None

    def _cpu_seconds(self) -> float:
        """Return what the processes of an attempt and their children have used."""
        return sum(map(_cpu_seconds, self._marked()))

    def _left_processes(self) -> list[str]:
        """Return the processes that are left after some seconds."""
        end = time.monotonic() + 30
        while (left := list(self._processes())) and time.monotonic() < end:
            time.sleep(0.1)
        return left

    def _processes(self) -> Iterator[str]:
        for process in self._marked():
            with contextlib.suppress(psutil.Error):
                yield f"{process.pid} {' '.join(process.cmdline())[:200]}"

    def _marked(self) -> Iterator[psutil.Process]:
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get(MARK) == self._mark:
                    yield process

    def _damage(self) -> Iterator[str]:
        for file, content in self._notebooks.items():
            if not file.is_file():
                yield f"{file} is gone"
            elif _results(file.read_bytes()) != content:
                yield f"{file} has other results"
        yield from self._unreadable("notebooks/**/*.ipynb", _read_notebook)
        yield from self._unreadable("notebooks/*.json", _read_json)
        yield from self._unreadable("_build/*.json", _read_json)
        yield from self._unreadable("_build/html*/**/*.html", _read_page)

    def _unreadable(self, pattern: str, read: Callable[[str], object]) -> Iterator[str]:
        for file in sorted(self.root.glob(pattern)):
            try:
                read(file.read_text("utf-8"))
            except Exception as error:  # whatever the damage causes
                yield f"{file} is damaged: {error!r:.200}"

    def _left_files(self) -> Iterator[str]:
        yield from (str(file) for file in self.temporary.iterdir())
        for folder in ("notebooks", "_build/html", "_build/tmp", "chapter_a"):
            for file in (self.root / folder).rglob("*"):
                hidden = file.name.startswith(".") and file.name != ".buildinfo"
                if file.is_file() and (hidden or folder == "_build/tmp"):
                    yield str(file)

    def _committed(self) -> dict[Path, object]:
        files = sorted(self.root.glob("notebooks/**/*.*"))
        return {file: _results(file.read_bytes()) for file in files}


def _results(content: bytes) -> object:
    """Return what a notebook keeps when its prose is edited; else the whole file."""
    try:
        parsed = json.loads(content)
    except ValueError:
        return content
    cells = parsed.get("cells", [parsed])
    return [cell for cell in cells if cell.get("cell_type") != "markdown"]


def _read_notebook(text: str) -> None:
    nbformat.validate(nbformat.reads(text, 4))


def _read_json(text: str) -> None:
    json.loads(text)


def _read_page(text: str) -> None:
    if not text.rstrip().endswith(PAGE_END):
        raise ValueError(text[-50:])


def _cpu_seconds(process: psutil.Process) -> float:
    try:
        return float(sum(process.cpu_times()[:4]))
    except psutil.Error:
        return 0.0

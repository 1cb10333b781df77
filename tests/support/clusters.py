"""A Dask cluster of real processes, and books whose cells report where they run."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tabbook import environments
from tabbook.base.config import Config, load
from tabbook.base.engine import REPOSITORY
from tabbook.execution import planner
from tabbook.execution.cluster.client import NotebookCluster
from tabbook.source import book
from tests.support.books import HEAD
from tests.support.waiting import PATIENCE

BOOK = (
    HEAD
    + """[tabbook]
timeout = {timeout}
[colab]
gpu_pattern = gpu_wanted
[framework-left]
packages = python
"""
)
CELL = "# {name}\n\n```{{.python .input}}\n%%tab {tab}\n{code}\n```\n"
MARK = """import os
from pathlib import Path

folder = Path({folder!r})
Path(folder / f"{name}-{{os.getpid()}}").touch()
"""
"""Code that reports to the test in which process it runs."""
WAIT = """import time

while not (folder / "{go}").exists():
    time.sleep(0.02)
print("done")
"""
"""Code that waits for a file of the test."""

ClusterBook = Callable[..., Config]
"""``cluster_book(timeout=..., **sections)``: write a book with a cell per section."""


@dataclass
class Cluster:
    """A scheduler and the workers of one test."""

    address: str
    """Address of the scheduler; empty until it has started."""
    folder: Path
    """Folder for the files of all processes."""
    processes: list[subprocess.Popen[str]] = field(default_factory=list)
    """All processes that were started."""

    @property
    def marks(self) -> Path:
        """Return the folder in which cells report that they run."""
        folder = self.folder / "marks"
        folder.mkdir(exist_ok=True)
        return folder

    def start_worker(
        self, config: Config, *options: str, engine: Path = REPOSITORY
    ) -> subprocess.Popen[str]:
        """Start a worker in a folder of its own, with pins and settings only."""
        root = self.folder / f"worker-{len(self.processes)}"
        root.mkdir()
        shutil.copy(config.root / "config.ini", root)
        shutil.copytree(config.root / "environments", root / "environments")
        own_config = load(root)
        for framework in own_config.frameworks:
            environments.prepare(own_config, framework)
        command = ["-m", "tabbook", "-C", str(root), "worker", self.address]
        return self.start([*command, *options], "worker of", engine=engine)

    def start_build(self, config: Config, message: str) -> subprocess.Popen[str]:
        """Start the command that runs a book on this cluster."""
        command = ["-C", str(config.root), "run", "--scheduler", self.address]
        return self.start(["-m", "tabbook", *command], message)

    def start(
        self, arguments: list[str], message: str, engine: Path = REPOSITORY
    ) -> subprocess.Popen[str]:
        """Start Python; return once it has printed a message."""
        environment = {
            **os.environ,
            "PYTHONPATH": str(engine),
            "TMPDIR": str(self.folder),
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
        }
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.processes.append(process)
        assert process.stdout
        line = next((line for line in process.stdout if message in line), "")
        assert line, f"it ended before it printed {message!r}"
        if not self.address:
            address = re.search(r"\w+://[^\s;]+", line)
            self.address = address[0] if address else ""
        return process

    def end(self) -> None:
        """Kill what is left; kernels end with their workers."""
        for process in self.processes:
            process.kill()
            process.communicate()


@dataclass
class Build:
    """A build of a book on a cluster."""

    config: Config
    """Configuration of the book."""
    cluster: Cluster
    """The cluster."""
    messages: list[str] = field(default_factory=list)
    """Messages for the user."""
    ended: list[str] = field(default_factory=list)
    """Names of the notebooks that ended, repeated if they ended repeatedly."""

    def run(self) -> dict[str, planner.Outcome]:
        """Run what is stale; return the outcome of each section."""
        loaded = book.load(self.config)
        steps = planner.plan(loaded, loaded.sections, self.config.frameworks)
        progress = planner.ExecutionProgress(
            finished=lambda outcome: self.ended.append(outcome.step.name)
        )
        runner = NotebookCluster(
            self.cluster.address, self.config, self.messages.append
        )
        outcomes = planner.run(loaded, steps, runner=runner, progress=progress)
        assert not (self.config.root / ".venvs").exists()
        return by_section(outcomes)

    def start(self) -> Callable[[], dict[str, planner.Outcome]]:
        """Run in a thread; return the function that waits for the outcomes."""
        pool = ThreadPoolExecutor(1)
        future = pool.submit(self.run)
        pool.shutdown(wait=False)
        return lambda: future.result(timeout=4 * PATIENCE)


def run_locally(config: Config) -> dict[str, planner.Outcome]:
    """Run what is stale on this machine; return the outcome of each section."""
    loaded = book.load(config)
    steps = planner.plan(loaded, loaded.sections, config.frameworks)
    return by_section(planner.run(loaded, steps))


def by_section(outcomes: list[planner.Outcome]) -> dict[str, planner.Outcome]:
    return {outcome.step.section.name.split("/")[1]: outcome for outcome in outcomes}


def live_kernels(folder: Path, name: str = "") -> list[psutil.Process]:
    """Return the live kernels among those whose cells have reported to a folder."""
    kernels = []
    for file in folder.glob(f"{name}*-[0-9]*"):
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(int(file.name.split("-")[1]))
            if process.status() != psutil.STATUS_ZOMBIE:
                kernels.append(process)
    return kernels


def belongs_to(kernel: psutil.Process, worker: subprocess.Popen[str]) -> bool:
    return worker.pid in {process.pid for process in kernel.parents()}


def cell(folder: Path, name: str, *, go: str = "") -> str:
    """Return code that reports where it runs and waits for a file called ``go``."""
    mark = MARK.format(folder=str(folder), name=name)
    return mark + (WAIT.format(go=go) if go else "")


def notebook_text(config: Config, name: str, framework: str = "left") -> str:
    file = config.notebooks / framework / f"chapter_a/{name}.ipynb"
    return file.read_text("utf-8")

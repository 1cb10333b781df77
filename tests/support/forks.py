"""Modules and cells for fork servers, and the state of their processes."""

from __future__ import annotations

import json
from collections.abc import Callable

import psutil

from tabbook.base.config import Config
from tabbook.base.errors import Problem
from tabbook.environments.kernelspec import KernelStart
from tabbook.execution import planner
from tabbook.execution.forkserver.client import ForkedProcess
from tabbook.execution.forkserver.servers import ForkServer
from tabbook.source import book

MODULES = {
    "quiet": "",
    "sets": "import os\nos.environ['SET_BY_IMPORT'] = 'yes'",
    # Keeps a folder for what it compiles, as TorchInductor does.
    "compiles": """
import os, tempfile
folder = os.environ.setdefault("COMPILED", os.path.join(tempfile.gettempdir(), "made"))
os.makedirs(folder, exist_ok=True)
tempfile.mkstemp()
""",
    "slow": "import time\ntime.sleep(1)",
    "dies": "import os\nos._exit(1)",
    "loud": "print('said at import')",
    "native": "import os\nos.system('echo said by C')",
    "warns": "import warnings\nwarnings.warn('old', DeprecationWarning, stacklevel=2)",
    "broken": "raise ValueError('not today')",
    "threaded": (
        "import threading\nnever = threading.Event()\n"
        "for _ in range(3):\n"
        "    threading.Thread(target=never.wait, daemon=True).start()"
    ),
    # Starts threads after the second fork: the first fork is still safe.
    "grows": """
import os, threading
forks = []
def start():
    forks.append(1)
    if len(forks) == 2:
        for _ in range(3):
            threading.Thread(target=threading.Event().wait, daemon=True).start()
os.register_at_fork(after_in_parent=start)
""",
    "logs": (
        "import logging\nlog = logging.getLogger('logs')\n"
        "log.addHandler(logging.StreamHandler())\nlog.setLevel(logging.INFO)"
    ),
    # Stops its threads before a fork and starts them after it, as MXNet does.
    "engine": """
import os, threading
workers = []
def start():
    global stopped
    stopped = threading.Event()
    for _ in range(4):
        workers.append(threading.Thread(target=stopped.wait, daemon=True))
        workers[-1].start()
def stop():
    if workers:
        stopped.set()
        for worker in workers:
            worker.join()
        workers.clear()
os.register_at_fork(before=stop, after_in_parent=start, after_in_child=start)
""",
}
"""Source of made-up modules by name: each does what a framework's import could do."""

SLEEPER = (
    "import subprocess, sys, time\n"
    "same = subprocess.Popen(['sleep', '600'])\n"
    "other = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
    "print(same.pid, other.pid, flush=True)\ntime.sleep(600)"
)
"""Code that starts a process in its own session and one in another, and sleeps."""

IS_FORKED = "import sys\nprint('quiet' in sys.modules)"
"""A cell that prints whether its kernel was forked from a server with ``quiet``."""

NEXT_CELL = "\n```\n\n```{.python .input}\n%%tab left\n"
"""Ends a cell and begins the next in the code of a made-up book."""

StartServer = Callable[..., ForkServer]
"""``start_server(*modules)``: start a fork server that imports modules."""

ForkCode = Callable[..., ForkedProcess]
"""``fork_code(server, code, **env)``: fork a process that runs code."""

BookOfOneCell = Callable[..., Config]
"""``book_of_one_cell(code, module="quiet")``: write a book that preloads a module."""


def process_of(server: ForkServer) -> psutil.Process:
    return psutil.Process(server.pid)


def children(server: ForkServer) -> list[psutil.Process]:
    return process_of(server).children(recursive=True)


def all_ended(pids: list[int]) -> bool:
    return not any(_is_running(pid) for pid in pids)


def _is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def build(
    config: Config, start: KernelStart = KernelStart.FORKED
) -> tuple[planner.Outcome, list[Problem]]:
    """Run the one notebook of a book; return its outcome and the warnings."""
    warnings: list[Problem] = []
    loaded = book.load(config)
    steps = planner.plan(loaded, loaded.sections, config.frameworks, force=True)
    progress = planner.ExecutionProgress(warned=warnings.extend)
    (outcome,) = planner.run(loaded, steps, start=start, progress=progress)
    return outcome, warnings


def notebook_bytes(config: Config) -> bytes:
    return (config.notebooks / "left/chapter_a/one.ipynb").read_bytes()


def output_text(config: Config) -> str:
    return "".join(output_texts(config))


def output_texts(config: Config) -> list[str]:
    """Return the text that each cell of code printed."""
    cells = json.loads(notebook_bytes(config))["cells"]
    return [
        "".join(
            "".join(output.get("text", output.get("data", {}).get("text/plain", "")))
            for output in cell["outputs"]
        )
        for cell in cells
        if cell["cell_type"] == "code"
    ]

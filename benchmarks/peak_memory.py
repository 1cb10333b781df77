"""Measure the memory of a command with all processes that it starts.

It is the largest sum of the processes' proportional set sizes: what several of them
share counts once. They are looked at four times a second.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

INTERVAL = 0.25
"""Seconds between two looks; the kernel adds up every page of memory for each."""


def peak(command: list[str]) -> float:
    """Run a command; return the most memory of it and its descendants, in MiB."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    most = 0.0
    while process.poll() is None:
        most = max(most, sum(map(_memory, _tree(process.pid))))
        time.sleep(INTERVAL)
    if process.returncode:
        sys.exit(f"{command} failed with exit status {process.returncode}")
    return most


def _tree(process: int) -> Iterator[int]:
    """Yield a process and its descendants."""
    yield process
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        for child in _read(file).split():
            yield from _tree(int(child))


def _memory(process: int) -> float:
    """Return the proportional set size of a process in MiB; 0 if it has ended."""
    for line in _read(Path(f"/proc/{process}/smaps_rollup")).splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:  # the process has ended
        return ""

"""What every kernel does before its first cell.

The text of this module is part of IPython's configuration in every environment, so it
uses only the standard library and ipykernel. It names parts of ipykernel that are not
documented: ``compiler.get_tmp_directory``, ``zmqshell.system`` and
``kernelapp.ParentPollerUnix``.
"""

import contextlib
import os
import signal
import threading
import time
from pathlib import Path

from ipykernel import compiler, kernelapp, zmqshell

CELLS = "/tmp/ipykernel"
"""Folder in the names of cells, which warnings show.

ipykernel names a cell by a digest of its code, in a folder with the number of its
process. Its variable IPYKERNEL_CELL_NAME would give all cells one name; libraries that
read the source of a function would then read that of another cell.
"""

POLL = 0.5
"""Seconds between two checks of whether the parent lives."""

failed_commands: list[tuple[str, int]] = []
"""Commands after ``!`` that failed, with their status; IPython only stores a number."""


def fix_cell_names() -> None:
    """Give a cell the same name in every run."""
    compiler.get_tmp_directory = lambda: CELLS


def collect_failed_commands() -> None:
    """Collect the commands that fail, for ``execution.commands``.

    The function that IPython calls with the complete command is replaced; one around
    ``InteractiveShell.system`` would hide the variables of the calling function.
    """
    run = zmqshell.system

    def system(command: str) -> int:
        status: int = run(command)
        if status:
            failed_commands.append((command, status))
        return status

    zmqshell.system = system
    zmqshell.failed_commands = failed_commands


class ParentPoller(threading.Thread):
    """Ends the kernel, and what it started, when its parent has ended."""

    def __init__(self, parent_pid: int = 0) -> None:
        """Watch the parent.

        :param parent_pid: its process id.
        """
        super().__init__(daemon=True)
        self.parent_pid = parent_pid

    def run(self) -> None:
        """Wait for the end of the parent; ipykernel would end the kernel alone."""
        while os.getppid() == self.parent_pid:
            time.sleep(POLL)
        for pid in descendants(os.getpid()):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        os._exit(1)


def descendants(pid: int) -> list[int]:
    """Return the processes that a process has started, directly or not."""
    children: dict[int, list[int]] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            text = file.read_text(encoding="utf-8", errors="replace")
            parent = int(text.rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(file.parent.name))
    found = [pid]
    for each in found:
        found.extend(children.get(each, []))
    return found[1:]


fix_cell_names()
collect_failed_commands()
kernelapp.ParentPollerUnix = ParentPoller

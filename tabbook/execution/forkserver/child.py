"""Make a forked process equal to a freshly started one.

This module runs in fork servers and uses only the standard library.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tabbook.base.process import end_with_parent
from tabbook.execution.forkserver.protocol import PARENT, Request

SEEDERS = {"numpy.random": "seed", "torch": "default_generator.seed"}
"""Module: the function that seeds its global generator from the system.

The modules do so on import, which happened in the fork server, once for all children.
Python's own generator does it after each fork.
"""


def become(request: Request, import_variables: Mapping[str, str], server: int) -> None:
    """Take on the streams, variables, working directory and arguments of a request.

    :param import_variables: environment variables that imports set in the fork server.
    :param server: process id of the fork server.
    """
    os.setsid()
    end_with_parent(server)
    # A shell that starts a build in the background lets all that it starts ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, descriptor in enumerate(request.stdio):
        os.dup2(descriptor, number)
    for descriptor in request.stdio:
        os.close(descriptor)
    with contextlib.suppress(OSError):  # the first to be killed when memory runs out
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="utf-8")
    temporary = os.environ.get("TMPDIR") or os.devnull
    ctypes.CDLL(None).clearenv()  # removes also what C code set unknown to Python
    os.environ.clear()
    os.environ.update({**_moved(import_variables, temporary, request), **request.env})
    if PARENT in os.environ:
        os.environ[PARENT] = str(server)
    os.chdir(request.cwd)
    tempfile.tempdir = None  # an import may have asked for the server's
    _reseed()
    sys.path.insert(0, request.cwd)
    sys.argv = request.argv[1:]


def _moved(
    variables: Mapping[str, str], temporary: str, request: Request
) -> dict[str, str]:
    """Let variables name the folder for temporary files of the process itself.

    TorchInductor, once imported, keeps the folder of what it compiles in one.

    :param temporary: the server's folder, which is deleted with it.
    """
    own = request.env.get("TMPDIR", "/tmp")
    return {name: value.replace(temporary, own) for name, value in variables.items()}


def _reseed() -> None:
    for module, path in SEEDERS.items():
        seeder: Any = sys.modules.get(module)
        if seeder:
            for name in path.split("."):
                seeder = getattr(seeder, name)
            seeder()

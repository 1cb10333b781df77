"""Books are linted and built where Linux's own parts of Python are missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tabbook.base.engine import REPOSITORY
from tests.support.book_with_three_frameworks import make

OTHER_SYSTEM = """
import asyncio, builtins, importlib, multiprocessing, os, pkgutil, signal, sys, types
import dask, distributed, ipykernel.kernelapp, ipykernel.zmqshell, jupyter_client
import nbclient, psutil, sphinx.application, tornado

MISSING = ("fcntl", "grp", "pty", "pwd", "resource", "termios")
find = builtins.__import__

def imported(name, globals=None, *rest, **options):
    if name in MISSING and str((globals or {}).get("__name__")).startswith("tabbook"):
        raise ImportError(name)
    return find(name, globals, *rest, **options)

builtins.__import__ = imported
for name in ("fork", "forkpty", "getpgid", "getuid", "killpg", "memfd_create", "pread",
             "pidfd_open", "pwrite", "register_at_fork", "sched_getaffinity", "setsid",
             "waitid"):
    delattr(os, name)
for name in ("SIGKILL", "SIGHUP", "SIGCHLD"):
    delattr(signal, name)
locked = []
sys.modules["msvcrt"] = types.SimpleNamespace(
    LK_NBLCK=2, locking=lambda *arguments: locked.append(arguments)
)

import tabbook
for module in pkgutil.walk_packages(tabbook.__path__, "tabbook."):
    if module.name.endswith("__main__"):
        continue
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError as error:
        assert error.name == "jupyter_server", error  # in JupyterLab's environment only

from tabbook.cli.main import main
for command in (["lint"], ["html"], ["html", "--without-outputs"], ["slides"], ["zip"]):
    assert main(["-C", sys.argv[1], *command]) == 0, command
assert locked
"""
"""Take away what macOS and Windows lack, import every module, and run commands."""


def test_every_module_is_imported_and_pages_are_built(tmp_path: Path) -> None:
    book = make(tmp_path)
    book.edit("part/two.md", "文。", "[**文。**]")
    done = subprocess.run(
        [sys.executable, "-c", OTHER_SYSTEM, str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "alpha_first" in book.article("part/one").get_text()

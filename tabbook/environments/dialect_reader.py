"""Provide d2lbook, the reader of the dialect, where the engine was installed by pip.

d2lbook 1.0.3 requires Sphinx 5.3 and forty packages that its reader never imports, so
no resolver can install it beside today's Sphinx. The engine therefore declares what the
reader imports, and installs d2lbook itself without its dependencies, into a folder of
its own, when a command first reads a book. In a checkout build.sh has installed it.
"""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import sys
from pathlib import Path

from tabbook.base.engine import engine_folder
from tabbook.base.files import disk_errors
from tabbook.base.folders.locks import lock
from tabbook.environments import uv

REQUIREMENT = "d2lbook==1.0.3"
MODULE = "d2lbook"


def provide_reader() -> None:
    """Make d2lbook importable; install it if it is missing.

    :raises BookError: it cannot be installed, for example without a network.
    """
    if importlib.util.find_spec(MODULE):
        return
    folder = engine_folder() / REQUIREMENT.replace("==", "-")
    if not folder.is_dir():
        with disk_errors(folder), lock(folder.with_name(f"{folder.name}.lock")):
            if not folder.is_dir():
                _install(folder)
    sys.path.append(str(folder))
    importlib.invalidate_caches()


def _install(folder: Path) -> None:
    """Install d2lbook into a folder, which exists only once all of it is there."""
    scratch = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(scratch, ignore_errors=True)
    command = ["pip", "install", "--quiet", "--no-deps", "--python", sys.executable]
    command += ["--target", str(scratch), REQUIREMENT]
    uv.run(command, failure=f"{REQUIREMENT}, which reads books, cannot be installed")
    scratch.rename(folder)

"""Run uv, which creates virtual environments and resolves requirements."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tabbook.base.engine import engine_folder
from tabbook.base.errors import BookError
from tabbook.base.program import command_line

TORCH_BACKEND = "UV_TORCH_BACKEND"
"""uv's choice between PyTorch's builds for CUDA, ROCm and processors."""

NO_WHEEL = re.compile(
    r"(?P<release>\S+) has no wheels with a matching platform\s+tag"
    r"(?:\s+\(e\.g\.,\s+`(?P<tag>[^`]+)`\))?"
)
"""uv's message for a release without a wheel for this system."""

OTHER_FILE = re.compile(r"Hash mismatch for `(?P<release>[^`]+)`")
"""uv's message for a release whose file is not among the pinned ones."""

PIP_SETTINGS = ("FIND_LINKS", "INDEX_URL", "EXTRA_INDEX_URL")
"""Settings of pip that uv shares, under its own prefix."""


def run(arguments: list[str], *, failure: str) -> str:
    """Run uv with this machine's settings for pip; return its output.

    :param failure: the beginning of the message if uv fails.
    :raises BookError: uv is missing or failed.
    """
    try:
        process = subprocess.run(
            [_executable(), *arguments],
            env=_variables(),
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise BookError(f"{failure}: uv cannot be started; pip install uv") from error
    if process.returncode:
        _explain_missing_wheel(process.stderr, failure)
        _explain_other_file(process.stderr, failure)
        raise BookError(
            f"{failure}: uv says\n{process.stderr.strip()}\n"
            "Is the network there? What was built before is untouched; "
            "run the command again."
        )
    return process.stdout


def _explain_missing_wheel(message: str, failure: str) -> None:
    """Raise an error of its own if a release has no wheel for this system.

    :raises BookError: it has none.
    """
    if match := NO_WHEEL.search(message):
        tag = f" ({match['tag']})" if match["tag"] else ""
        raise BookError(
            f"{failure}: {match['release']} has no wheel for this system{tag}; leave "
            "its framework out of config.ini's [build] tabs, name a release that has "
            f"one in its NAME.in and run {command_line('pin NAME')}, or build on "
            "Linux: in WSL, in a container, or in the .devcontainer of a new book"
        )


def _explain_other_file(message: str, failure: str) -> None:
    """Raise an error of its own if a file is not one of those that were pinned.

    :raises BookError: it is not.
    """
    if match := OTHER_FILE.search(message):
        raise BookError(
            f"{failure}: the file of {match['release']} is not one of those whose "
            "hashes are pinned, and was not installed; if it comes from an index that "
            f"has files of its own, run {command_line('pin NAME')} to take their hashes"
        )


def _executable() -> str:
    """Return the path of uv: on the PATH, beside this Python, or build.sh's own."""
    own = Path(sys.executable).parent
    folders = [os.environ.get("PATH", ""), str(own), str(engine_folder() / "uv/bin")]
    return shutil.which("uv", path=os.pathsep.join(folders)) or "uv"


@contextlib.contextmanager
def cpu_torch() -> Iterator[None]:
    """Take PyTorch from its own index, without CUDA unless the user chose a backend."""
    before = os.environ.get(TORCH_BACKEND)
    os.environ.setdefault(TORCH_BACKEND, "cpu")
    try:
        yield
    finally:
        if before is None:
            del os.environ[TORCH_BACKEND]


def _variables() -> dict[str, str]:
    variables = dict(os.environ)
    variables.pop("VIRTUAL_ENV", None)
    # uv looks for interpreters on the PATH; pyenv keeps its inactive ones elsewhere.
    pyenv = Path(variables.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    folders = [str(folder) for folder in sorted(pyenv.glob("*/bin"))]
    variables["PATH"] = os.pathsep.join([variables.get("PATH", ""), *folders])
    for name in PIP_SETTINGS:
        value = variables.get("PIP_" + name)
        if value:
            variables.setdefault("UV_" + name, value)
    if not variables.get("UV_FIND_LINKS"):
        # By default torch installs gigabytes of CUDA. A folder of wheels has its own
        # build of torch, which the backend's index would hide.
        variables.setdefault(TORCH_BACKEND, "cpu")
    return variables

"""A virtual environment on disk: its folders and the record of its installation."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tabbook.base.files import write_text

RECORD = "tabbook.json"
"""File with the digest and the versions of a completed installation."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment that runs kernels or a tool."""

    name: str
    folder: Path

    @property
    def python(self) -> Path:
        """Return its interpreter."""
        if os.name == "nt":
            return self.folder / "Scripts" / "python.exe"
        return self.folder / "bin" / "python"

    @property
    def jupyter(self) -> Path:
        """Return a folder for JUPYTER_PATH whose kernel ``python3`` starts afresh."""
        return self.folder / "share" / "tabbook"

    @property
    def jupyter_forking(self) -> Path:
        """Return a folder for JUPYTER_PATH whose kernel ``python3`` is forked."""
        return self.folder / "share" / "tabbook-forking"

    @property
    def ipython(self) -> Path:
        """Return the folder of IPython's configuration."""
        return self.folder / "share" / "ipython"

    @property
    def matplotlib(self) -> Path:
        """Return the folder of matplotlib's configuration and list of fonts."""
        return self.folder / "share" / "matplotlib"

    @property
    def keras(self) -> Path:
        """Return the folder of Keras's configuration."""
        return self.folder / "share" / "keras"

    @property
    def programs(self) -> Path:
        """Return the folder of programs for cells that the environment lacks."""
        return self.folder / "share" / "programs"

    @property
    def machine_paths(self) -> dict[Path, str]:
        """Return its folders on this machine, and how outputs name them.

        The names are those of Colab's system, where notebooks run without one.
        """
        folders = {self.folder: "/usr/local"}
        with contextlib.suppress(OSError):
            text = (self.folder / "pyvenv.cfg").read_text(encoding="utf-8")
            if match := re.search(r"^home\s*=\s*(.+)/bin\s*$", text, re.M):
                folders[Path(match[1])] = "/usr"
        return folders

    @property
    def digest(self) -> str:
        """Return the digest of the installed requirements; empty if incomplete."""
        return self._record()[0]

    @property
    def versions(self) -> dict[str, str]:
        """Return the version of every installed distribution, and Python's."""
        return self._record()[1]

    @property
    def python_version(self) -> str:
        """Return the version of its Python, such as ``3.11``; empty if not created."""
        try:
            text = (self.folder / "pyvenv.cfg").read_text(encoding="utf-8")
        except OSError:
            return ""
        match = re.search(r"version(?:_info)?\s*=\s*(\d+\.\d+)", text)
        return match[1] if match else ""

    def is_ready(self, digest: str) -> bool:
        """Return whether the installation of requirements with a digest completed."""
        return self.digest == digest and self.python.exists()

    def mark_incomplete(self) -> None:
        """Delete the record, so that an interrupted installation is repeated."""
        (self.folder / RECORD).unlink(missing_ok=True)

    def mark_complete(self, digest: str, versions: dict[str, str]) -> None:
        """Record a completed installation."""
        record = {"digest": digest, "versions": versions}
        write_text(self.folder / RECORD, json.dumps(record, indent=1, sort_keys=True))

    def _record(self) -> tuple[str, dict[str, str]]:
        try:
            record = json.loads((self.folder / RECORD).read_text(encoding="utf-8"))
            return str(record["digest"]), dict(record["versions"])
        except (OSError, ValueError, TypeError, KeyError):
            return "", {}


def installed_versions(python: Path) -> dict[str, str]:
    """Return the version of every distribution of an interpreter, and its own.

    A local version (torch's ``+cpu``) names one machine's wheel, not a release: it is
    left out.
    """
    code = (
        "import importlib.metadata as m, json, platform\n"
        "versions = {d.name.lower().replace('_', '-'): d.version.split('+')[0] "
        "for d in m.distributions()}\n"
        "print(json.dumps({**versions, 'python': platform.python_version()}))"
    )
    process = subprocess.run(
        [str(python), "-I", "-c", code], capture_output=True, text=True, check=True
    )
    versions: dict[str, str] = json.loads(process.stdout)
    return versions

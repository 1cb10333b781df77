"""Debian's packages: which are missing, and the command that installs them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("debian.txt")
"""The list of packages; build.sh and the workflow of the pages read it too."""

QUERIES = {"tex": "kpsewhich", "font": "fc-list"}
"""Programs that print something if a file of TeX or a font is installed."""


@dataclass(frozen=True)
class Requirement:
    """One line of the list."""

    purpose: str
    """``pdf``, ``npm``, ``browser`` or ``test``."""
    kind: str
    """``program``, ``tex`` or ``font``."""
    package: str
    name: str
    """The program, file or font family by which to check."""

    def is_installed(self) -> bool:
        """Return whether this machine has it."""
        if self.kind == "program":
            return shutil.which(self.name) is not None
        query = shutil.which(QUERIES[self.kind])
        if query is None:
            return False
        process = subprocess.run([query, self.name], capture_output=True, check=False)
        return bool(process.stdout)


def requirements(purpose: str) -> list[Requirement]:
    """Return the requirements for a purpose, in the order of the list."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    items = [
        Requirement(*line.split(maxsplit=3))
        for line in lines
        if line and not line.startswith("#")
    ]
    return [item for item in items if item.purpose == purpose]


def missing(purpose: str) -> list[Requirement]:
    """Return the requirements for a purpose that this machine lacks."""
    return [item for item in requirements(purpose) if not item.is_installed()]


def install_command(items: Iterable[Requirement]) -> str:
    """Return the command, to be run as root, that installs some requirements."""
    packages = dict.fromkeys(item.package for item in items)
    return f"apt-get install --no-install-recommends {' '.join(packages)}"

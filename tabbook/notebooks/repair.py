"""Repair committed notebooks that a merge has broken.

Git merges notebooks line by line, and the lines of two branches may together be no
JSON. The code of the merged source then often equals that of one branch, whose outputs
are still good; otherwise the notebook is stale and runs again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from tabbook.base.config import Config, Framework
from tabbook.base.repository import git
from tabbook.notebooks import notebook_file, store

MOST_VERSIONS = 30
"""Number of versions of a notebook that are looked at, the newest first."""

WHILE_MERGING = (":2", ":3", "MERGE_HEAD")
"""git's names of the two sides of a merge that is not committed."""


@dataclass(frozen=True)
class Repair:
    """The repair of a committed file that is not a notebook."""

    path: str
    """Path of the notebook, relative to the folder of notebooks."""
    reason: str
    """The defect of the file."""
    version: str
    """Git's name of the version that replaced it; empty if none fits."""
    notebook: NotebookNode | None
    """The notebook of that version."""

    def __str__(self) -> str:
        """Return defect and repair on one line."""
        remedy = (
            f"took the outputs from git ({self.version})"
            if self.version
            else "git has no outputs of this code, so it runs"
        )
        return f"notebooks/{self.path}: is not a notebook ({self.reason}): {remedy}"


def repair(
    config: Config,
    framework: Framework,
    file: Path,
    compiled: NotebookNode,
    reason: str,
) -> Repair:
    """Replace a broken notebook by the newest version in git with today's outputs.

    Where there is none, the broken file stays until the notebook has run.

    :param compiled: the notebook as the section gives it today.
    :param reason: why the file is not a notebook.
    :raises BookError: the file cannot be written, or pins are missing.
    """
    path = file.relative_to(config.notebooks).as_posix()
    for version, committed in _versions(file):
        notebook = store.reuse(config, framework, compiled, committed)
        if notebook is not None:
            store.save(config, file, notebook)
            return Repair(path, reason, version, notebook)
    return Repair(path, reason, "", None)


def _versions(file: Path) -> Iterator[tuple[str, NotebookNode]]:
    """Yield the versions of a notebook on all branches, with git's names for them."""
    count = f"--max-count={MOST_VERSIONS}"
    options = ("--all", "--full-history", count, "--format=%h")
    commits = git(file.parent, "log", *options, "--", file.name).split()
    for version in (*WHILE_MERGING, *commits):
        content = git(file.parent, "cat-file", "blob", f"{version}:./{file.name}")
        with contextlib.suppress(ValueError):
            yield version, notebook_file.parse(content)

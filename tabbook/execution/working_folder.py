"""The folder of one execution: the book's resources, and room for temporary files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tabbook.base.folders.scratch import scratch_folder
from tabbook.environments.environment import Environment
from tabbook.notebooks.outputs.machine_paths import WORKING_FOLDER, MachinePaths, home

BOOK = "book"
"""Folder of the resources, in the folder of an execution."""

TEMPORARY = "tmp"
"""Folder of the kernel's temporary files, in the folder of an execution."""


@dataclass(frozen=True)
class WorkingFolder:
    """The temporary folder of one execution, deleted with all that cells wrote."""

    scratch: Path
    """The whole folder; the engine's own files lie directly in it."""
    folder: Path
    """Where the section's kernel works."""
    paths: MachinePaths
    """How outputs name the folders."""

    @property
    def variables(self) -> dict[str, str]:
        """Return the environment variables that send temporary files here."""
        return {"TMPDIR": str(self.scratch / TEMPORARY)}


@contextmanager
def working_folder(
    root: Path, resources: Sequence[str], section: str, jupyter: Path
) -> Iterator[WorkingFolder]:
    """Link the book's resources into a temporary folder.

    :param root: the book's folder.
    :param resources: patterns, relative to ``root``.
    :param section: name of the section; its kernel works in the section's folder.
    :param jupyter: Jupyter folder of the environment that runs the kernel.
    """
    with scratch_folder() as scratch:
        book = scratch / BOOK
        folder = (book / section).parent
        for needed in (folder, scratch / TEMPORARY):
            needed.mkdir(parents=True)
        _link(root, resources, book)
        environment = Environment("", jupyter.parents[1])
        paths = {
            book: WORKING_FOLDER,
            scratch / TEMPORARY: "/tmp",
            scratch: "/tmp",
            root: WORKING_FOLDER,
            **environment.machine_paths,
        }
        yield WorkingFolder(scratch, folder, MachinePaths(home() | _resolved(paths)))


def _link(root: Path, resources: Sequence[str], book: Path) -> None:
    for pattern in resources:
        for resource in sorted(root.glob(pattern)):
            link = book / resource.relative_to(root)
            link.parent.mkdir(parents=True, exist_ok=True)
            if not link.exists():
                link.symlink_to(resource)


def _resolved(paths: Mapping[Path, str]) -> dict[str, str]:
    """Return the names of paths as they are written and as links resolve them."""
    return {
        str(variant): name
        for path, name in paths.items()
        for variant in (path, path.resolve())
    }

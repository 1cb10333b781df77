"""The committed notebooks: results, found again by what made them.

A result's key is a hash of the cells that run, the pins of the environment and the
set-up of the kernel. Where the key is the same, outputs are reused under whatever
prose the section has today. The cell that sets Colab up is no part of it: elsewhere it
does nothing.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from tabbook.source.book import Book
from tabbook.source.section import Section
from tabbook.notebooks.compile import notebook_path
from tabbook.base.config import Config, Framework
from tabbook.environments import read_pins
from tabbook.environments.kernelspec import result_settings
from tabbook.notebooks.setup_cell import SETUP_CELL_ID
from tabbook.base.errors import BookError
from tabbook.base.files import json_digest, write_text

OURS = "tabbook"
"""The metadata that holds the key and the versions that ran."""


def key(config: Config, framework: Framework, compiled: NotebookNode) -> str:
    """Return the key of what a compiled notebook's run gives.

    :raises BookError: the framework has no pins.
    """
    return json_digest(_counted(compiled), read_pins(framework), result_settings(config, framework))


def environment(config: Config, framework: Framework) -> str:
    """Return what of a key is the environment's: machines that agree can share work.

    :raises BookError: the framework has no pins.
    """
    return json_digest(read_pins(framework), result_settings(config, framework))


def sources(notebook: NotebookNode) -> list[str]:
    """Return the code cells' sources in order."""
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def _counted(notebook: NotebookNode) -> list[str]:
    """Return the sources of the code cells that results come from."""
    return [cell.source for cell in code_cells(notebook)]


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells in order, without the one that sets Colab up."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [cell for cell in cells if cell.get("id") != SETUP_CELL_ID]


def path(config: Config, section: Section, framework: Framework) -> Path:
    """Return where a notebook is committed."""
    return config.notebooks / notebook_path(section.name, framework.name)


def load(config: Config, section: Section, framework: Framework) -> NotebookNode | None:
    """Return the committed notebook, or None where there is none.

    :raises BookError: the file is not a notebook.
    """
    return read(path(config, section, framework))


def read(file: Path) -> NotebookNode | None:
    """Return the notebook in a file, or None where there is no file.

    :raises BookError: the file is not a notebook.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise BookError(f"{file}: cannot be read: {error}") from error
    try:
        # What nbformat.reads does, but for its warning of what is an error here.
        found = nbformat.convert(nbformat.reader.reads(text), 4)
        nbformat.validate(found)
    except Exception as error:  # nbformat raises whatever the broken file causes
        reason = str(error).splitlines()[0] if str(error) else repr(error)
        raise BookError(
            f"{file}: is not a notebook ({reason}); take it back with git, or delete "
            "it and build again"
        ) from error
    return found


def stored_key(notebook: NotebookNode) -> str:
    """Return the key a notebook was run under; empty where it was not run by us."""
    found: str = notebook.metadata.get(OURS, {}).get("key", "")
    return found


def versions(notebook: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the versions that a notebook ran with; empty where nobody noted them."""
    metadata = (notebook or {}).get("metadata", {})
    return dict(metadata.get(OURS, {}).get("versions", {}))


def reuse(
    config: Config,
    framework: Framework,
    compiled: NotebookNode,
    committed: NotebookNode | None,
) -> NotebookNode | None:
    """Return today's prose with the committed outputs; None where they are stale."""
    ran = committed and outputs(config, framework, code_cells(compiled), committed)
    if committed is None or ran is None:
        return None
    made = copy.deepcopy(compiled)
    later = len(sources(compiled)) - len(sources(committed))
    for cell in made.cells:
        if cell.get("id") == SETUP_CELL_ID:
            cell.execution_count = 1
    for cell, ran in zip(code_cells(made), code_cells(committed), strict=True):
        cell.outputs = ran.outputs
        count = ran.execution_count
        cell.execution_count = None if count is None else count + later
    made.metadata[OURS] = committed.metadata[OURS]
    return made


def settled(
    config: Config, section: Section, framework: Framework, compiled: NotebookNode
) -> bool:
    """Return whether a committed notebook is just what its section gives today."""
    file = path(config, section, framework)
    made = reuse(config, framework, compiled, read(file))
    return made is not None and file.read_text(encoding="utf-8") == text(made)


def outputs(
    config: Config,
    framework: Framework,
    cells: list[NotebookNode],
    committed: NotebookNode,
) -> list[list[NotebookNode]] | None:
    """Return the committed outputs of each code cell; None where they are stale.

    :param cells: today's code cells, without the one that sets Colab up.
    """
    today = NotebookNode(cells=cells)
    if stored_key(committed) != key(config, framework, today):
        return None
    if _counted(committed) != sources(today):
        return None  # edited by hand: the key says what no longer stands there
    return [cell.outputs for cell in code_cells(committed)]


def stamp(
    config: Config,
    framework: Framework,
    executed: NotebookNode,
    versions: dict[str, str],
) -> NotebookNode:
    """Return an executed notebook with its key and the versions that ran."""
    made = copy.deepcopy(executed)
    made.metadata[OURS] = {
        "key": key(config, framework, executed),
        "versions": dict(sorted(versions.items())),
    }
    return made


def text(notebook: NotebookNode) -> str:
    """Return the bytes-for-bytes reproducible text of a notebook file."""
    return str(nbformat.writes(notebook)).rstrip("\n") + "\n"


def save(config: Config, file: Path, notebook: NotebookNode) -> bool:
    """Write a notebook at once or not at all.

    :returns: whether the file changed; equal bytes are not written.
    :raises BookError: the disk is full or not writable; the old file stays.
    """
    return write_text(file, text(notebook), scratch=config.output / "tmp")


def orphans(book: Book) -> Iterator[Path]:
    """Yield committed notebooks of ours that no section makes any more."""
    wanted = {
        path(book.config, section, framework)
        for section in book.sections
        for framework in book.frameworks_of(section)
    }
    for file in sorted(book.config.notebooks.glob("**/*.ipynb")):
        if file not in wanted and OURS in (read(file) or NotebookNode()).get(
            "metadata", {}
        ):
            yield file

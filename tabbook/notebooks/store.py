"""The committed notebooks: a cache of results, and the only rule of staleness.

A result's key is a digest of the code cells, the pins of the environment and the
settings of the kernel. Outputs are reused under today's prose while the key and the
code cells are the same. The cell that sets Colab up is not part of the key: it does
nothing elsewhere.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from tabbook.base.config import Config, Framework
from tabbook.base.errors import BookError
from tabbook.base.files import json_digest, write_text
from tabbook.base.folders import output_folder
from tabbook.base.program import command_line
from tabbook.environments.kernelspec import result_settings
from tabbook.environments.pins import read_pins
from tabbook.notebooks.compile import notebook_path
from tabbook.notebooks.notebook_file import METADATA, read
from tabbook.notebooks.setup_cell import SETUP_CELL_ID
from tabbook.source.book import Book
from tabbook.source.section import Section


class StaleOutputsError(BookError):
    """The committed outputs do not belong to today's code."""

    def __init__(
        self,
        section: Section,
        framework: Framework,
        reason: str,
        committed: NotebookNode | None,
    ) -> None:
        """Name the notebook, the reason and the command to run.

        :param reason: as of :func:`stale_reason`.
        :param committed: the notebook with the old outputs, if there is one.
        """
        self.message = (
            f"notebooks/{notebook_path(section.name, framework.name)} {reason}; run "
            f"`{_run_command(section, framework)}`"
        )
        self.committed = committed
        super().__init__(f"{section.path}: {self.message}")


def key(config: Config, framework: Framework, compiled: NotebookNode) -> str:
    """Return the key of the result of a compiled notebook.

    :raises BookError: the framework has no pins.
    """
    code = _sources(code_cells(compiled))
    return json_digest(code, read_pins(framework), result_settings(config, framework))


def environment(config: Config, framework: Framework) -> str:
    """Return the key's part that is the environment's: equal machines can share work.

    :raises BookError: the framework has no pins.
    """
    return json_digest(read_pins(framework), result_settings(config, framework))


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells in order, without the one that sets Colab up."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [cell for cell in cells if cell.get("id") != SETUP_CELL_ID]


def sources(notebook: NotebookNode) -> list[str]:
    """Return the sources of all code cells in order."""
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def path(config: Config, section: Section, framework: Framework) -> Path:
    """Return the file of a committed notebook."""
    return config.notebooks / notebook_path(section.name, framework.name)


def load(config: Config, section: Section, framework: Framework) -> NotebookNode | None:
    """Return the committed notebook, or None where there is none.

    :raises BrokenNotebookError: the file is not a notebook.
    :raises BookError: the file cannot be read.
    """
    advice = (
        f"`{_run_command(section, framework)}` takes its outputs from git or runs it"
    )
    return read(path(config, section, framework), advice)


def load_fresh(
    config: Config,
    section: Section,
    framework: Framework,
    cells: Sequence[NotebookNode],
) -> NotebookNode:
    """Return the committed notebook, whose outputs belong to today's code.

    :param cells: today's code cells, without the one that sets Colab up.
    :raises StaleOutputsError: there is no notebook, or it was run with something else.
    :raises BookError: the file is not a notebook, or the framework has no pins.
    """
    committed = load(config, section, framework)
    reason = stale_reason(config, framework, cells, committed)
    if committed is None or reason:
        raise StaleOutputsError(section, framework, reason, committed)
    return committed


def stale_reason(
    config: Config,
    framework: Framework,
    cells: Sequence[NotebookNode],
    committed: NotebookNode | None,
) -> str:
    """Return why committed outputs do not belong to today's code; empty if they do.

    Both key and code cells count: a notebook edited by hand keeps its key.

    :param cells: today's code cells, without the one that sets Colab up.
    :raises BookError: the framework has no pins.
    """
    if committed is None:
        return "is missing"
    today = key(config, framework, NotebookNode(cells=cells))
    if _sources(code_cells(committed)) != _sources(cells):
        return "was run with other code"
    if stored_key(committed) != today:
        return "was run with other pins or settings"
    return ""


def stored_key(notebook: NotebookNode) -> str:
    """Return the key a notebook was run under; empty if tabbook did not run it."""
    stored: str = notebook.metadata.get(METADATA, {}).get("key", "")
    return stored


def versions(notebook: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the versions that a notebook ran with; empty if none were recorded."""
    recorded = (notebook or {}).get("metadata", {}).get(METADATA, {})
    versions = recorded.get("versions", {}) if isinstance(recorded, Mapping) else {}
    return dict(versions) if isinstance(versions, Mapping) else {}


def recorded_versions(
    framework: Framework, installed: Mapping[str, str]
) -> dict[str, str]:
    """Return the versions that are recorded of those in an environment."""
    names = ("python", *framework.packages)
    return {name: installed[name] for name in names if name in installed}


def reuse(
    config: Config,
    framework: Framework,
    compiled: NotebookNode,
    committed: NotebookNode | None,
) -> NotebookNode | None:
    """Return today's prose with the committed outputs; None where they are stale."""
    reason = stale_reason(config, framework, code_cells(compiled), committed)
    if committed is None or reason:
        return None
    notebook = copy.deepcopy(compiled)
    # A set-up cell that came or went since the run moves the count of all others.
    shift = len(sources(compiled)) - len(sources(committed))
    for cell in notebook.cells:
        if cell.get("id") == SETUP_CELL_ID:
            cell.execution_count = 1
    for cell, old in zip(code_cells(notebook), code_cells(committed), strict=True):
        cell.outputs = copy.deepcopy(old.outputs)
        count = old.execution_count
        cell.execution_count = None if count is None else count + shift
        for output in cell.outputs if count is not None else ():
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count
    notebook.metadata[METADATA] = committed.metadata[METADATA]
    return notebook


def settled(
    config: Config, section: Section, framework: Framework, compiled: NotebookNode
) -> bool:
    """Return whether the committed notebook already has today's prose and outputs."""
    file = path(config, section, framework)
    notebook = reuse(config, framework, compiled, read(file))
    return notebook is not None and file.read_text(encoding="utf-8") == text(notebook)


def with_key(
    config: Config,
    framework: Framework,
    executed: NotebookNode,
    versions: Mapping[str, str],
) -> NotebookNode:
    """Return an executed notebook with its key and the versions that made it."""
    notebook = copy.deepcopy(executed)
    notebook.metadata[METADATA] = {
        "key": key(config, framework, executed),
        "versions": dict(sorted(versions.items())),
    }
    return notebook


def text(notebook: NotebookNode) -> str:
    """Return the text of a notebook's file; equal notebooks have equal bytes."""
    return str(nbformat.writes(notebook)).rstrip("\n") + "\n"


def save(config: Config, file: Path, notebook: NotebookNode) -> bool:
    """Write a notebook atomically.

    :returns: whether the file changed; equal content is not written again.
    :raises BookError: the disk is full or not writable; the old file is untouched.
    """
    scratch = output_folder.claim(config) / "tmp"
    return write_text(file, text(notebook), scratch=scratch)


def orphans(book: Book) -> Iterator[Path]:
    """Yield committed notebooks that tabbook ran and no section compiles to today.

    Those of dropped frameworks and of excluded sections are kept: they are valid again
    once config.ini lists the framework or the section.
    """
    current = {
        path(book.config, section, framework)
        for section in book.sections
        for framework in book.frameworks_of(section)
    }
    for file in sorted(book.config.notebooks.glob("**/*.ipynb")):
        framework, *section = file.relative_to(book.config.notebooks).parts
        if file in current or framework in book.config.dropped:
            continue
        name = "/".join(section).removesuffix(".ipynb")
        if not book.section(name) and (book.config.root / f"{name}.md").is_file():
            continue
        metadata = (read(file) or NotebookNode()).get("metadata", {})
        if METADATA in metadata:
            yield file


def _run_command(section: Section, framework: Framework) -> str:
    """Return the command that brings a notebook up to date."""
    return command_line(f"run {section.name} --framework {framework.name}")


def _sources(cells: Sequence[NotebookNode]) -> list[str]:
    return [cell.source for cell in cells]

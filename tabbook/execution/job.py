"""Jobs and results: the values that runners exchange."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from nbformat import NotebookNode

from tabbook.environments.kernelspec import KernelStart


@dataclass(frozen=True)
class Job:
    """A notebook to execute; it holds nothing that is true of one machine only."""

    section: str
    """Name of the section, such as ``chapter_x/section``."""
    framework: str
    """Name of the framework."""
    notebook: NotebookNode
    """The compiled notebook, without outputs; never modified."""
    lines: tuple[int, ...]
    """Source line of each code cell, in order; 0 for a cell that is in no source."""
    resources: tuple[str, ...]
    """Patterns of the files that cells may read, relative to the book's folder."""
    timeout: int
    """Seconds that one cell may take."""
    key: str = ""
    """Key under which the store keeps the result; every machine must agree on it."""
    environment: str = ""
    """Digest of pins and kernel settings; a worker must offer the same one."""
    start: KernelStart = KernelStart.FORKED
    """How a worker starts the kernel; this machine prepares its kernels beforehand."""

    @property
    def gpu(self) -> bool:
        """Return whether the notebook requests a GPU, as it does from Colab."""
        return bool(self.notebook.metadata.get("accelerator") == "GPU")

    @property
    def name(self) -> str:
        """Return the name that reports use."""
        return f"{self.section} [{self.framework}]"

    def line_of(self, index: int) -> int:
        """Return the source line of a code cell.

        :param index: position of the cell among all cells.
        """
        kinds = [cell.cell_type for cell in self.notebook.cells[:index]]
        return self.lines[kinds.count("code")]


@dataclass(frozen=True)
class Failure:
    """Why a notebook did not run to its end."""

    kind: str
    """``raised``, ``not-raised``, ``dead-kernel``, ``timeout``, ``no-kernel`` or
    ``stopped``; from a cluster also ``no-worker``, ``lost-workers``, ``other-key``,
    ``other-cells``, ``bad-reply``."""
    line: int
    """Source line of the cell; 0 if no cell caused the failure."""
    message: str
    """The cause and the remedy."""
    source: str = ""
    """Source of the cell."""
    traceback: str = ""
    """Traceback from the kernel, without colours."""


@dataclass(frozen=True)
class Observation:
    """A remark for the author on a run that did not fail."""

    line: int
    """Source line of the cell."""
    name: str
    """Name of the warning."""
    message: str
    """The observation and the remedy."""


@dataclass(frozen=True)
class Result:
    """Result of executing a notebook; the caller decides whether to raise."""

    notebook: NotebookNode
    """The notebook with outputs, up to the cell that failed."""
    seconds: float
    """Wall time, including the start and the end of the kernel."""
    failure: Failure | None = None
    """Why it failed; None if every cell ran."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Versions of Python and of the distributions in the kernel's environment."""
    observations: tuple[Observation, ...] = ()
    """Remarks that only the kernel can make; ``observe`` adds those on outputs."""


def is_run_of(compiled: NotebookNode, executed: NotebookNode) -> bool:
    """Return whether a notebook is another one with outputs, and nothing else."""
    return _without_outputs(compiled) == _without_outputs(executed)


def _without_outputs(notebook: NotebookNode) -> dict[str, object]:
    results = ("outputs", "execution_count")
    cells = [
        {name: value for name, value in cell.items() if name not in results}
        for cell in notebook.cells
    ]
    return {**notebook, "cells": cells}


class RunnerLostError(Exception):
    """A runner can no longer be reached; the results it gave before are valid."""


class NotebookRunner(Protocol):
    """Executes notebooks: the thread pool of this machine, or a cluster."""

    def run(self, jobs: Sequence[Job]) -> Generator[tuple[Job, Result], None, None]:
        """Execute notebooks, started in the order given; yield each as it ends.

        Closing the generator stops the notebooks that have not ended.

        :raises RunnerLostError: the runner is lost.
        """
        ...

"""A notebook of the book, and whether it has to run."""

from __future__ import annotations

from dataclasses import dataclass

from nbformat import NotebookNode

from tabbook.base.config import Config, Framework
from tabbook.base.errors import BookError
from tabbook.base.program import command_line
from tabbook.notebooks import store
from tabbook.notebooks.notebook_file import BrokenNotebookError
from tabbook.notebooks.repair import Repair, repair
from tabbook.source.section import Section


@dataclass(frozen=True)
class Step:
    """A notebook of the book, and whether it has to run."""

    section: Section
    """Section that the notebook is compiled from."""
    framework: Framework
    """Framework that it is compiled for."""
    compiled: NotebookNode
    """The compiled notebook, without outputs."""
    reused: NotebookNode | None
    """The compiled notebook with the committed outputs; None if those are stale."""
    repair: Repair | None = None
    """The repair of the committed file, if it was not a notebook."""
    twice: bool = False
    """Whether to run it a second time, and to warn of cells that differ."""

    @property
    def name(self) -> str:
        """Return the name that reports use."""
        return f"{self.section.name} [{self.framework.name}]"

    @property
    def cells(self) -> int:
        """Return the number of code cells."""
        return len(store.sources(self.compiled))


def compare(
    config: Config, section: Section, framework: Framework, compiled: NotebookNode
) -> Step:
    """Return a notebook's step, with the committed outputs if they are today's.

    :raises BookError: the committed file cannot be read, or pins are missing.
    """
    if config.origin:
        return _translated(config, config.origin, section, framework, compiled)
    try:
        committed = store.load(config, section, framework)
    except BrokenNotebookError as error:
        file = store.path(config, section, framework)
        done = repair(config, framework, file, compiled, error.reason)
        return Step(section, framework, compiled, done.notebook, done)
    reused = store.reuse(config, framework, compiled, committed)
    return Step(section, framework, compiled, reused)


def _translated(
    config: Config,
    origin: Config,
    section: Section,
    framework: Framework,
    compiled: NotebookNode,
) -> Step:
    """Return the step of a translation's notebook, with the outputs of the origin's.

    :raises BookError: the origin has no outputs of this code.
    """
    committed = store.load(origin, section, framework)
    reused = store.reuse(config, framework, compiled, committed)
    if reused is None:
        cells = store.code_cells(compiled)
        reason = store.stale_reason(config, framework, cells, committed)
        error = store.StaleOutputsError(section, framework, reason, committed)
        raise BookError(
            f"{section.path}: of the book in {origin.root}, which this one translates, "
            f"{error.message} there; if the code here differs, run "
            f"`{command_line(f'translate {section.name}')}` here"
        )
    return Step(section, framework, compiled, reused)

"""Results of verification: one per notebook, one for the book."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tabbook.base.config import Config, Framework
from tabbook.base.errors import Problem
from tabbook.base.program import command_line
from tabbook.notebooks import store
from tabbook.notebooks.compile import notebook_path
from tabbook.source.section import Section

UNEXECUTED = frozenset({"missing-notebook", "not-executed", "stale"})
"""Problems that executing the notebook solves; they are found in the files alone."""

UNCHECKED = "unchecked"
"""The one problem that is a warning: the author asked for it, with a comment."""


@dataclass(frozen=True)
class VerifiedNotebook:
    """Result of verifying one committed notebook."""

    section: Section
    framework: Framework
    cells: int
    """Number of code cells that are executed."""
    seconds: float | None = None
    """Wall time of the execution; None if the files alone had a problem."""
    problems: tuple[Problem, ...] = ()
    other_versions: str = ""
    """Versions it is executed with, if they are not those of the book's pins."""

    @property
    def passed(self) -> bool:
        """Return whether there is no error."""
        return not any(problem.severity == "error" for problem in self.problems)

    def file(self, config: Config) -> str:
        """Return the path of the committed notebook, relative to the book's folder."""
        file = store.path(config, self.section, self.framework)
        return str(file.relative_to(config.root))

    def with_problem(self, line: int, name: str, message: str) -> VerifiedNotebook:
        """Return this result with one more problem and what to do about it.

        :param line: line of the section's source; 0 for the whole notebook.
        :param message: a line, and more lines of detail.
        """
        summary, *detail = message.splitlines()
        lines = [f"[{self.framework.label}] {summary}", *detail, self._advice(name)]
        severity = "warning" if name == UNCHECKED else "error"
        problem = Problem(self.section.path, line, name, "\n".join(lines), severity)
        return replace(self, problems=(*self.problems, problem))

    def _advice(self, name: str) -> str:
        if self.other_versions and name not in UNEXECUTED:
            return f"  With {self.other_versions}."
        command = command_line(
            f"run {self.section.name} --framework {self.framework.name}"
        )
        if name in {"raised", "dead-kernel", "timeout"}:
            return f"  Correct the cell, then: {command}"
        if name in UNEXECUTED:
            return f"  Execute it: {command} --force"
        if name == UNCHECKED:
            return "  Delete the comment, or silence this name in config.ini."
        return f"  If the code is right as it is: {command} --force"


@dataclass(frozen=True)
class Verdict:
    """Result of verifying a book or a part of it."""

    notebooks: tuple[VerifiedNotebook, ...]
    """In the order of the sections."""
    orphans: tuple[Problem, ...] = ()
    """Committed notebooks that no section produces."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return the problems of all notebooks, then those of orphans."""
        return (
            *(problem for notebook in self.notebooks for problem in notebook.problems),
            *self.orphans,
        )

    @property
    def passed(self) -> bool:
        """Return whether there is no error."""
        return not any(problem.severity == "error" for problem in self.problems)

    @property
    def executed(self) -> dict[str, tuple[int, float]]:
        """Return cells and seconds of each notebook that was executed and passed.

        The keys are those of ``notebook_path``.
        """
        return {
            path: (notebook.cells, notebook.seconds)
            for path, notebook in self._by_path().items()
            if notebook.passed and notebook.seconds is not None
        }

    @property
    def failed(self) -> list[str]:
        """Return the paths of the notebooks that did not pass."""
        return [
            path for path, notebook in self._by_path().items() if not notebook.passed
        ]

    def _by_path(self) -> dict[str, VerifiedNotebook]:
        return {
            notebook_path(notebook.section.name, notebook.framework.name): notebook
            for notebook in self.notebooks
        }

"""Results of verification: one per notebook, one for the book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from nbformat import NotebookNode

from tabbook.base.config import Config, Framework
from tabbook.base.errors import Problem
from tabbook.base.program import command_line
from tabbook.notebooks import store
from tabbook.notebooks.compile import notebook_path
from tabbook.notebooks.outputs.instability import UNSTABLE
from tabbook.notebooks.verified import VerificationRecord
from tabbook.source.section import Section

INTERRUPTED = frozenset({"killed-kernel", "no-kernel", "not-verified"})
"""Problems of the machine, which say nothing of the outputs."""

UNEXECUTED = frozenset({"missing-notebook", "not-executed", "stale"})
"""Problems that executing the notebook solves; they are found in the files alone."""

SETTLE = "If the code is right as it is: {run} --force"
"""Advice for outputs that differ from the committed ones and are the same each time."""

CORRECT = "Correct the cell, then: {run}"

EXECUTE = "Execute it: {run} --force"

ADVICE = {
    **dict.fromkeys(("raised", "not-raised", "dead-kernel", "timeout"), CORRECT),
    **dict.fromkeys(UNEXECUTED, EXECUTE),
    "unchecked": "Delete the comment, or silence this name in config.ini.",
    "other-versions": EXECUTE,
    "foreign-count": EXECUTE,
    "old-text": "Write the notebook again, which runs nothing: {run}",
    "foreign-tags": "Write the notebook again: {run}",
    UNSTABLE: "Edit the cell, then: {run}",
    "no-kernel": "Install the environment again: {clean}, then: {verify}",
    "killed-kernel": "Verify it again: {verify}; if this stays, correct the "
    "cell, then: {run}",
    "not-verified": "Verify it again: {verify}; what stays is said above.",
}
"""Remedies for problems, by their name."""

UNCHECKED = "unchecked"
"""A warning, since the author asked for it, with a comment."""

OLD_TEXT = "old-text"
"""A warning, since the outputs are verified all the same; the check of a book fails."""


@dataclass(frozen=True)
class OutputDifference:
    """The outputs of a cell that differ, for the report."""

    line: int
    """Source line of the cell."""
    committed: tuple[NotebookNode, ...]
    """Outputs in the committed notebook."""
    now: tuple[NotebookNode, ...]
    """Outputs of its code now."""


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
    differences: tuple[OutputDifference, ...] = ()
    """Outputs that differ; each has a problem, too."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Versions that it was executed with, as notebooks record them."""
    unchecked: int = 0
    """Number of cells whose outputs a comment for nbval keeps from being compared."""

    @property
    def passed(self) -> bool:
        """Return whether there is no error."""
        return not any(problem.severity == "error" for problem in self.problems)

    def file(self, config: Config) -> str:
        """Return the path of the committed notebook, relative to the book's folder."""
        file = store.path(config, self.section, self.framework)
        return str(file.relative_to(config.root))

    def with_problem(self, line: int, name: str, message: str) -> VerifiedNotebook:
        """Return this result with one more problem and its remedy.

        :param line: line of the section's source; 0 for the whole notebook.
        :param message: a line, and more lines of detail.
        """
        summary, *detail = message.splitlines()
        lines = [f"[{self.framework.label}] {summary}", *detail, self._advice(name)]
        severity = "warning" if name in (UNCHECKED, OLD_TEXT) else "error"
        problem = Problem(self.section.path, line, name, "\n".join(lines), severity)
        return replace(self, problems=(*self.problems, problem))

    def with_difference(
        self,
        line: int,
        committed: tuple[NotebookNode, ...],
        now: tuple[NotebookNode, ...],
    ) -> VerifiedNotebook:
        """Return this result with outputs that differ.

        :param line: source line of their cell.
        """
        difference = OutputDifference(line, committed, now)
        return replace(self, differences=(*self.differences, difference))

    def _advice(self, name: str) -> str:
        if self.other_versions and name not in UNEXECUTED:
            return f"  With {self.other_versions}."
        selected = f"{self.section.name} --framework {self.framework.name}"
        return "  " + ADVICE.get(name, SETTLE).format(
            run=command_line(f"run {selected}"),
            verify=command_line(f"verify {selected}"),
            clean=command_line(f"clean --framework {self.framework.name}"),
        )


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
    def executed(self) -> dict[str, VerificationRecord]:
        """Return the record of each notebook that was executed and passed.

        The keys are those of ``notebook_path``.
        """
        return {
            path: VerificationRecord(
                notebook.cells, notebook.seconds, notebook.versions, notebook.unchecked
            )
            for path, notebook in self._by_path().items()
            if notebook.passed and notebook.seconds is not None
        }

    @property
    def failed(self) -> list[str]:
        """Return the paths of the notebooks that proved wrong.

        One that was only interrupted may be as good as it was before.
        """
        return [
            path
            for path, notebook in self._by_path().items()
            if any(
                problem.severity == "error" and problem.name not in INTERRUPTED
                for problem in notebook.problems
            )
        ]

    def _by_path(self) -> dict[str, VerifiedNotebook]:
        return {
            notebook_path(notebook.section.name, notebook.framework.name): notebook
            for notebook in self.notebooks
        }

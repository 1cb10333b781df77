"""Result of the verification of one cell: the record of the plugin, read back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import nbformat
from nbformat import NotebookNode

from tabbook.notebooks.outputs import instability
from tabbook.notebooks.outputs.instability import UNSTABLE
from tabbook.notebooks.outputs.visible import comparable

WHOLE_NOTEBOOK = -1
"""Number in place of a cell's, for a finding that no cell caused."""


@dataclass(frozen=True)
class CellFinding:
    """One problem of a committed notebook."""

    cell: int
    """Position among the code cells, or ``WHOLE_NOTEBOOK``."""
    name: str
    """Name of the problem."""
    message: str
    detail: str = ""
    committed: tuple[NotebookNode, ...] = ()
    """Outputs in the committed notebook, if they differ."""
    now: tuple[NotebookNode, ...] = ()
    """Outputs of its code now, if they differ."""

    @property
    def differs(self) -> bool:
        """Return whether it is a difference of outputs."""
        return bool(self.committed or self.now)


@dataclass(frozen=True)
class NotebookRecord:
    """The plugin's record of one notebook."""

    executed: int
    """Number of cells that were executed."""
    findings: tuple[CellFinding, ...]

    @property
    def differs(self) -> bool:
        """Return whether the outputs of any cell differ."""
        return any(finding.differs for finding in self.findings)


def read(record: dict[str, Any]) -> NotebookRecord:
    """Return the plugin's record, which is JSON."""
    findings = []
    for fields in record["findings"]:
        outputs = {
            name: tuple(nbformat.from_dict(fields.get(name, [])))
            for name in ("committed", "now")
        }
        findings.append(CellFinding(**{**fields, **outputs}))
    return NotebookRecord(record["executed"], tuple(findings))


def compare_runs(
    first: NotebookRecord, second: NotebookRecord, framework: str
) -> NotebookRecord:
    """Return the first record; outputs that the second run has not are unstable.

    :param framework: name of the framework, for the advice.
    """
    return replace(first, findings=tuple(_findings(first, second, framework)))


def _findings(
    first: NotebookRecord, second: NotebookRecord, framework: str
) -> Iterator[CellFinding]:
    again = {finding.cell: finding.now for finding in second.findings}
    for finding in first.findings:
        text = _changed_lines(finding)
        # Two forked kernels may have an object at the same address, by chance.
        changes = bool(instability.kind_of(text))
        if finding.differs:
            changes = changes or not _equal(finding.now, again.get(finding.cell))
        if changes:
            advice = instability.advice(text, framework)
            message = f"the output changes by itself: {advice}"
            yield replace(finding, name=UNSTABLE, message=message)
        else:
            yield finding


def _changed_lines(finding: CellFinding) -> str:
    """Return the lines that a cell prints now and did not print before."""
    old, new = (
        "\n".join(instability.texts(outputs)).splitlines()
        for outputs in (finding.committed, finding.now)
    )
    return "\n".join(line for line in new if line not in old)


def _equal(one: Sequence[NotebookNode], other: Sequence[NotebookNode] | None) -> bool:
    return other is not None and comparable(one) == comparable(other)

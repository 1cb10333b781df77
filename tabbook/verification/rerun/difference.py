"""Describe how the outputs of a cell differ from those in the notebook."""

from __future__ import annotations

import base64
import binascii
import copy
import difflib
import hashlib
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from tabbook.notebooks.outputs.visible import first_line

MOST_LINES = 40
"""Lines of a difference that a message contains."""

LONGEST_LINE = 160
"""Characters of a line that a message contains."""


@dataclass(frozen=True)
class Difference:
    """How the outputs of a cell differ from those in the notebook."""

    name: str
    """Name of the problem."""
    message: str
    detail: str
    """Lines in the format of ``diff``."""
    committed: tuple[NotebookNode, ...] = ()
    """Outputs in the committed notebook."""
    now: tuple[NotebookNode, ...] = ()
    """Outputs of its code now."""


def kinds(outputs: Sequence[NotebookNode]) -> list[list[str]]:
    """Return the types of the outputs in order, without stderr.

    The position of stderr among other outputs depends on timing.
    """
    return [
        [output.name]
        if output.output_type == "stream"
        else sorted(output.get("data", {}))
        for output in outputs
        if output.get("name") != "stderr"
    ]


def difference(ref: Sequence[NotebookNode], test: Sequence[NotebookNode]) -> Difference:
    """Describe a difference.

    :param ref: outputs in the committed notebook.
    :param test: outputs of its code now.
    """
    name, message = _kind(ref, test)
    return Difference(name, message, _detail(ref, test), tuple(ref), tuple(test))


def _kind(ref: Sequence[NotebookNode], test: Sequence[NotebookNode]) -> tuple[str, str]:
    """Return name and message of a difference."""
    if (expected := _error(ref)) and not _error(test):
        return "not-raised", f"the cell was to raise {expected}, and did not"
    stderr = _stderr(test)
    if stderr and stderr != _stderr(ref):
        return "new-stderr", "the cell writes to stderr what it did not"
    if not ref or not test:
        missing = "the code gives none" if ref else "the code gives one"
        shows = "shows an output" if ref else "has no output here"
        return "missing-output", f"the notebook {shows}, {missing}"
    if pictures(ref) != pictures(test):
        return "changed-picture", "the code draws another picture"
    return "changed-output", "the code gives another output"


def _detail(ref: Sequence[NotebookNode], test: Sequence[NotebookNode]) -> str:
    """Return the lines that differ, with two lines around them."""
    old, new = _lines(ref), _lines(test)
    lines = list(difflib.unified_diff(old, new, "notebook", "now", lineterm="", n=2))
    lines = list(clipped(lines))
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], f"... and {len(lines) - MOST_LINES} lines more"]
    return "\n".join(lines) or f"{ref!r}\nnow\n{test!r}"


def clipped(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a difference, long ones cut to where they differ."""
    at = 0
    while at < len(lines):
        removed = _run(lines, at, "-")
        added = _run(lines, at + len(removed), "+")
        starts = list(map(_first_difference, removed, added))
        for run in (removed, added):
            for line, start in itertools.zip_longest(run, starts[: len(run)]):
                yield line[0] + _window(line[1:], start or 0)
        at += len(removed) + len(added)
        if not removed and not added:
            yield lines[at][:1] + _window(lines[at][1:], 0)
            at += 1


def _run(lines: Sequence[str], at: int, mark: str) -> list[str]:
    """Return the lines from a position on that begin with a mark, headers left out."""
    return list(
        itertools.takewhile(
            lambda line: line.startswith(mark) and not line.startswith(mark * 3),
            lines[at:],
        )
    )


def _first_difference(one: str, other: str) -> int:
    """Return where two lines differ, their marks left out."""
    pairs = zip(one[1:], other[1:], strict=False)
    same = itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)
    return sum(1 for _ in same)


def _window(line: str, at: int) -> str:
    """Return a line, cut to the words around a position if it is long."""
    if len(line) <= LONGEST_LINE:
        return line
    start = max(min(at - LONGEST_LINE // 4, len(line) - LONGEST_LINE), 0)
    end = start + LONGEST_LINE
    before, after = "…" if start else "", "…" if end < len(line) else ""
    return f"{before}{line[start:end]}{after}"


def first_lines(outputs: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Return the outputs with errors cut to the first line of their message."""
    copies = copy.deepcopy(list(outputs))
    for output in copies:
        if output.output_type == "error":
            output.evalue = first_line(output.evalue)
    return copies


def any_picture(outputs: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Return the outputs without the format and content of pictures."""
    copies = copy.deepcopy(list(outputs))
    for output in copies:
        data = output.get("data", {})
        if pictures := [kind for kind in data if kind.startswith("image/")]:
            for kind in pictures:
                del data[kind]
            data["image"] = "a picture"
    return copies


def _error(outputs: Sequence[NotebookNode]) -> str:
    errors = [output for output in outputs if output.output_type == "error"]
    return str(errors[-1].ename) if errors else ""


def _stderr(outputs: Sequence[NotebookNode]) -> str:
    return "".join(output.text for output in outputs if output.get("name") == "stderr")


def pictures(outputs: Sequence[NotebookNode]) -> list[tuple[str, str]]:
    """Return type and content of each picture."""
    return [
        (kind, str(value))
        for output in outputs
        for kind, value in sorted(output.get("data", {}).items())
        if kind.startswith("image/")
    ]


def _lines(outputs: Sequence[NotebookNode]) -> list[str]:
    """Return outputs as lines of text that a person can compare."""
    lines: list[str] = []
    for output in outputs:
        if output.output_type == "stream":
            prefix = "stderr: " if output.name == "stderr" else ""
            lines += [prefix + line for line in output.text.splitlines()]
        elif output.output_type == "error":
            lines.append(f"{output.ename}: {output.evalue}")
        for kind, value in sorted(output.get("data", {}).items()):
            lines += _value(kind, value)
    return lines


def _value(kind: str, value: Any) -> list[str]:
    if kind == "text/plain":
        return str(value).splitlines()
    if isinstance(value, str) and kind.startswith("image/") and "svg" not in kind:
        try:
            raw = base64.b64decode(value)
        except binascii.Error:
            raw = value.encode()
        return [f"[{kind}, {len(raw)} bytes, {hashlib.sha256(raw).hexdigest()[:12]}]"]
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return [f"[{kind}]", *text.splitlines()]

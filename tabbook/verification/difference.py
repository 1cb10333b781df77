"""Describe how the outputs of a cell differ from those in the notebook."""

from __future__ import annotations

import base64
import binascii
import copy
import difflib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

MOST_LINES = 40
"""Lines of a difference that a message contains."""


@dataclass(frozen=True)
class Difference:
    """How the outputs of a cell differ from those in the notebook."""

    name: str
    """Name of the problem."""
    message: str
    detail: str
    """Lines in the format of ``diff``."""


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
    old, new = _lines(ref), _lines(test)
    lines = list(difflib.unified_diff(old, new, "notebook", "now", lineterm="", n=2))
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], f"... and {len(lines) - MOST_LINES} lines more"]
    detail = "\n".join(lines) or f"{ref!r}\nnow\n{test!r}"
    stderr = _stderr(test)
    if stderr and stderr != _stderr(ref):
        return Difference(
            "new-stderr", "the cell writes to stderr what it did not", detail
        )
    if not ref or not test:
        missing = "the code gives none" if ref else "the code gives one"
        shows = "shows an output" if ref else "has no output here"
        message = f"the notebook {shows}, {missing}"
        return Difference("missing-output", message, detail)
    if _pictures(ref) != _pictures(test):
        message = "the code draws another picture"
        return Difference("changed-picture", message, detail)
    return Difference("changed-output", "the code gives another output", detail)


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


def _stderr(outputs: Sequence[NotebookNode]) -> str:
    return "".join(output.text for output in outputs if output.get("name") == "stderr")


def _pictures(outputs: Sequence[NotebookNode]) -> list[tuple[str, str]]:
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

"""What differs between a notebook's outputs and those that its code gives now."""

from __future__ import annotations

import base64
import binascii
import copy
import difflib
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from nbformat import NotebookNode

SHOWN = 40
"""Lines of a difference that a message shows."""


def kinds(outputs: Sequence[NotebookNode]) -> list[list[str]]:
    """Return what the outputs are, in order; stderr comes when it likes."""
    return [
        [one.name] if one.output_type == "stream" else sorted(one.get("data", {}))
        for one in outputs
        if one.get("name") != "stderr"
    ]


def difference(
    ref: Sequence[NotebookNode], test: Sequence[NotebookNode]
) -> tuple[str, str, str]:
    """Return name, message and lines of what differs.

    :param ref: outputs of the notebook.
    :param test: what the code gives now.
    """
    old, new = _lines(ref), _lines(test)
    lines = list(difflib.unified_diff(old, new, "notebook", "now", lineterm="", n=2))
    if len(lines) > SHOWN:
        lines = [*lines[:SHOWN], f"... and {len(lines) - SHOWN} lines more"]
    shown = "\n".join(lines) or f"{ref!r}\nnow\n{test!r}"
    printed = _stderr(test)
    if printed and printed != _stderr(ref):
        return "new-stderr", "the cell writes to stderr what it did not", shown
    if not ref or not test:
        missing = "the code gives none" if ref else "the code gives one"
        shows = "shows an output" if ref else "has no output here"
        return "missing-output", f"the notebook {shows}, {missing}", shown
    if _pictures(ref) != _pictures(test):
        return "changed-picture", "the code draws another picture", shown
    return "changed-output", "the code gives another output", shown


def any_picture(outputs: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Return the outputs with each picture's format and content left out."""
    made = copy.deepcopy(list(outputs))
    for one in made:
        data = one.get("data", {})
        if drawn := [kind for kind in data if kind.startswith("image/")]:
            for kind in drawn:
                del data[kind]
            data["image"] = "a picture"
    return made


def _stderr(outputs: Sequence[NotebookNode]) -> str:
    return "".join(one.text for one in outputs if one.get("name") == "stderr")


def _pictures(outputs: Sequence[NotebookNode]) -> list[tuple[str, str]]:
    return [
        (kind, str(value))
        for one in outputs
        for kind, value in sorted(one.get("data", {}).items())
        if kind.startswith("image/")
    ]


def _lines(outputs: Sequence[NotebookNode]) -> list[str]:
    """Write outputs as lines that can be compared by eye."""
    lines: list[str] = []
    for one in outputs:
        if one.output_type == "stream":
            mark = "stderr: " if one.name == "stderr" else ""
            lines += [mark + line for line in one.text.splitlines()]
        elif one.output_type == "error":
            lines.append(f"{one.ename}: {one.evalue}")
        for kind, value in sorted(one.get("data", {}).items()):
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

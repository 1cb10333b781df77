"""Bring the outputs of a cell to the form that readers see in the end.

A kernel sends outputs in pieces: text in several messages, a progress bar that writes
over itself. What is stored and what is compared are both made here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from nbformat import NotebookNode

ANSI = re.compile(r"\x1b\[[0-9;]*m")
"""The escape sequences that set colours."""

CURSOR_MOVES = re.compile(r"[\r\b]")
"""Characters that move a terminal's cursor back in its line."""

WIDGET = "application/vnd.jupyter.widget-view+json"
"""Type of an output that holds a random number."""

TERMINAL_TOKEN = re.compile(
    r"\x1b\[(?P<clear>[012]?)K|(?:\x1b\[[\d;]*m)*[^\x1b]|\x1b(?:\[[\d;]*m)?"
)
"""A code that clears a line, or a character with the colours before it."""


def visible(outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
    """Return outputs with one text per stream, as a terminal would show it.

    Streams arrive independently of each other, so stdout goes before stderr.
    """
    merged: list[NotebookNode] = []
    streams: dict[str, NotebookNode] = {}
    for output in outputs:
        if output.output_type != "stream":
            merged.append(output)
        elif output.name in streams:
            streams[output.name].text += output.text
        else:
            streams[output.name] = NotebookNode(output)
            merged.append(streams[output.name])
    for stream in streams.values():
        stream.text = terminal_text(stream.text)
    for at, output in enumerate(merged[1:], 1):
        names = merged[at - 1].get("name"), output.get("name")
        if names == ("stderr", "stdout"):
            merged[at - 1 : at + 1] = [output, merged[at - 1]]
    return [output for output in merged if output.get("text") != ""]


def comparable(outputs: Iterable[NotebookNode]) -> list[tuple[object, ...]]:
    """Return the part of outputs that two runs of a cell must have in common.

    stderr goes last: its position depends on timing. An error is its type and the first
    line of its message; what follows may name lines of libraries.
    """
    values = [_comparable(output) for output in outputs]
    return sorted(values, key=lambda value: value[:2] == ("stream", "stderr"))


def strip_ansi(text: str) -> str:
    """Return text without colours."""
    return ANSI.sub("", text)


def first_line(text: str) -> str:
    """Return the first line of an error's message, which does not hold colours."""
    return strip_ansi(text).partition("\n")[0].rstrip()


def _comparable(output: NotebookNode) -> tuple[object, ...]:
    if output.output_type == "stream":
        return "stream", output.name, output.text
    if output.output_type == "error":
        return "error", output.ename, first_line(output.evalue)
    data = dict(output.data)
    data.pop(WIDGET, None)
    return output.output_type, data, dict(output.metadata)


def terminal_text(text: str) -> str:
    """Return a text that moves the cursor back as a terminal shows it."""
    if not CURSOR_MOVES.search(text):
        return text
    return "\n".join(map(_terminal_line, text.split("\n")))


def _terminal_line(line: str) -> str:
    """Return one line after characters were written over others."""
    if not CURSOR_MOVES.search(line):
        return line
    shown: list[str] = []
    cursor = 0
    for token in TERMINAL_TOKEN.finditer(line):
        character = token[0]
        if token["clear"] is not None:
            shown = [] if token["clear"] in ("1", "2") else shown[:cursor]
            shown += [" "] * (cursor - len(shown))
        elif character == "\r":
            cursor = 0
        elif character == "\b":
            cursor = max(cursor - 1, 0)
        elif character.startswith("\x1b") and character.endswith(("m", "\x1b")):
            shown.insert(cursor, character)  # at the end of the line: of no width
            cursor += 1
        else:
            shown[cursor : cursor + 1] = [character]
            cursor += 1
    return "".join(shown).rstrip()

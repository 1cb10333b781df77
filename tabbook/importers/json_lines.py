"""Find the lines of a notebook's file on which the lines of its cells stand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')

SOURCES = frozenset({"source", "input"})
"""Keys of a cell's text; the second in notebooks of format 3."""

Path = list[str | int]


def cell_lines(text: str) -> list[list[int]]:
    """Return the line in the file of each line of each cell.

    :param text: a notebook.
    """
    cells: list[list[int]] = []
    for full, value, line in _strings(text):
        path = full[full.index("cells") :] if "cells" in full else []
        if len(path) < 3 or len(path) > 4 or path[2] not in SOURCES:
            continue
        if not isinstance(path[1], int):
            continue
        if len(path) == 3 or path[3] == 0:
            cells += [[] for _ in range(path[1] + 1 - len(cells))]
        count = value.count("\n") + (len(path) == 3 or not value.endswith("\n"))
        cells[path[1]] += [line] * count
    return cells


def _strings(text: str) -> Iterator[tuple[Path, str, int]]:
    """Yield the path, the value and the line of each string that is a value."""
    path: Path = []
    kinds: list[str] = []
    key: str | None = None
    line, at = 1, 0
    for match in TOKEN.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        token = match[0]
        if token in "{[":
            kinds.append(token)
            path.append(0 if token == "[" else "")
            key = None
        elif token in "}]":
            kinds.pop()
            path.pop()
        elif token == ",":
            last = path[-1]
            if kinds[-1] == "[" and isinstance(last, int):
                path[-1] = last + 1
            key = None
        elif token == ":":
            continue
        elif kinds and kinds[-1] == "{" and key is None and token[0] == '"':
            key = path[-1] = str(json.loads(token))
        elif token[0] == '"':
            yield list(path), json.loads(token), line

"""Turn a source into a notebook for editing, and back.

A cell of the notebook is a cell of the source, or a part of its text: up to the next
heading or mark of a tab. What stands around a cell in the source is in its metadata, so
that a source which nobody edited has the same characters again. Outputs stay out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import nbformat
from nbformat import NotebookNode

from tabbook.source.cells.dialect import Line, lines
from tabbook.source.cells.expressions import HEADING, TAB_MARK
from tabbook.source.cells.fence import CELL, fenced

KEY = "tabbook"
"""Key of a cell's metadata, and of the notebook's."""


class Part(NamedTuple):
    """A part of a source, of which the notebook shows the middle."""

    code: bool
    prefix: str
    shown: str
    suffix: str


def to_notebook(text: str, kernel: str) -> NotebookNode:
    """Return the notebook of a source.

    :param text: with line breaks of any system.
    :param kernel: name of the kernel that the notebook opens with.
    """
    windows = "\r\n" in text and text.count("\r\n") == text.count("\n")
    newline = "\r\n" if windows else "\n"
    parts = list(_parts(text.replace(newline, "\n")))
    cells = [_cell(number, part) for number, part in enumerate(parts)]
    metadata = {
        KEY: {"newline": newline, "parts": len(parts)},
        "kernelspec": {"name": kernel, "display_name": kernel, "language": "python"},
    }
    return nbformat.from_dict(
        {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    )


def to_text(notebook: Mapping[str, Any]) -> str:
    """Return the source of a notebook; it has no outputs.

    Between cells that were no neighbours in the source is one blank line.
    """
    own = notebook["metadata"].get(KEY, {})
    text, last = "", -1
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        place = cell["metadata"].get(KEY, {})
        if not place and not source.strip():
            continue  # the empty cell that Jupyter adds
        at = place.get("at", -1)
        if text and not (0 <= last == at - 1):
            text = text.rstrip("\n") + "\n\n"
        text += _written(cell["cell_type"] == "code", source, place)
        last = at
    if last < own.get("parts", 0) - 1 or last < 0:
        text = text.rstrip("\n") + "\n" if text.strip("\n") else text
    return text.replace("\n", own.get("newline", "\n"))


def _written(code: bool, source: str, place: Mapping[str, Any]) -> str:
    """Return a cell with what stood around it, if that still fits."""
    around = place.get("prefix", ""), place.get("suffix", "\n\n")
    if code == place.get("code") and (code is False or source == place.get("shown")):
        return source.join(around)
    if code and place.get("code") and source and place.get("shown"):
        plain = fenced(source, around[0].rstrip("\n").lstrip("`~"))
        if plain.split("\n")[0] == around[0].rstrip("\n"):
            return source.join(around)
    return f"{fenced(source, CELL) if code else source.strip(chr(10))}\n\n"


def _cell(number: int, part: Part) -> dict[str, Any]:
    place: dict[str, Any] = {
        "at": number,
        "code": part.code,
        "prefix": part.prefix,
        "suffix": part.suffix,
    }
    cell: dict[str, Any] = {
        "id": f"part-{number}",
        "metadata": {KEY: place},
        "source": part.shown,
    }
    if part.code:
        place["shown"] = part.shown
        return {**cell, "cell_type": "code", "execution_count": None, "outputs": []}
    return {**cell, "cell_type": "markdown"}


def _parts(text: str) -> Iterator[Part]:
    """Yield the parts of a source; all their characters are the source's."""
    if not text:
        return
    if "\r" in text or text == "\ufeff":  # of old systems, or no text
        yield Part(False, "", text, "")
        return
    texts = re.findall(r"[^\n]*\n|[^\n]+", text)
    read = list(lines(text))
    starts = [at for at, line in enumerate(read) if _begins(read, at)]
    starts = [0, *(at for at in starts if at)]
    for begin, end in zip(starts, [*starts[1:], len(texts)], strict=True):
        raw = texts[begin:end]
        yield _code(raw) if read[begin].code else _text("".join(raw))


def _begins(read: Sequence[Line], at: int) -> bool:
    """Return whether a part begins on a line: a cell, what follows it, a heading."""
    line = read[at]
    if line.code or not line.text.strip():
        return line.code and line.opens
    above = _above(read, at)
    if above and (above.code or _mark(above) == "end_tab"):
        return not (line.inside and not line.opens)
    heading = not line.inside and HEADING.match(line.text)
    return bool(heading) or _mark(line) == "begin_tab"


def _above(read: Sequence[Line], at: int) -> Line | None:
    """Return the first line above that is not blank."""
    above = (line for line in reversed(read[:at]) if line.inside or line.text.strip())
    return next(above, None)


def _mark(line: Line) -> str:
    """Return the kind of the mark of a tab that a line is; empty for none."""
    match = None if line.inside else TAB_MARK.match(line.text)
    return match["kind"] if match else ""


def _code(raw: list[str]) -> Part:
    """Return the part of a cell with the blank lines below it."""
    mark = re.match(r"\ufeff?(`+|~+)", raw[0])
    fence = mark[1] if mark else "```"
    ends = [at for at, line in enumerate(raw) if at and line.rstrip() == fence]
    end = ends[0] if ends else len(raw)
    content = "".join(raw[1:end])
    shown = content.removesuffix("\n")
    return Part(True, raw[0], shown, content[len(shown) :] + "".join(raw[end:]))


def _text(raw: str) -> Part:
    shown = raw.lstrip("\ufeff\n").rstrip("\n")
    begin = raw.find(shown) if shown else len(raw)
    return Part(False, raw[:begin], shown, raw[begin + len(shown) :])

"""Check fences by d2lbook's rules, which differ from other Markdown readers'."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tabbook.lint.finding import Finding
from tabbook.source.book import Book
from tabbook.source.cells import dialect
from tabbook.source.cells.dialect import Line
from tabbook.source.cells.expressions import FENCE
from tabbook.source.section import Section

INDENTED_FENCE = re.compile(r"\s+(?:`{3,}|~{3,})")


def fences(book: Book, section: Section) -> Iterator[Finding]:
    """Find fences that d2lbook reads differently from other Markdown readers."""
    opened: Line | None = None
    for line in section.source_lines:
        if line.opens:
            opened = line
            yield from _info(line)
        elif opened and line.inside:
            yield from _inside(section, opened, line)
            opened = None if line.text.rstrip() == _mark(opened) else opened
        elif INDENTED_FENCE.match(line.text) and "input" in line.text:
            yield Finding(line.number, "fence-not-run", _not_run(line.text))
    if opened:
        message = (
            f"the fence {opened.text!r} is never closed; add a line {_mark(opened)!r}"
        )
        yield Finding(opened.number, "unclosed-fence", message)


def _mark(opened: Line) -> str:
    match = FENCE.match(opened.text)
    return match["fence"] if match else ""


def _info(line: Line) -> Iterator[Finding]:
    """Check the line that opens a fence."""
    if "output" in dialect.classes(line.fence):
        message = f"{line.text!r} is an output; delete it: outputs belong in notebooks/"
        yield Finding(line.number, "output-in-source", message)
    elif "input" in line.fence and not line.code:
        yield Finding(line.number, "fence-not-run", _not_run(line.text))


def _inside(section: Section, opened: Line, line: Line) -> Iterator[Finding]:
    """Check a line inside a fence, its last one included."""
    mark = _mark(opened)
    match = FENCE.match(line.text)
    if match and match["fence"] == mark and match["info"]:
        yield Finding(
            opened.number,
            "unclosed-fence",
            f"the fence {opened.text!r} is still open where line {line.number} opens "
            f"another; close it with a line {mark!r}",
        )
    if line.text.rstrip() != mark:
        return
    if line.text != mark:
        yield Finding(
            line.number,
            "unclosed-fence",
            f"d2lbook does not end the fence of line {opened.number} here: "
            "spaces follow the closing line; delete them",
        )
    if line.number == opened.number + 1 and any(
        later.text == mark for later in section.source_lines[line.number :]
    ):
        yield Finding(
            opened.number,
            "empty-fence",
            f"the fence {opened.text!r} is empty and d2lbook reads on to the next one; "
            "delete it",
        )


def _not_run(text: str) -> str:
    return (
        f"{text.strip()!r} looks like a cell, but d2lbook shows it as text; write "
        "'```{.python .input}' at the beginning of the line"
    )

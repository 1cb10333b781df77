"""Check the prose of a source: fences, marks, figures, slide marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from tabbook.lint.finding import Finding, suggestion
from tabbook.source import dialect
from tabbook.source.book import Book
from tabbook.source.dialect import Line
from tabbook.source.expressions import (
    CODE_SPAN,
    ELSEWHERE,
    FENCE,
    IMAGE,
    REFERENCE,
    TAB_MARK,
)
from tabbook.source.section import Section, resolve
from tabbook.source.slide_marks import SLIDE_PAIRS, without_slide_marks

MARKS = frozenset(
    {"label", "eqlabel", "ref", "numref", "eqref", "cite", "citet", "citep"}
    | {"width", "height", "class", "func", "mod", "bibliography"}
    | {"begin_tab", "end_tab"}
)
"""The marks that d2lbook 1.0.3 knows."""

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


def marks(book: Book, section: Section) -> Iterator[Finding]:
    """Find marks that d2lbook does not know, and references without a label."""
    for line in _prose(section):
        for mark in dialect.marks(line.text):
            reference = REFERENCE.fullmatch(mark[0])
            if reference and reference["name"] not in book.labels:
                name = reference["name"]
                advice = (
                    f"; write :label:`{name}` on a line of its own below the target"
                )
                message = (
                    f"{mark[0]!r} refers to the label {name!r}, which does not exist"
                )
                if only := book.dropped_labels.get(name):
                    message += (
                        f" for the frameworks in [build] tabs: {only.section}.md:"
                        f"{only.line} is in the text of others; move {mark[0]!r} into "
                        "a tab of theirs"
                    )
                else:
                    message += suggestion(name, book.labels, otherwise=advice)
                yield Finding(line.number, "unresolved-reference", message)
            if mark["value"] is not None and mark["key"] not in MARKS:
                message = f"the mark {mark[0]!r} is unknown and d2lbook deletes it"
                message += suggestion(mark["key"], sorted(MARKS))
                yield Finding(line.number, "unknown-mark", message)


def figures(book: Book, section: Section) -> Iterator[Finding]:
    """Find images whose file does not exist."""
    for line in _prose(section):
        for match in IMAGE.finditer(CODE_SPAN.sub("", line.text)):
            path = match["path"]
            if ELSEWHERE.match(path):
                continue
            target = resolve(section.folder, path)
            files = (book.config.root / target, book.config.root / unquote(target))
            if not any(file.is_file() for file in files):
                message = f"the file {target!r} does not exist; create it, or correct"
                message += f" {path!r}"
                yield Finding(line.number, "missing-figure", message)


def slide_marks(book: Book, section: Section) -> Iterator[Finding]:
    """Find slide marks that do not match within one cell, as d2lbook requires."""
    for text in _texts(section):
        try:
            without_slide_marks("\n".join(line.text for line in text))
        except ValueError:
            for opening, closing in SLIDE_PAIRS:
                yield from _unbalanced(text, opening, closing)


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


def _unbalanced(text: list[Line], opening: str, closing: str) -> Iterator[Finding]:
    name = "unbalanced-slide-mark"
    either = re.compile(f"{re.escape(opening)}|{re.escape(closing)}")
    waiting = 0
    for line in text:
        for mark in either.findall(line.text):
            if mark == opening and waiting:
                message = f"{opening!r} has no {closing!r} before the next one"
                yield Finding(waiting, name, message)
            if mark == closing and not waiting:
                message = f"{closing!r} has no {opening!r} before it"
                yield Finding(line.number, name, message)
            waiting = line.number if mark == opening else 0
    if waiting:
        message = f"{opening!r} has no {closing!r} before the end of the cell or tab"
        yield Finding(waiting, name, message)


def _texts(section: Section) -> Iterator[list[Line]]:
    """Yield the lines of each text that d2lbook makes one cell of."""
    text: list[Line] = []
    for line in section.source_lines:
        if line.code or (not line.inside and TAB_MARK.match(line.text)):
            yield text
            text = []
        else:
            text.append(line)
    yield text


def _prose(section: Section) -> Iterator[Line]:
    return (line for line in section.lines if not line.inside)

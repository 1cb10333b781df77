"""Check what a source says to readers: fences, marks, figures, slide marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from tabbook.lint.finding import Found, near
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


def fences(book: Book, section: Section) -> Iterator[Found]:
    """Find fences that d2lbook reads in another way than they look."""
    opened: Line | None = None
    for line in section.lines:
        if line.opens:
            opened = line
            yield from _info(line)
        elif opened and line.inside:
            yield from _inside(opened, line)
            opened = None if line.text.rstrip() == _mark(opened) else opened
        elif INDENTED_FENCE.match(line.text) and "input" in line.text:
            yield line.number, "fence-not-run", _not_run(line.text)
    if opened:
        todo = f"close it with a line {_mark(opened)!r}"
        message = f"the fence {opened.text!r} is never closed; {todo}"
        yield opened.number, "unclosed-fence", message


def marks(book: Book, section: Section) -> Iterator[Found]:
    """Find marks that d2lbook does not know, and references that lead nowhere."""
    for line in _prose(section):
        for mark in dialect.marks(line.text):
            reference = REFERENCE.fullmatch(mark[0])
            if reference and reference["name"] not in book.labels:
                name = reference["name"]
                todo = f"; write :label:`{name}` on a line of its own below its place"
                message = f"{mark[0]!r} leads nowhere: there is no label {name!r}"
                message += near(name, book.labels, otherwise=todo)
                yield line.number, "unresolved-reference", message
            if mark["value"] is not None and mark["key"] not in MARKS:
                message = f"the mark {mark[0]!r} is unknown, and d2lbook drops it"
                message += near(mark["key"], sorted(MARKS))
                yield line.number, "unknown-mark", message


def figures(book: Book, section: Section) -> Iterator[Found]:
    """Find images that are not on disk."""
    for line in _prose(section):
        for match in IMAGE.finditer(CODE_SPAN.sub("", line.text)):
            path = match["path"]
            if ELSEWHERE.match(path):
                continue
            named = resolve(section.folder, path)
            places = (book.config.root / named, book.config.root / unquote(named))
            if not any(place.is_file() for place in places):
                message = f"there is no file {named!r}; draw it, or mend {path!r}"
                yield line.number, "missing-figure", message


def slide_marks(book: Book, section: Section) -> Iterator[Found]:
    """Find slide marks that are no pair within one cell, as d2lbook wants them."""
    for text in _texts(section):
        try:
            without_slide_marks("\n".join(line.text for line in text))
        except ValueError:
            for opening, closing in SLIDE_PAIRS:
                yield from _unbalanced(text, opening, closing)


def _mark(opened: Line) -> str:
    match = FENCE.match(opened.text)
    return match["fence"] if match else ""


def _info(line: Line) -> Iterator[Found]:
    """Check the line that opens a fence."""
    if "output" in dialect.classes(line.fence):
        todo = "delete the fence: results stand in notebooks/"
        yield line.number, "output-in-source", f"{line.text!r} holds a result; {todo}"
    elif "input" in line.fence and not line.code:
        yield line.number, "fence-not-run", _not_run(line.text)


def _inside(opened: Line, line: Line) -> Iterator[Found]:
    """Check a line inside a fence, its last one included."""
    mark = _mark(opened)
    match = FENCE.match(line.text)
    if match and match["fence"] == mark and match["info"]:
        yield (
            *(opened.number, "unclosed-fence"),
            f"the fence {opened.text!r} is still open where line {line.number} opens "
            f"another; close it with a line {mark!r}",
        )
    if line.text.rstrip() != mark:
        return
    if line.text != mark:
        yield (
            *(line.number, "unclosed-fence"),
            f"d2lbook does not see the fence of line {opened.number} end here: "
            "spaces stand behind the mark; delete them",
        )
    if line.number == opened.number + 1:
        yield (
            *(opened.number, "empty-cell"),
            f"nothing stands in the fence {opened.text!r}, and d2lbook reads on to "
            "the next; delete it",
        )


def _not_run(text: str) -> str:
    return (
        f"{text.strip()!r} looks like a cell, and d2lbook shows it as text; write "
        "'```{.python .input}' at the beginning of the line"
    )


def _unbalanced(text: list[Line], opening: str, closing: str) -> Iterator[Found]:
    name = "unbalanced-slide-mark"
    either = re.compile(f"{re.escape(opening)}|{re.escape(closing)}")
    waiting = 0
    for line in text:
        for mark in either.findall(line.text):
            if mark == opening and waiting:
                message = f"{opening!r} has no {closing!r} before the next"
                yield waiting, name, message
            if mark == closing and not waiting:
                message = f"{closing!r} has no {opening!r} before it"
                yield line.number, name, message
            waiting = line.number if mark == opening else 0
    if waiting:
        message = f"{opening!r} has no {closing!r} before the cell or the tab ends"
        yield waiting, name, message


def _texts(section: Section) -> Iterator[list[Line]]:
    """Yield the lines of each text that becomes one cell."""
    text: list[Line] = []
    for line in section.lines:
        if line.code or (not line.inside and TAB_MARK.match(line.text)):
            yield text
            text = []
        else:
            text.append(line)
    yield text


def _prose(section: Section) -> Iterator[Line]:
    return (line for line in section.lines if not line.inside)

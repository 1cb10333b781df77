"""Check whose the cells and the texts are: tab lines, tab marks, what is promised."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tabbook.base.errors import BookError
from tabbook.lint.finding import Found, near
from tabbook.source import dialect
from tabbook.source.book import Book
from tabbook.source.dialect import Line
from tabbook.source.expressions import FENCE, TAB_LINE, TAB_MARK
from tabbook.source.section import Section

WIDE_COMMA = re.compile("[，、､]")
EMPTY_TAB_LINE = re.compile(r"%%tab|# *@tab")


def cells(book: Book, section: Section) -> Iterator[Found]:
    """Find tab lines that do not say what their writer meant."""
    cell: list[Line] = []
    for line in section.lines:
        if cell and (line.opens or not line.code):
            yield from _cell(book, cell)
            cell = []
        if line.code:
            cell.append(line)
    if cell:
        yield from _cell(book, cell)


def texts(book: Book, section: Section) -> Iterator[Found]:
    """Find ``:begin_tab:`` and ``:end_tab:`` that are no pair."""
    return _Texts(book).check(section)


def promises(book: Book, section: Section) -> Iterator[Found]:
    """Find frameworks that a section names and has no cell for."""
    try:
        present = {one.name for one in book.frameworks_of(section)}
        named = [*_selected(section), *(_tab_texts(section) if present else ())]
    except BookError:  # reported as unreadable
        return
    known = [one.name for one in book.config.frameworks]
    promised: dict[str, int] = {}
    for line, name in named:
        promised.setdefault(name, line)
    for name in known:
        if name in promised and name not in present:
            yield (
                *(promised[name], "missing-framework"),
                f"{name!r} is named here, and no cell of this section is its own; "
                f"write its cells with '%%tab {name}', or take the name out",
            )
    for line, name in _selected(section):
        if name not in known:
            message = f"tab.interact_select names {name!r}, which is no tab"
            yield line, "unknown-tab", message + near(name, known)


def _selected(section: Section) -> Iterator[tuple[int, str]]:
    """Yield lines and names of the frameworks that a cell lets the reader choose."""
    for cell in section.cells.cells:
        if cell.cell_type != "code":
            continue
        for call in re.finditer(r"tab\.interact_select\(([^)]*)\)", cell.source):
            for name in re.finditer(r"(['\"])(?P<name>.*?)\1", call[1]):
                at = cell.source.count("\n", 0, call.start(1) + name.start())
                yield cell.metadata.line + 1 + at, name["name"]


def _tab_texts(section: Section) -> Iterator[tuple[int, str]]:
    """Yield line and name of each framework that has text of its own."""
    for line in section.lines:
        match = None if line.inside else TAB_MARK.match(line.text)
        for name in (match["tabs"] or "").split(",") if match else ():
            yield line.number, name.strip()


def _cell(book: Book, lines: list[Line]) -> Iterator[Found]:
    """Check one cell, from the line that opens its fence to the one that closes it."""
    fence, *body = lines
    opening = FENCE.match(fence.text)
    if body and opening and body[-1].text.rstrip() == opening["fence"]:
        body.pop()
    if not body:  # reported with the fences
        return
    first = body[0]
    match = TAB_LINE.match(first.text)
    code = body[1:] if match else body
    yield from _deleted(code)
    if match:
        yield from _tab_list(book, first.number, match["tabs"].partition("#")[0])
    elif EMPTY_TAB_LINE.fullmatch(first.text.strip()):
        yield from _tab_list(book, first.number, "")
    elif not any(dialect.tab_line(line.text) for line in body):
        yield from _without_tab(book, body)
    if not any(line.text.strip() for line in code):
        message = "the cell has no code; write some, or delete it"
        yield fence.number, "empty-cell", message


def _deleted(code: list[Line]) -> Iterator[Found]:
    """Find the lines that d2lbook takes for something else than code."""
    for line in code:
        if TAB_MARK.search(line.text):
            yield line.number, "unmatched-tab-mark", _marked(line)
        if dialect.tab_line(line.text):
            yield line.number, "tab-line-not-first", _not_first(line)


def _without_tab(book: Book, body: list[Line]) -> Iterator[Found]:
    config = book.config
    loads = any(dialect.LOAD in line.text for line in body)
    if config.tabbed and len(config.frameworks) > 1 and not loads:
        names = ", ".join(one.name for one in config.frameworks)
        yield (
            *(body[0].number, "code-without-tab"),
            f"the cell names no framework and would be {config.default.name!r}'s "
            f"alone; begin it with '%%tab all', or with names out of: {names}",
        )


def _tab_list(book: Book, line: int, text: str) -> Iterator[Found]:
    """Check the names of a tab line or a tab mark."""
    shown = text.strip()
    names = [name.strip() for name in WIDE_COMMA.sub(",", text).split(",")]
    known = [*(one.name for one in book.config.frameworks), dialect.ALL]
    if WIDE_COMMA.search(text):
        message = f"{shown!r} has a full-width comma; write ',' between names"
        yield line, "full-width-comma", message
    if "" in names:
        message = f"the list of tabs {shown!r} has an empty name"
        yield line, "empty-tab", f"{message}; there are: {', '.join(known)}"
    if dialect.ALL in names and len(names) > 1:
        message = f"{dialect.ALL!r} means all frameworks only where it stands alone"
        yield line, "unknown-tab", f"{message}, and not in {shown!r}"
    for name in dict.fromkeys(names):
        if name and name not in known:
            message = f"there is no tab {name!r}"
            yield line, "unknown-tab", message + near(name, known)


def _marked(line: Line) -> str:
    return (
        f"d2lbook deletes the line {line.text.strip()!r} for its tab mark; write it "
        "in another way"
    )


def _not_first(line: Line) -> str:
    if TAB_LINE.match(line.text.strip()):
        todo = "move it to the first line of its cell, without spaces before it"
    else:
        todo = "write it in another way"
    return f"d2lbook deletes the line {line.text.strip()!r}; {todo}"


class _Texts:
    """Walks over a source and tells which ``:begin_tab:`` has its ``:end_tab:``."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.begun: Line | None = None
        self.empty = True
        """Whether no text has followed yet."""
        self.split = False
        """Whether a cell stands in the tab, and has been reported."""

    def check(self, section: Section) -> Iterator[Found]:
        for line in section.lines:
            match = TAB_MARK.match(line.text)
            if line.code:
                yield from self._code(line)
            elif line.inside and not self.begun:
                continue
            elif match:  # in a tab, d2lbook takes no notice of fences
                yield from self._mark(line, match)
            else:
                yield from self._text(line)
        if self.begun:
            yield self._never_ended(self.begun)

    def _code(self, line: Line) -> Iterator[Found]:
        if line.opens and self.begun and not self.split:
            message = f"a cell stands in the tab that line {self.begun.number} begins"
            yield line.number, "unmatched-tab-mark", f"{message}; end the tab before it"
            self.split = True
        self.empty = False

    def _mark(self, line: Line, match: re.Match[str]) -> Iterator[Found]:
        if line.text[match.end() :].strip():
            message = f"d2lbook drops what stands behind the mark in {line.text!r}"
            yield line.number, "unmatched-tab-mark", f"{message}; break the line there"
        if match["kind"] == "begin_tab":
            if self.begun:
                yield self._never_ended(self.begun)
            self.begun, self.empty, self.split = line, True, False
            yield from _tab_list(self.book, line.number, match["tabs"] or "")
        elif not self.begun:
            message = "':end_tab:' has no ':begin_tab:' before it; delete it"
            yield line.number, "unmatched-tab-mark", message
        else:
            if self.empty:
                message = f"no text stands below {self.begun.text!r}; write some"
                yield self.begun.number, "empty-tab", message
            self.begun = None

    def _text(self, line: Line) -> Iterator[Found]:
        self.empty = self.empty and not line.text.strip()
        if TAB_MARK.match(line.text.strip()):
            message = f"{line.text!r} is no tab mark; delete the spaces before it"
            yield line.number, "unmatched-tab-mark", message
        elif self.begun and TAB_MARK.search(line.text):
            yield line.number, "unmatched-tab-mark", _marked(line)
        if self.begun and dialect.tab_line(line.text):
            yield line.number, "tab-line-not-first", _not_first(line)

    def _never_ended(self, begun: Line) -> Found:
        message = f"{begun.text!r} has no ':end_tab:'; write one below its text"
        return begun.number, "unmatched-tab-mark", message

"""Check which frameworks cells and texts belong to: tab lines and tab marks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tabbook.base.errors import BookError, suggestion
from tabbook.lint.finding import Finding
from tabbook.source.book import Book
from tabbook.source.cells import dialect
from tabbook.source.cells.dialect import Line
from tabbook.source.cells.expressions import FENCE, TAB_LINE, TAB_MARK
from tabbook.source.section import Section

WIDE_COMMA = re.compile("[，、､]")
EMPTY_CELL = "the cell has no code; add some, or delete the cell"
EMPTY_TAB_LINE = re.compile(r"%%tab|# *@tab")


def cells(book: Book, section: Section) -> Iterator[Finding]:
    """Find tab lines that are missing, misplaced or wrong.

    Books where code without a tab is the rule have hundreds of such cells, so the first
    of a section stands for all.
    """
    without: list[Finding] = []
    for finding in _cells(book, section):
        if finding.name == "code-without-tab":
            without.append(finding)
        else:
            yield finding
    for line, name, message in without[:1]:
        more = len(without) - 1
        others = f"; so do {more} more of the section" if more else ""
        yield Finding(line, name, message + others)


def _cells(book: Book, section: Section) -> Iterator[Finding]:
    cell: list[Line] = []
    for line in section.lines:
        if cell and (line.opens or not line.code):
            yield from _cell(book, section, cell)
            cell = []
        if line.code:
            cell.append(line)
    if cell:
        yield from _cell(book, section, cell)


def texts(book: Book, section: Section) -> Iterator[Finding]:
    """Find ``:begin_tab:`` and ``:end_tab:`` that do not match."""
    return _TextTabs(book).check(section)


def frameworks(book: Book, section: Section) -> Iterator[Finding]:
    """Find frameworks that a section names but has no code for."""
    try:
        present = {framework.name for framework in book.frameworks_of(section)}
        named = [*_selected(section), *(_tab_texts(section) if present else ())]
    except BookError:  # reported as unreadable
        return
    tabs = [framework.name for framework in book.config.frameworks]
    first_lines: dict[str, int] = {}
    for line, name in named:
        first_lines.setdefault(name, line)
    for name in tabs:
        if name in first_lines and name not in present:
            yield Finding(
                first_lines[name],
                "missing-framework",
                f"the tab {name!r} is named here, but this section has no cell for it; "
                f"write cells with '%%tab {name}', or delete the name",
            )
    known = [*tabs, *sorted(book.config.dropped), dialect.ALL]
    for line, name in (*_selected(section), *_branches(section)):
        if name not in known:
            message = f"the tab {name!r} does not exist"
            yield Finding(line, "unknown-tab", message + suggestion(name, known))


def _selected(section: Section) -> Iterator[tuple[int, str]]:
    """Yield line and name of each framework that a cell offers to choose from."""
    return _called(section, "interact_select")


def _branches(section: Section) -> Iterator[tuple[int, str]]:
    """Yield line and name of each framework that a branch of a cell is for."""
    return _called(section, "selected")


def _called(section: Section, function: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of each string passed to a function of ``tab``."""
    for cell in section.cells.cells:
        if cell.cell_type != "code":
            continue
        for call in re.finditer(rf"\btab\.{function}\(([^)]*)\)", cell.source):
            for name in re.finditer(r"(['\"])(?P<name>.*?)\1", call[1]):
                at = cell.source.count("\n", 0, call.start(1) + name.start())
                yield cell.metadata.line + 1 + at, name["name"]


def _tab_texts(section: Section) -> Iterator[tuple[int, str]]:
    """Yield line and name of each framework that has text of its own."""
    for line in section.lines:
        match = None if line.inside else TAB_MARK.match(line.text)
        for name in (match["tabs"] or "").split(",") if match else ():
            yield line.number, name.strip()


def _cell(book: Book, section: Section, lines: list[Line]) -> Iterator[Finding]:
    """Check one cell, from the line that opens its fence to the one that closes it."""
    fence, *body = lines
    opening = FENCE.match(fence.text)
    if body and opening and body[-1].text.rstrip() == opening["fence"]:
        body.pop()
    if not any(line.text.strip() for line in body):
        yield Finding(fence.number, "empty-cell", EMPTY_CELL)
        return
    first = body[0]
    match = TAB_LINE.match(first.text)
    code = body[1:] if match else body
    yield from _deleted(book, code, named=bool(match))
    if match:
        yield from _tab_list(book, first.number, match["tabs"].partition("#")[0])
    elif EMPTY_TAB_LINE.fullmatch(first.text.strip()):
        yield from _tab_list(book, first.number, "")
    elif section.uses_tabs and not any(dialect.tab_line(line.text) for line in body):
        yield from _without_tab(book, body)
    if not any(line.text.strip() for line in code):
        yield Finding(fence.number, "empty-cell", EMPTY_CELL)


def _deleted(book: Book, code: list[Line], *, named: bool) -> Iterator[Finding]:
    """Find lines of code that d2lbook reads as tab marks and deletes.

    :param named: whether a tab line stands above the code.
    """
    for line in code:
        if TAB_MARK.search(line.text):
            yield Finding(line.number, "unmatched-tab-mark", _marked(line))
        if dialect.tab_line(line.text):
            late = TAB_LINE.match(line.text.strip())
            yield _late(line, named=named) if late else _lost(line)
            if late and not named:
                names = late["tabs"].partition("#")[0]
                yield from _tab_list(book, line.number, names)
            named = True


def _without_tab(book: Book, body: list[Line]) -> Iterator[Finding]:
    config = book.config
    loads = any(dialect.LOAD in line.text for line in body)
    if config.tabbed and len(config.frameworks) > 1 and not loads:
        names = ", ".join(framework.name for framework in config.frameworks)
        yield Finding(
            body[0].number,
            "code-without-tab",
            f"the cell names no framework and belongs to {config.default.name!r}, the "
            f"first, only; begin it with '%%tab all' or '%%tab' and some of: {names}",
        )


def _tab_list(book: Book, line: int, text: str) -> Iterator[Finding]:
    """Check the names of a tab line or a tab mark."""
    shown = text.strip()
    names = [name.strip() for name in WIDE_COMMA.sub(",", text).split(",")]
    dropped = sorted(book.config.dropped)
    tabs = [framework.name for framework in book.config.frameworks]
    tabs += [*dropped, dialect.ALL]
    if WIDE_COMMA.search(text):
        message = f"{shown!r} has a full-width comma; write ',' between names"
        yield Finding(line, "full-width-comma", message)
    if not any(names):
        message = f"no tab is named; write some of: {', '.join(tabs)}"
        yield Finding(line, "missing-tab", message)
    elif "" in names:
        message = f"the list of tabs {shown!r} has an empty name; delete a comma"
        yield Finding(line, "empty-tab", message)
    if dialect.ALL in names and len(names) > 1:
        message = f"{dialect.ALL!r} means all frameworks and must be the only name"
        yield Finding(line, "unknown-tab", f"{message}; found {shown!r}")
    for name in dict.fromkeys(names):
        if name and name not in tabs:
            message = f"the tab {name!r} does not exist"
            yield Finding(line, "unknown-tab", message + suggestion(name, tabs))


def _marked(line: Line) -> str:
    return (
        f"d2lbook deletes the line {line.text.strip()!r} because of its tab mark; "
        "rewrite it"
    )


def _late(line: Line, *, named: bool) -> Finding:
    """Return the finding for a tab line below the first line of its cell.

    :param named: whether a tab line stands above it, which is the one that counts.
    """
    shown = line.text.strip()
    if named:
        message = f"the tab line {shown!r} is without effect below another; delete it"
    else:
        message = f"the tab line {shown!r} is easily overlooked here; move it to the"
        message += " first line of its cell, without spaces before it"
    return Finding(line.number, "tab-line-not-first", message)


def _lost(line: Line) -> Finding:
    message = f"d2lbook deletes the line {line.text.strip()!r}; rewrite it"
    return Finding(line.number, "deleted-line", message)


class _TextTabs:
    """Match each ``:begin_tab:`` of a source with its ``:end_tab:``."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.opening: Line | None = None
        self.empty = True
        """Whether the open tab has no text so far."""
        self.cell_reported = False
        """Whether a cell inside the open tab was reported."""

    def check(self, section: Section) -> Iterator[Finding]:
        """Yield the errors of marks and texts of a source."""
        for line in section.lines:
            match = TAB_MARK.match(line.text)
            if line.code:
                yield from self._code(line)
            elif line.inside and not self.opening:
                continue
            elif match:  # in a tab, d2lbook ignores fences
                yield from self._mark(line, match)
            else:
                yield from self._text(line)
        if self.opening:
            yield self._unclosed(self.opening)

    def _code(self, line: Line) -> Iterator[Finding]:
        if line.opens and self.opening and not self.cell_reported:
            message = f"a cell is inside the tab that line {self.opening.number} begins"
            yield Finding(
                line.number, "unmatched-tab-mark", f"{message}; end the tab before it"
            )
            self.cell_reported = True
        self.empty = False

    def _mark(self, line: Line, match: re.Match[str]) -> Iterator[Finding]:
        if line.text[match.end() :].strip():
            message = f"d2lbook deletes the text after the mark in {line.text!r}"
            yield Finding(
                line.number,
                "unmatched-tab-mark",
                f"{message}; move it to a line of its own",
            )
        if match["kind"] == "begin_tab":
            if self.opening:
                yield self._unclosed(self.opening)
            self.opening, self.empty, self.cell_reported = line, True, False
            yield from _tab_list(self.book, line.number, match["tabs"] or "")
        elif not self.opening:
            message = "':end_tab:' has no ':begin_tab:' before it; delete it"
            yield Finding(line.number, "unmatched-tab-mark", message)
        else:
            if self.empty:
                message = f"no text follows {self.opening.text!r}; write some, or "
                message += "delete the marks"
                yield Finding(self.opening.number, "empty-tab", message)
            self.opening = None

    def _text(self, line: Line) -> Iterator[Finding]:
        self.empty = self.empty and not line.text.strip()
        if TAB_MARK.match(line.text.strip()):
            message = f"{line.text!r} is indented and not a tab mark; delete the spaces"
            yield Finding(line.number, "unmatched-tab-mark", message)
        elif self.opening and TAB_MARK.search(line.text):
            yield Finding(line.number, "unmatched-tab-mark", _marked(line))
        if self.opening and dialect.tab_line(line.text):
            yield _lost(line)

    def _unclosed(self, opening: Line) -> Finding:
        message = f"{opening.text!r} has no ':end_tab:'; write one below its text"
        return Finding(opening.number, "unmatched-tab-mark", message)

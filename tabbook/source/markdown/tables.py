"""Pipe tables by pandoc's rule, with their captions.

A pipe within inline code or a formula does not end a cell. A table ends at the first
line without a pipe outside of those. A caption is a paragraph that begins with ``:`` or
``Table:``, above the table or below it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

from tabbook.source.markdown.blocks import line_text, push_inline, push_paragraph
from tabbook.source.markdown.marks import MARK
from tabbook.source.markdown.math import inline_end

CAPTION = re.compile(r"(?:[Tt]able)?:[ \t]*(?P<text>\S.*)")
"""The first line of a caption."""

CAPTION_LINES = 20
"""The most lines of a caption: longer text is none, and is not read in vain."""

DELIMITER = re.compile(r":?-+:?")
RUN = re.compile(r"`+")

Cell = tuple[int, int]
"""Where a cell begins and ends in its line, without the spaces around it."""


def plugin(md: MarkdownIt) -> None:
    """Add the rules of tables; a definition is none where it is a table's caption."""
    md.block.ruler.at("table", table, {"alt": ["paragraph", "reference"]})
    _keep_captions(md)


def _keep_captions(md: MarkdownIt) -> None:
    names = md.block.ruler.get_active_rules()
    rules = dict(zip(names, md.block.ruler.getRules(""), strict=True))
    definition = rules["deflist"]

    def deflist(state: StateBlock, line: int, last: int, silent: bool) -> bool:
        """Read a definition list, unless it is the caption of a table."""
        below = line + 1
        if not silent and below < last and state.isEmpty(below):
            below += 1
        if not silent and below < last and _captioned(state, below, last) is not None:
            return False
        return bool(definition(state, line, last, silent))

    md.block.ruler.at("deflist", deflist, {"alt": ["paragraph", "reference"]})


def table(state: StateBlock, line: int, last: int, silent: bool) -> bool:
    """Read a table, with the caption above or below it."""
    first = _captioned(state, line, last)
    if first is None and not _begins(state, line, last):
        return False
    if silent:
        return True
    caption = [] if first is None else list(range(line, _caption_end(state, line)))
    labels = [] if first is None else list(_labels_above(state, caption[-1] + 1, first))
    start = line if first is None else first
    end = _rows_end(state, start, last)
    below = None if caption else _caption_below(state, end, last)
    opening = state.push("table_open", "table", 1)
    opening.map = [line, end]
    if below is not None:
        caption = list(range(below, _caption_end(state, below)))
    if caption:
        _push_caption(state, caption)
    _push_rows(state, start, end)
    state.push("table_close", "table", -1)
    for number in labels:
        push_paragraph(state, number, line_text(state, number).strip())
    state.line = caption[-1] + 1 if below is not None else end
    opening.map = [line, max(end, state.line)]
    return True


def cells(text: str) -> list[Cell]:
    """Return the cells of a row: a pipe in code or in a formula ends none."""
    ends = list(_pipes(text))
    bounds = [-1, *ends, len(text)]
    spans = [
        _trimmed(text, left + 1, right) for left, right in itertools.pairwise(bounds)
    ]
    if spans and ends and not text[: ends[0]].strip():
        spans.pop(0)
    if spans and ends and not text[ends[-1] + 1 :].strip():
        spans.pop()
    return spans


def _pipes(text: str) -> Iterator[int]:
    """Yield the position of each pipe that separates cells."""
    at = 0
    while at < len(text):
        character = text[at]
        if character == "|":
            yield at
        if character == "\\":
            at += 2
        elif character == "`":
            at = _after_code(text, at)
        elif character == "$":
            end = inline_end(text, at + 1, len(text))
            at = end + 1 if end > 0 else at + 1
        else:
            at += 1


def _after_code(text: str, at: int) -> int:
    """Return the position after a code span, or after backticks that begin none."""
    opening = RUN.match(text, at)
    if opening is None:
        return at + 1
    for closing in RUN.finditer(text, opening.end()):
        if closing[0] == opening[0]:
            return closing.end()
    return opening.end()


def _trimmed(text: str, begin: int, end: int) -> Cell:
    while begin < end and text[begin] in " \t":
        begin += 1
    while end > begin and text[end - 1] in " \t":
        end -= 1
    return begin, end


def _begins(state: StateBlock, line: int, last: int) -> bool:
    """Return whether a header and the line of dashes below it are here."""
    if line + 2 > last or state.is_code_block(line) or state.is_code_block(line + 1):
        return False
    if state.sCount[line + 1] < state.blkIndent:
        return False
    header, dashes = line_text(state, line), line_text(state, line + 1)
    if "|" not in header or not dashes or set(dashes) - set("|-:+ \t"):
        return False
    if "-" not in dashes or "|" not in dashes:
        return False
    return len(_aligns(dashes)) == len(cells(header)) > 0


def _aligns(dashes: str) -> list[str]:
    """Return the alignment of each column; empty if it is no line of dashes."""
    aligns = []
    for begin, end in cells(dashes):
        column = dashes[begin:end]
        if not DELIMITER.fullmatch(column):
            return []
        left, right = column.startswith(":"), column.endswith(":")
        aligns.append("center" if left and right else "right" if right else "")
        if left and not right:
            aligns[-1] = "left"
    return aligns


def _rows_end(state: StateBlock, start: int, last: int) -> int:
    """Return the line after the last row."""
    line = start + 2
    while line < last and _is_row(state, line):
        line += 1
    return line


def _is_row(state: StateBlock, line: int) -> bool:
    if state.isEmpty(line) or state.sCount[line] < state.blkIndent:
        return False
    return next(_pipes(line_text(state, line)), None) is not None


def _captioned(state: StateBlock, line: int, last: int) -> int | None:
    """Return the line of the table whose caption begins here, or None."""
    if state.is_code_block(line) or not _is_caption(line_text(state, line)):
        return None
    at = _caption_end(state, line)
    while at < last and (state.isEmpty(at) or _is_mark(line_text(state, at))):
        at += 1
    return at if at < last and _begins(state, at, last) else None


def _caption_below(state: StateBlock, end: int, last: int) -> int | None:
    """Return the line of the caption below a table that has none above it."""
    line = end
    while line < last and state.isEmpty(line):
        line += 1
    if line >= last or not _is_caption(line_text(state, line)):
        return None
    return None if _captioned(state, line, last) is not None else line


def _is_caption(text: str) -> bool:
    return bool(CAPTION.fullmatch(text.rstrip())) and not _is_mark(text)


def _is_mark(text: str) -> bool:
    return bool(MARK.match(text)) and not MARK.sub("", text).strip()


def _caption_end(state: StateBlock, line: int) -> int:
    """Return the line after a caption: it ends at a blank line or at a mark."""
    at = line + 1
    last = min(state.lineMax, line + CAPTION_LINES)
    while at < last and not state.isEmpty(at):
        text = line_text(state, at)
        if _is_mark(text) or _begins(state, at, state.lineMax):
            break
        at += 1
    return at


def _labels_above(state: StateBlock, begin: int, end: int) -> Iterator[int]:
    """Yield the lines of marks between a caption and its table."""
    for line in range(begin, end):
        if not state.isEmpty(line):
            yield line


def _push_caption(state: StateBlock, lines: list[int]) -> None:
    text = "\n".join(line_text(state, line).rstrip() for line in lines)
    match = CAPTION.match(text)
    place = [lines[0], lines[-1] + 1]
    opening = state.push("table_caption_open", "caption", 1)
    opening.map = place
    push_inline(state, text[match.start("text") :] if match else text, [*place])
    state.push("table_caption_close", "caption", -1)


def _push_rows(state: StateBlock, start: int, end: int) -> None:
    aligns = _aligns(line_text(state, start + 1))
    with_head: list[tuple[str, str, range]] = [
        ("thead", "th", range(start, start + 1)),
        ("tbody", "td", range(start + 2, end)),
    ]
    for part, cell, rows in with_head:
        if not rows:
            continue
        opening = state.push(f"{part}_open", part, 1)
        opening.map = [rows[0], rows[-1] + 1]
        for line in rows:
            _push_row(state, line, cell, aligns)
        state.push(f"{part}_close", part, -1)


def _push_row(state: StateBlock, line: int, cell: str, aligns: list[str]) -> None:
    text = line_text(state, line)
    spans = cells(text)
    row = state.push("tr_open", "tr", 1)
    row.map = [line, line + 1]
    for column, align in enumerate(aligns):
        opening = state.push(f"{cell}_open", cell, 1)
        if align:
            opening.attrs = {"style": f"text-align:{align}"}
        begin, end = spans[column] if column < len(spans) else (0, 0)
        inline = state.push("inline", "", 0)
        inline.content, inline.children = text[begin:end], []
        inline.map = [line, line + 1]
        offset = state.bMarks[line] + state.tShift[line] + begin
        inline.meta = {"offset": offset}
        state.push(f"{cell}_close", cell, -1)
    state.push("tr_close", "tr", -1)

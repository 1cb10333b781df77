r"""Formulas by pandoc's rule, which decides what a dollar means in d2lbook's books.

``$`` opens a formula if a character other than a space follows, and closes it if one
precedes and no digit follows. ``$$`` may stand anywhere in a paragraph. Neither spans a
blank line. Within ``\text{...}`` dollars belong to the formula.

Source: pandoc's manual, ``tex_math_dollars``, and its reader's ``mathInline`` and
``mathDisplay``.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.amsmath import amsmath_block

from tabbook.source.markdown.blocks import line_text, push_paragraph
from tabbook.source.markdown.marks import stands_alone

DIGITS = frozenset("0123456789")
SPACES = frozenset(" \t\n\u00a0")
TEXT = "\\text"

INTERRUPTED = ("paragraph", "reference", "blockquote", "list", "footnote_def")
"""The blocks that a displayed formula may end."""

ENVIRONMENT = re.compile(r"\\begin\{(?P<name>[a-z]+\*?)\}")


def plugin(md: MarkdownIt) -> None:
    """Add the rules of formulas to a parser, which has the plugin amsmath."""
    _skip_unclosed(md)
    md.inline.ruler.after("escape", "math", inline_math)
    md.block.ruler.before("fence", "math_block", block_math, {"alt": [*INTERRUPTED]})


def _skip_unclosed(md: MarkdownIt) -> None:
    """Let amsmath look for the end of an environment only if the text has it.

    It reads all lines below for each beginning.
    """

    def environment(state: StateBlock, line: int, last: int, silent: bool) -> bool:
        """Read an environment that has an end."""
        begin = state.bMarks[line] + state.tShift[line]
        match = ENVIRONMENT.match(state.src, begin, state.eMarks[line])
        if not match or state.src.find(f"\\end{{{match['name']}}}", begin) < 0:
            return False
        return amsmath_block(state, line, last, silent)

    md.block.ruler.at("amsmath", environment, {"alt": [*INTERRUPTED]})


def inline_math(state: StateInline, silent: bool) -> bool:
    """Read ``$...$``, or ``$$...$$`` within a paragraph."""
    if state.src[state.pos] != "$":
        return False
    double = state.src.startswith("$$", state.pos)
    delimiter = "$$" if double else "$"
    start = state.pos + len(delimiter)
    end = (
        display_end(state.src, start, state.posMax)
        if double
        else inline_end(state.src, start, state.posMax)
    )
    if end < 0:
        return False  # the dollar is text; a second one may still open a formula
    if not silent:
        kind = "math_display" if double else "math_inline"
        token = state.push(kind, "math", 0)
        token.content = state.src[start:end].strip()
        token.markup = delimiter
    state.pos = end + len(delimiter)
    return True


def inline_end(text: str, start: int, limit: int) -> int:
    """Return where the closing dollar is, or -1 if the opening one is text.

    :param start: the position after the opening dollar.
    """
    if start >= limit or text[start] in SPACES:
        return -1
    at = start
    while at < limit:
        character = text[at]
        if character == "\\":
            at = _after_command(text, at, limit)
        elif character in SPACES:
            at = _after_spaces(text, at, limit)
            if at < limit and text[at] == "$":
                return -1
        elif character == "$":
            follows = text[at + 1] if at + 1 < len(text) else ""
            return -1 if at == start or follows in DIGITS else at
        else:
            at += 1
    return -1


def display_end(text: str, start: int, limit: int) -> int:
    """Return where the closing ``$$`` is, or -1 if there is none before a blank line.

    :param start: the position after the opening ``$$``.
    """
    end = text.find("$$", start, limit)
    if end <= start:
        return -1
    lines = text[start:end].split("\n")
    blank = any(not line.strip() for line in lines[1:-1])
    return -1 if blank else end


def block_math(state: StateBlock, line: int, last: int, silent: bool) -> bool:
    """Read a formula that begins a line, so that its lines are not read as Markdown.

    Text after the closing ``$$`` is read as a paragraph: it may hold the label.
    """
    begin = state.bMarks[line] + state.tShift[line]
    if state.is_code_block(line) or not state.src.startswith("$$", begin):
        return False
    if silent and state.src.count("$$", state.bMarks[state.line], begin) % 2:
        return False  # closes a formula that the paragraph has opened
    at, body, end = line, begin + 2, -1
    while at < last and not (at > line and state.isEmpty(at)):
        source = state.src[state.bMarks[at] : state.eMarks[at]]
        if at > line and (state.sCount[at] < 0 or stands_alone(source)):
            break  # a quotation has ended, or d2lbook sets the line apart
        end = state.src.find("$$", body if at == line else state.bMarks[at])
        if 0 <= end < state.eMarks[at]:
            break
        end = -1
        at += 1
    if end < 0:
        return False
    content = _dedented(state, line, at, body, end)
    rest = state.src[end + 2 : state.eMarks[at]]
    if not content.strip() or "$$" in rest or not _marks_only(rest):
        return False
    if silent:
        return True
    token = state.push("math_block", "math", 0)
    token.content, token.markup, token.block = content.strip(), "$$", True
    token.map = [line, at + 1]
    token.meta = {"place": (begin, end + 2)}
    state.line = at + 1
    if rest.strip():
        push_paragraph(state, at, rest.strip())
    return True


def _marks_only(text: str) -> bool:
    """Return whether only marks follow a formula on its last line."""
    return all(word.startswith(":") for word in text.split())


def _dedented(state: StateBlock, line: int, at: int, body: int, end: int) -> str:
    """Return a formula's lines without the indentation or quote marks before them."""
    if line == at:
        return state.src[body:end]
    middle = [line_text(state, number) for number in range(line + 1, at)]
    first = state.src[body : state.eMarks[line]]
    final = state.src[state.bMarks[at] + state.tShift[at] : end]
    return "\n".join([first, *middle, final])


def _after_command(text: str, at: int, limit: int) -> int:
    """Return the position after a backslash and the escaped character."""
    if not text.startswith(TEXT + "{", at):
        return at + 2
    depth, inside = 0, at + len(TEXT)
    while inside < limit:
        character = text[inside]
        depth += (character == "{") - (character == "}")
        inside += 2 if character == "\\" else 1
        if not depth:
            return inside
    return at + 2


def _after_spaces(text: str, at: int, limit: int) -> int:
    while at < limit and text[at] in SPACES:
        at += 1
    return at

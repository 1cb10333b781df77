"""Helpers of the rules for blocks: the text of a line, paragraphs of their own."""

from __future__ import annotations

from markdown_it.rules_block import StateBlock


def line_text(state: StateBlock, line: int) -> str:
    """Return a line without its indentation and the marks of quotations."""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def push_paragraph(state: StateBlock, line: int, text: str) -> None:
    """Add a paragraph of one line.

    :param text: what it holds of the line.
    """
    opening = state.push("paragraph_open", "p", 1)
    push_inline(state, text, [line, line + 1])
    state.push("paragraph_close", "p", -1)
    opening.map = [line, line + 1]


def push_inline(state: StateBlock, text: str, lines: list[int]) -> None:
    """Add text that is read as inline tokens later.

    :param lines: its first line, and the one after its last.
    """
    inline = state.push("inline", "", 0)
    inline.content, inline.children, inline.map = text, [], lines

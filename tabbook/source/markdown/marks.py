"""d2lbook's marks, such as ``:numref:`fig_x```, as inline tokens."""

from __future__ import annotations

import re
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from tabbook.source.markdown.blocks import push_paragraph

MARK = re.compile(r":(?P<key>[-/\\.\w]+):`(?P<value>[^`\n]*)`")
"""A mark with its value. One without a value ends a tab, and d2lbook reads those."""

TAB_MARK = re.compile(r":(?:begin_tab|end_tab):(?:`[^`\n]*`)?")

REFERENCES = frozenset({"ref", "numref", "eqref"})
"""Keys of the marks that refer to a label."""


def plugin(md: MarkdownIt) -> None:
    """Add the rules of marks to a parser."""
    md.inline.ruler.before("escape", "mark", mark)
    md.block.ruler.before(
        "fence", "mark_line", mark_line, {"alt": ["paragraph", "reference"]}
    )


def stands_alone(line: str) -> bool:
    """Return whether d2lbook sets a line apart, because it holds nothing but a mark."""
    match = MARK.fullmatch(line)
    return bool(match and match["key"] not in REFERENCES)


def mark_line(state: StateBlock, line: int, last: int, silent: bool) -> bool:
    """Read a line of nothing but a mark as a paragraph of its own."""
    text = state.src[state.bMarks[line] : state.eMarks[line]]
    if not stands_alone(text):
        return False
    if silent:
        return True
    push_paragraph(state, line, text)
    state.line = line + 1
    return True


def mark(state: StateInline, silent: bool) -> bool:
    """Read a mark."""
    if state.src[state.pos] != ":":
        return False
    if match := TAB_MARK.match(state.src, state.pos, state.posMax):
        state.pos = match.end()  # unmatched; lint reports it
        return True
    match = MARK.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        kind, meta = _meaning(match["key"], match["value"])
        token = state.push(kind, "", 0)
        token.content, token.meta = match[0], meta
    state.pos = match.end()
    return True


def _meaning(key: str, value: str) -> tuple[str, dict[str, Any]]:
    """Return the type of a mark's token, and its meta."""
    if key in REFERENCES:
        return "reference", {"kind": key, "name": value.strip()}
    if key in ("cite", "citet", "citep"):
        return "citation", {"kind": key, "keys": _names(value)}
    if key in ("label", "eqlabel"):
        return "label", {"kind": key, "name": value.strip()}
    if key in ("width", "height"):
        return "size", {"key": key, "value": value.strip()}
    if key == "bibliography":
        return "bibliography", {"files": _names(value)}
    return "mark", {"key": key, "value": value}


def _names(value: str) -> list[str]:
    """Return the names in a list that commas separate."""
    names = [name.strip() for name in value.split(",")]
    return [name for name in names if name]

"""Images with spaces in their path, which pandoc reads and CommonMark does not."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

TARGET = re.compile(
    r"""\(\s*+
    (?P<path>(?:\\. | [^\s()<>\\] | \((?:\\. | [^()\\])*+\) | \s++(?!["')]))++)
    (?:\s++(?:"(?P<double>[^"]*)" | '(?P<single>[^']*)'))?
    \s*+\)""",
    re.VERBOSE,
)
"""Rest of an image after its text: a path with spaces, and perhaps a title."""


def plugin(md: MarkdownIt) -> None:
    """Add the rule to a parser, behind that of CommonMark's images."""
    md.inline.ruler.after("image", "image_with_spaces", image_with_spaces)


def image_with_spaces(state: StateInline, silent: bool) -> bool:
    """Read an image whose path has spaces."""
    if not state.src.startswith("![", state.pos):
        return False
    begin = state.pos + len("![")
    end = state.md.helpers.parseLinkLabel(state, state.pos + 1, False)
    match = TARGET.match(state.src, end + 1, state.posMax) if end >= 0 else None
    if not match:
        return False
    words = match["path"].replace("\\ ", " ").split()
    address = state.md.normalizeLink(unescapeAll(" ".join(words)))
    if not state.md.validateLink(address):
        return False
    if not silent:
        content = state.src[begin:end]
        children: list[Token] = []
        state.md.inline.parse(content, state.md, state.env, children)
        token = state.push("image", "img", 0)
        token.attrs = {"src": address, "alt": ""}
        token.children, token.content = children, content
        if title := match["double"] or match["single"]:
            token.attrSet("title", title)
    state.pos = match.end()
    return True

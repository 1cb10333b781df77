"""Parse foreign Markdown: CommonMark, GitHub's tables, MyST, and Quarto's fences."""

from __future__ import annotations

import functools
import re
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.tree import SyntaxTreeNode
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

from tabbook.source.markdown.parser import record_spans

EXTENSIONS = frozenset(
    {"amsmath", "attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath"}
    | {"fieldlist", "strikethrough", "substitution"}
)
"""MyST's extensions of Markdown that authors use."""

DIV = re.compile(r"(?P<indent>\s*)(?P<colons>:{3,})(?P<info>.*)")
"""A line that opens or closes one of Pandoc's divs."""

FENCE = re.compile(r"\s*(?P<mark>`{3,}|~{3,})(?P<info>.*)")


QUARTO_LABEL = re.compile(
    r"^(?P<end>[^\n]*\$\$)\s*\{#(?P<name>[\w:.-]+)\}", re.MULTILINE
)
"""The end of a displayed formula with its label by Quarto's rule."""


@functools.cache
def _parser() -> MarkdownIt:
    config = MdParserConfig(enable_extensions=set(EXTENSIONS))
    md = create_md_parser(config, RendererHTML)
    record_spans(md)
    return md


def parse(text: str, env: dict[str, Any]) -> SyntaxTreeNode:
    """Return the tree of a text.

    :param env: state that texts of one file share: addresses of links, footnotes.
    """
    return SyntaxTreeNode(_parser().parse(text, env))


def with_formula_labels(text: str) -> str:
    """Return a text in which formulas have their labels by MyST's rule."""
    return QUARTO_LABEL.sub(r"\g<end> (\g<name>)", text)


def with_nested_divs(text: str) -> str:
    """Return a text in which the outer one of two nested divs has more colons.

    Pandoc, and Quarto with it, closes the innermost div at each line of colons; MyST
    closes the one with as many. Lines stay where they are.
    """
    lines = text.split("\n")
    ends = _divs(lines)
    for opening, (closing, height) in ends.items():
        for at in (opening, closing):
            match = DIV.fullmatch(lines[at])
            if match:
                lines[at] = f"{match['indent']}{':' * (3 + height)}{match['info']}"
    return "\n".join(lines)


def _divs(lines: list[str]) -> dict[int, tuple[int, int]]:
    """Return the last line and the height of each div, by its first line.

    :returns: a div without another in it has the height 0.
    """
    extents: dict[int, tuple[int, int]] = {}
    waiting: list[tuple[int, int]] = []
    fence = ""
    for at, line in enumerate(lines):
        mark = FENCE.fullmatch(line)
        if mark and (not fence or (mark["mark"] >= fence and not mark["info"].strip())):
            fence = "" if fence else mark["mark"]
        div = None if fence else DIV.fullmatch(line)
        if div and div["info"].strip(": "):
            waiting.append((at, 0))
        elif div and waiting:
            opening, height = waiting.pop()
            extents[opening] = at, height
            if waiting:
                outer, tallest = waiting[-1]
                waiting[-1] = outer, max(tallest, height + 1)
    return extents

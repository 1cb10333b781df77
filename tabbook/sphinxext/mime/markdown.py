"""Markdown and LaTeX of outputs as document trees.

Markdown is what Jupyter renders: CommonMark with tables and formulas, without MyST's
directives, roles and labels. Nothing in it becomes part of the page's outline or of its
references, and nothing of it is read from files.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from docutils import nodes
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from tabbook.sphinxext.mime import tex
from tabbook.sphinxext.mime.html import clean

INLINE_HTML = re.compile(
    r"</?(?:b|i|em|strong|sub|sup|kbd|u|s|del|ins|mark|small|code|q|var)>|<br\s*/?>",
    re.I,
)
"""Tags that may stand in a line; of others only the content is shown."""

OTHER_SITE = re.compile(r"https?://|mailto:", re.I)


def markdown(renderer: Any, text: str, line: int) -> list[nodes.Node]:
    """Return the document tree of Markdown.

    :param renderer: MyST's renderer of the page.
    :param line: the line of the source that the output belongs to.
    """
    box = nodes.container(classes=["output", "text_markdown"])
    with _parser(renderer), renderer.current_node_context(box):
        renderer.nested_render_text(text, line)
    for block in box.findall(nodes.literal_block):
        block["force"] = True  # code that is not of its language is no mistake
    return [box]


def latex(renderer: Any, text: str, line: int) -> list[nodes.Node]:
    """Return the document tree of LaTeX: a formula, or a text with formulas."""
    formula = tex.formula(text)
    if formula is None:
        return markdown(renderer, text, line)
    block = nodes.math_block(formula, formula, nowrap=False, number=None)
    return [nodes.container("", block, classes=["output", "text_latex"])]


@contextmanager
def _parser(renderer: Any) -> Iterator[None]:
    """Let MyST's renderer parse and keep references as of another document."""
    page = renderer.md, renderer.md_config, renderer.md_env
    config = MdParserConfig(commonmark_only=True)
    parser = create_md_parser(config, renderer.__class__)
    parser.enable("table").use(amsmath_plugin)
    parser.use(dollarmath_plugin, allow_labels=False, double_inline=True)
    parser.core.ruler.push("tabbook_output", _as_output)
    renderer.md, renderer.md_config, renderer.md_env = parser, config, {}
    try:
        yield
    finally:
        renderer.md, renderer.md_config, renderer.md_env = page


def _as_output(state: StateCore) -> None:
    """Replace content that a part of a page must not have."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.type, token.tag = token.type.replace("heading", "paragraph"), "p"
        elif token.type == "html_block":
            token.content = clean(token.content).text
        elif token.type == "hr":  # docutils has lines between sections only
            token.type, token.tag, token.content = "html_block", "", "<hr />"
        elif token.type == "fence":
            token.info = _language(token.info)
        elif token.type == "amsmath":
            token.type = "math_block"
    _make_headings_bold(state)
    for token in state.tokens:
        if token.children:
            token.children = [_inline(child) for child in _linked(token.children)]


def _make_headings_bold(state: StateCore) -> None:
    for before, token in itertools.pairwise(state.tokens):
        if before.type == "paragraph_open" and before.markup and token.children:
            begin = Token("strong_open", "strong", 1)
            end = Token("strong_close", "strong", -1)
            token.children = [begin, *token.children, end]


def _linked(tokens: list[Token]) -> Iterator[Token]:
    """Yield tokens without links to files, which a page does not have."""
    kept = True  # links do not nest
    for token in tokens:
        if token.type == "link_open":
            kept = OTHER_SITE.match(str(token.attrs.get("href"))) is not None
        if kept or not token.type.startswith("link_"):
            yield token


def _inline(token: Token) -> Token:
    """Return a token of a line without files and without unknown tags."""
    if token.type == "html_inline" and not INLINE_HTML.fullmatch(token.content):
        return Token("text", "", 0, content="", level=token.level)
    if token.type == "html_inline":
        token.content = re.sub(r"<br\s*/?>", "<br />", token.content)
    if token.type == "image" and not str(token.attrs.get("src")).startswith(
        "data:image/"
    ):
        return Token("text", "", 0, content=token.content, level=token.level)
    return token


def _language(info: str) -> str:
    """Return a fence's language, ``text`` where Pygments does not know it."""
    name = (info.split() or ["text"])[0]
    try:
        get_lexer_by_name(name)
    except ClassNotFound:
        return "text"
    return name

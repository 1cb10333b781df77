"""Write code as HTML with few classes, so that pages stay small.

Pygments puts a class on every name and bracket, which makes a page three times as
large. Here only tokens that the style sheet colours get a class.

Pygments' private ``_get_css_classes``, ``_format_lines`` and ``_wrap_pre`` are
overridden here only; there are no public hooks for the classes and the element of a
token and for the contents of ``pre``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from ipython_pygments_lexers import IPython3Lexer
from myst_nb.core.lexers import AnsiColorLexer
from pygments import token
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers.python import Python3Lexer
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator

from tabbook.sphinxext.html import drafts

CLASSES = {
    token.Comment: "c",
    token.Keyword: "k",
    token.Operator.Word: "k",
    token.Literal.String: "s",
    token.Literal.Number: "m",
    token.Name.Builtin: "b",
    token.Name.Class: "d",
    token.Name.Decorator: "d",
    token.Name.Function: "d",
    token.Name.Exception: "b",
    token.Generic.Prompt: "gp",
    token.Generic.Output: "go",
    token.Generic.Traceback: "go",
    token.Generic.Error: "e",
    token.Generic.Deleted: "e",
    token.Generic.Inserted: "s",
    token.Generic.Emph: "ge",
    token.Generic.Strong: "gs",
}
"""Class of each coloured token type and its subtypes."""

PARTS = {"cell", "cell_input", "cell_output", "tab-text"}
"""Classes of containers whose other classes no style selects."""

TITLES = {"std", "std-ref", "std-numref", "std-term", "std-doc"}
"""Classes of the text of a reference."""

LANGUAGE = re.compile(
    r'<div class="(?P<own>[^"]*?)highlight-(?:ipython3|myst-ansi)'
    r' notranslate"'
)
"""Opening tag that Sphinx writes for a cell's code and output."""

ELEMENTS = {"k": "b", "b": "i", "m": "u"}
"""Elements in pages that stand for the most frequent classes."""

BARE = re.compile(r"<div>(?P<code>.*)</div>\n", re.S)
"""Code in an element that has nothing left to say."""

CLOSED = re.compile(r"\n(?=</div>)|\n$")
"""Line breaks behind the elements of code."""

TOKEN = re.compile(r'<span class="(?P<name>[\w-]+)">(?P<text>[^<]*)</span>')
"""Element that Pygments writes for a token with one class."""

LONG = 24
"""Outputs with more lines are folded."""

BREAKS = re.compile(
    r"(?:(?<=[A-Za-z0-9)\]][._/:=,])(?<!\d\.)|(?<=\()|(?<=\(\[))(?=[A-Za-z0-9'\"])"
    r"|(?<=[A-Za-z0-9\]])(?=\[)"
)
"""Where code in a table may break: between a mark and a name, and before an index."""

HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""Where a long name may break, ``lossFunction`` before its ``F``."""

LONG_NAME = re.compile(r"[A-Za-z]{17,}")

COLOURED = token.Token.Color
"""MyST-NB's token type for ANSI colours."""


def setup(app: Sphinx) -> None:
    """Register how code is written in HTML."""
    for node, visit, depart in (
        (nodes.inline, visit_inline, depart_inline),
        (nodes.literal, visit_literal, depart_literal),
        (nodes.literal_block, visit_literal_block, depart_literal_block),
        (nodes.container, visit_container, depart_container),
    ):
        app.add_node(node, override=True, html=(visit, depart))
    app.add_post_transform(MarkLong)
    app.connect("builder-inited", use_formatter)


class Formatter(HtmlFormatter[str]):  # type: ignore[misc]
    """Writes a class only on coloured tokens."""

    def _get_css_classes(self, ttype: Any) -> str:
        if ttype in COLOURED:
            return str(super()._get_css_classes(ttype))
        while ttype is not None and ttype not in CLASSES:
            ttype = ttype.parent
        return CLASSES.get(ttype, "")

    def _wrap_pre(self, inner: Any) -> Iterator[tuple[int, str]]:
        yield 0, "<pre>"
        yield from inner
        yield 0, "</pre>"


class PageFormatter(Formatter):
    """Writes tokens in the shortest elements; half of a page's tags are theirs.

    Not for EPUB, which is XHTML: there, attributes have quotation marks.
    """

    def _format_lines(self, tokensource: Any) -> Iterator[tuple[int, str]]:
        for is_code, line in super()._format_lines(tokensource):
            yield is_code, TOKEN.sub(_short, line)


def _short(written: re.Match[str]) -> str:
    """Return the element of a token; assistive technology sees none in any of them."""
    name, text = written["name"], written["text"]
    if element := ELEMENTS.get(name):
        return f"<{element}>{text}</{element}>"
    return f"<i class={name}>{text}</i>"


class MarkLong(SphinxPostTransform):
    """Mark long outputs, which the theme folds to their first lines."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Add the class ``long``, which the style sheet and the script select."""
        for block in self.document.findall(nodes.literal_block):
            lines = block.astext().rstrip("\n").count("\n") + 1
            if "output" in block["classes"] and lines > LONG:
                block["classes"].append("long")


class CellLexer(Lexer):  # type: ignore[misc]
    """Python lexer that uses IPython's only for code with IPython syntax.

    IPython's lexer takes more than twice as long.
    """

    name = "Cell"

    def get_tokens_unprocessed(self, text: str) -> Any:
        """Yield the tokens with their positions in the text."""
        kind = IPython3Lexer if MAGIC.search(text) else Python3Lexer
        return _lexer(kind).get_tokens_unprocessed(text)


MAGIC = re.compile(r"%[%\w]|!(?!=)|\?")
"""A character that every rule of IPython's lexer requires."""


@functools.cache
def _lexer(kind: Any) -> Any:
    return kind()


def use_formatter(app: Sphinx) -> None:
    """Replace the lexers and the formatter of the builder."""
    # Registered by name, which spares a search of all of Pygments' lexers.
    app.add_lexer("ipython3", CellLexer)
    app.add_lexer("myst-ansi", AnsiColorLexer)
    highlighter = getattr(app.builder, "highlighter", None)
    if highlighter is not None:
        kind = Formatter if app.builder.name == "epub" else PageFormatter
        highlighter.formatter = functools.partial(_formatter, kind)


def _formatter(kind: Any, **options: Any) -> Any:
    """Return a formatter; code without options shares a cached formatter."""
    if options.keys() <= {"style", "linenos"}:
        return _plain(kind, **options)
    return kind(**options)


@functools.cache
def _plain(kind: Any, **options: Any) -> Any:
    return kind(**options)


def visit_inline(translator: HTML5Translator, node: nodes.inline) -> None:
    """Leave out the element of a reference's text, which no style selects."""
    if not _is_title(node):
        HTML5Translator.visit_inline(translator, node)


def depart_inline(translator: HTML5Translator, node: nodes.inline) -> None:
    """Close what was opened."""
    if not _is_title(node):
        HTML5Translator.depart_inline(translator, node)


def _is_title(node: nodes.inline) -> bool:
    named = node["ids"] or node["names"]
    return not named and {"std"} < set(node["classes"]) <= TITLES


def visit_literal(translator: HTML5Translator, node: nodes.literal) -> None:
    """Write inline code without a span; leave code with a role to Sphinx."""
    if node["classes"]:
        HTML5Translator.visit_literal(translator, node)
        return
    parts = [node.astext()]
    if in_table(node):
        parts = breakable(parts[0])
    text = "<wbr/>".join(translator.encode(part) for part in parts)
    translator.body.append(f"{translator.starttag(node, 'code', '', CLASS='literal')}")
    translator.body.append(f"{text}</code>")
    raise nodes.SkipNode


def in_table(node: nodes.Node) -> bool:
    """Return whether a node stands in a cell of a table, whose columns are narrow."""
    while node.parent is not None:
        node = node.parent
        if isinstance(node, nodes.entry):
            return True
    return False


def breakable(code: str) -> list[str]:
    """Return code in pieces; a line may end between any two."""
    names = BREAKS.split(code)
    return [piece for name in names for piece in _pieces(name)]


def _pieces(name: str) -> list[str]:
    return HUMPS.split(name) if LONG_NAME.search(name) else [name]


def depart_literal(translator: HTML5Translator, node: nodes.literal) -> None:
    """Close the element as Sphinx does."""
    HTML5Translator.depart_literal(translator, node)


def visit_literal_block(translator: HTML5Translator, node: nodes.literal_block) -> None:
    """Write a cell's code without the class of its language."""
    try:
        HTML5Translator.visit_literal_block(translator, node)
    except nodes.SkipNode:
        written = LANGUAGE.sub(_unclassed, translator.body[-1], count=1)
        bare = BARE.fullmatch(written) if _is_part(node.parent) else None
        translator.body[-1] = CLOSED.sub("", bare["code"] if bare else written)
        raise


def depart_literal_block(
    translator: HTML5Translator, node: nodes.literal_block
) -> None:
    """Close the element as Sphinx does."""
    HTML5Translator.depart_literal_block(translator, node)


def _unclassed(tag: re.Match[str]) -> str:
    return f'<div class="{tag["own"].strip()}"' if tag["own"] else "<div"


def visit_container(translator: HTML5Translator, node: nodes.container) -> None:
    """Open a part of a cell without the classes that no style selects."""
    if _is_part(node):
        translator.body.append(drafts.open_tag(translator, node))
    else:
        HTML5Translator.visit_container(translator, node)


def depart_container(translator: HTML5Translator, node: nodes.container) -> None:
    """Close a container."""
    if _is_part(node):
        translator.body.append("</div>")
    else:
        HTML5Translator.depart_container(translator, node)


def _is_part(node: nodes.Element) -> bool:
    return bool(PARTS & set(node["classes"]))

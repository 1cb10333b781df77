"""Token types that the dialect adds to markdown-it's, and the content of each.

Inline tokens have ``meta["place"]``: begin and end in the text that was parsed, where
that can be told.

========================  ===========================================================
type                      contents
========================  ===========================================================
``reference``             ``meta``: ``kind`` (numref, ref or eqref), ``name``
``citation``              ``meta``: ``kind`` (cite, citet or citep), ``keys``
``bibliography``          ``meta``: ``files``
``label``                 ``meta``: ``kind`` (label or eqlabel), ``name``; a label that
                          no block took
``size``                  ``meta``: ``key`` (width or height), ``value``
``mark``                  any other mark with a value; ``meta``: ``key``, ``value``
``math_inline``           ``content``: TeX
``math_display``          ``content``: TeX; a displayed formula within a heading, a
                          table or a link, which cannot hold a block
``math_block``            ``content``: TeX; a block
``figure``                ``attrs["src"]``; ``children``: the caption; ``content``: the
                          caption's Markdown; a block
``table_caption_open``    the first within a table, if it has a caption
========================  ===========================================================

A block of a type in ``LABELLED`` holds its labels in ``meta["labels"]``, a
list of ``label`` tokens; a figure its sizes in ``meta["sizes"]``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

LABELLED = frozenset(
    {"heading_open", "figure", "table_open", "math_block", "paragraph_open", "fence"}
    | {"bullet_list_open", "ordered_list_open", "blockquote_open"}
)
"""Types of the tokens that can take a label."""

FORMULAS = {
    "math_inline": False,
    "math_display": True,
    "math_block": True,
    "amsmath": True,
}
"""Types of the tokens of formulas, and whether they are displayed."""

INVISIBLE = frozenset({"label", "size"})
"""Types of the marks that no reader sees."""


BREAKS = frozenset({"softbreak", "hardbreak"})


def is_blank(token: Token) -> bool:
    """Return whether an inline token shows nothing."""
    if token.type == "text":
        return not token.content.strip()
    return token.type in BREAKS


def attached_labels(token: Token | SyntaxTreeNode) -> list[Token]:
    """Return the labels that a block has taken."""
    labels: list[Token] = token.meta.get("labels", [])
    return labels


def plain_text(
    tokens: Iterable[Token], shown: Callable[[Token], str] = lambda token: token.content
) -> str:
    """Return the visible text of inline tokens, without markup.

    :param shown: returns the text of a reference or a citation.
    """
    texts = []
    for token in tokens:
        if token.type in BREAKS:
            texts.append(" ")
        elif token.type == "image":
            texts.append(plain_text(token.children or (), shown))
        elif token.type in ("reference", "citation"):
            texts.append(shown(token))
        elif token.type not in INVISIBLE:
            texts.append(token.content)
    return "".join(texts)


def walk(tokens: Iterable[Token]) -> Iterator[Token]:
    """Yield tokens and those within them, in the order of the source."""
    for token in tokens:
        yield token
        yield from walk(token.children or ())

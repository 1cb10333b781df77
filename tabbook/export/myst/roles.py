"""MyST's forms of references, citations and marks in a text: mostly roles."""

from __future__ import annotations

from collections.abc import Callable

from markdown_it.token import Token

from tabbook.source.book import Book
from tabbook.source.markdown.tokens import attached_labels
from tabbook.source.structure.labels import Label

ROLES = {"figure": "numref", "table": "numref", "equation": "eq"}
"""The role that refers to a label, by the label's kind."""

CITATIONS = {"cite": "cite:p", "citep": "cite:p", "citet": "cite:t"}


def _reference(book: Book, token: Token) -> str:
    name = token.meta["name"]
    label = book.labels.get(name)
    if label is None:
        return f"`{name}`"
    if label.kind in ROLES:
        return f"{{{ROLES[label.kind]}}}`{name}`"
    if _is_of_heading(book, label):
        return f"{{ref}}`{name}`"
    return f"[{label.text}](#{name})"  # what has no title needs one here


def _is_of_heading(book: Book, label: Label) -> bool:
    section = book.section(label.section)
    return any(
        mark.meta["name"] == label.name
        for prose in (section.prose if section else ())
        for token in prose.tokens
        if token.type == "heading_open"
        for mark in attached_labels(token)
    )


def _citation(book: Book, token: Token) -> str:
    return f"{{{CITATIONS[token.meta['kind']]}}}`{','.join(token.meta['keys'])}`"


def _bibliography(book: Book, token: Token) -> str:
    return "```{bibliography}\n```"


def _mark(book: Book, token: Token) -> str:
    return f"`{token.meta['value']}`"


INLINE: dict[str, Callable[[Book, Token], str]] = {
    "reference": _reference,
    "citation": _citation,
    "bibliography": _bibliography,
    "mark": _mark,
}
"""MyST's forms of inline tokens, by their type."""

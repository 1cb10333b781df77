"""Check the dialect's marks: references, labels, and marks that d2lbook deletes."""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it.token import Token

from tabbook.base.errors import suggestion
from tabbook.lint.finding import Finding
from tabbook.source.book import Book
from tabbook.source.markdown.tokens import walk
from tabbook.source.section import Section

MARKS = frozenset(
    {"label", "eqlabel", "ref", "numref", "eqref", "cite", "citet", "citep"}
    | {"width", "height", "class", "func", "mod", "bibliography"}
    | {"begin_tab", "end_tab"}
)
"""The marks that d2lbook 1.0.3 knows."""


def marks(book: Book, section: Section) -> Iterator[Finding]:
    """Find marks that d2lbook does not know, and references without a label."""
    for prose in section.prose:
        for token in walk(prose.tokens):
            line = prose.line_of(token)
            if token.type == "reference" and not _is_known(book, token.meta["name"]):
                yield Finding(line, "unresolved-reference", _unresolved(book, token))
            elif token.type == "mark" and token.meta["key"] not in MARKS:
                yield Finding(line, "unknown-mark", _unknown(token))


def _is_known(book: Book, label: str) -> bool:
    """Return whether there is a label, if only in the book that this one translates."""
    return label in book.labels or label in book.left_out_labels


def _unknown(token: Token) -> str:
    """Return the message about a mark that d2lbook does not know."""
    message = f"the mark {token.content!r} is unknown and d2lbook deletes it"
    return message + suggestion(token.meta["key"], sorted(MARKS))


def _unresolved(book: Book, token: Token) -> str:
    """Return the message about a reference without a label."""
    name, mark = token.meta["name"], token.content
    message = f"{mark!r} refers to the label {name!r}, which does not exist"
    if only := book.dropped_labels.get(name):
        return (
            f"{message} for the frameworks in [build] tabs: {only.section}.md:"
            f"{only.line} is in the text of others; move {mark!r} into a tab of theirs"
        )
    advice = f"; write :label:`{name}` on a line of its own below the target"
    return message + suggestion(name, book.labels, otherwise=advice)

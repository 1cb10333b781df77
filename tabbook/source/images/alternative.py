"""The alternative text of a figure: its caption without markup."""

from __future__ import annotations

from collections.abc import Iterable

from markdown_it.token import Token

from tabbook.source.book import Book
from tabbook.source.markdown.tokens import plain_text


def alternative_text(book: Book, tokens: Iterable[Token]) -> str:
    """Return a caption's tokens as plain text."""

    def shown(token: Token) -> str:
        """Return the text of a citation or a reference."""
        if token.type == "citation":
            return book.bibliography.text(token.meta["kind"], token.meta["keys"])
        name = token.meta["name"]
        return book.labels[name].text if name in book.labels else str(name)

    return plain_text(tokens, shown)

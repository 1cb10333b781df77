"""The glossary's page as Markdown."""

from __future__ import annotations

from tabbook.base.config import Framework
from tabbook.base.translations import texts
from tabbook.source.book import Book
from tabbook.source.glossary import entries


def markdown(book: Book, frameworks: tuple[Framework, ...]) -> str:
    """Return the glossary as a definition list; frameworks make no difference."""
    words = texts(book.config.language, "glossary")
    definitions = []
    for entry in entries(book):
        term, first = entry.term, ""
        if entry.first:
            link = f"[{entry.first.title}](/{entry.first.path})"
            first = words["first_use"].format(section=link)
        target = f"[{term.japanese}]{{#{term.anchor}}}"
        name = words["name"].format(term=target, english=term.english)
        definitions.append(f"{name}\n: {term.meaning}{first}\n")
    return "\n".join(definitions)

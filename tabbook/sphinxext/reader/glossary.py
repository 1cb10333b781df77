"""Generate the glossary's definitions."""

from __future__ import annotations

from tabbook.base.config import Framework
from tabbook.base.translations import texts
from tabbook.source.book import Book
from tabbook.source.prose.glossary import entries


def markdown(book: Book, frameworks: tuple[Framework, ...]) -> str:
    """Return the glossary as a definition list in Markdown.

    :param frameworks: not used; every generator is called with them.
    """
    words = texts(book.config.language, "glossary")
    definitions = []
    for entry in entries(book):
        term, first_use = entry.term, ""
        if entry.first:
            link = f"[{entry.first.title}](/{entry.first.path})"
            first_use = words["first_use"].format(section=link)
        target = f"[{term.japanese}]{{#{term.anchor}}}"
        name = words["name"].format(term=target, english=term.english)
        definitions.append(f"{name}\n: {term.meaning}{first_use}\n")
    return "\n".join(definitions)

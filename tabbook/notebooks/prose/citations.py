"""Citations and lists of references in notebooks."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from urllib.parse import quote

from tabbook.base import repository
from tabbook.base.config import Framework
from tabbook.source.book import Book
from tabbook.source.section import Section


def notebook_citation(
    book: Book,
    section: Section,
    framework: Framework,
    kind: str,
    keys: Sequence[str],
) -> str:
    """Return a citation as Markdown.

    Each entry links to the published list of references if config.ini names its
    address, or else to the notebook that has the list; without either it is text.

    :param section: the section that cites.
    :param kind: ``cite``, ``citep`` or ``citet``.
    """
    text = ""
    for part in book.bibliography.citation(kind, keys):
        address = _address(book, section, framework, part.key) if part.key else ""
        text += f"[{part.text}]({address})" if address else part.text
    return text


def notebook_references(
    book: Book, section: Section, framework: Framework, names: Sequence[str]
) -> list[str]:
    """Return the list of references of a section, as lines of Markdown.

    :param names: names of the .bib files in ``:bibliography:``.
    """
    bibliography = book.bibliography
    files = bibliography.named(section, names)
    return [
        f"- {bibliography.reference(key)}"
        for key in bibliography.references(files, framework.name)
    ]


def _address(book: Book, section: Section, framework: Framework, key: str) -> str:
    """Return where a citation leads; empty if there is no such place."""
    bibliography = book.bibliography
    target = bibliography.listed_on.get(key)
    if target is None:
        return ""
    if site := repository.site(book.config):
        page = target.solves if book.section(target.solves) else target.name
        return f"{site}{quote(page)}.html#{bibliography.anchors[key]}"
    if target is section or framework not in book.frameworks_of(target):
        return ""
    return f"{posixpath.relpath(target.name, section.folder or '.')}.ipynb"

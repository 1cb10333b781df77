"""Write the files that describe the book to MyST's programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from tabbook.base.config import Framework
from tabbook.source.book import Book

EXTENSIONS = ["amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath"]
EXTENSIONS += ["strikethrough", "tasklist"]
"""MyST's extensions that pages use, in Jupyter Book 1."""


def project_files(
    book: Book, frameworks: Sequence[Framework]
) -> Iterator[tuple[str, str]]:
    """Yield path and text of each file."""
    config = book.config
    files = book.bibliography.files if book.bibliography.used else ()
    entries = [file.relative_to(config.root).as_posix() for file in files]
    project: dict[str, Any] = {"title": config.title}
    if config.author:
        project["authors"] = [config.author]
    if entries:
        project["bibliography"] = entries
    project["toc"] = [
        {"file": f"{config.index}.md"},
        *_below(book, config.index, "children", ".md"),
    ]
    site = {"template": "book-theme"}
    yield "myst.yml", _yaml({"version": 1, "project": project, "site": site})
    toc = {
        "format": "jb-book",
        "root": config.index,
        "chapters": _below(book, config.index, "sections", ""),
    }
    yield "_toc.yml", _yaml(toc)
    runs = "cache" if len(frameworks) == 1 else "off"
    settings: dict[str, Any] = {
        "title": config.title,
        "author": config.author,
        "execute": {"execute_notebooks": runs, "timeout": config.timeout},
        "parse": {"myst_enable_extensions": EXTENSIONS},
        "sphinx": {
            "extra_extensions": ["sphinx_design"],
            "config": {"language": config.language, "numfig": True},
        },
    }
    if entries:
        settings["bibtex_bibfiles"] = entries
    yield "_config.yml", _yaml(settings)


def _below(book: Book, name: str, key: str, ending: str) -> list[dict[str, Any]]:
    """Return the pages that a page lists, with those below them.

    :param key: name of the list of the pages below a page.
    :param ending: of the names of files.
    """
    entries = []
    for link in book.tree.links.get(name, ()):
        names = [link.name]
        section = book.section(link.name)
        if section and (solutions := book.solutions_of(section)):
            names.append(solutions.name)
        for each in names:
            entry: dict[str, Any] = {"file": f"{each}{ending}"}
            if below := _below(book, each, key, ending):
                entry[key] = below
            entries.append(entry)
    return entries


def _yaml(value: dict[str, Any]) -> str:
    return str(yaml.safe_dump(value, allow_unicode=True, sort_keys=False))

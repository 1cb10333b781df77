"""Write made-up books: their files, and outputs that no kernel printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from nbformat import NotebookNode

from tabbook.base import config
from tabbook.base.config import Config, Framework
from tabbook.notebooks import store
from tabbook.notebooks.compile import compile_section
from tabbook.source import book
from tabbook.source.section import Section

HEAD = """[project]
title = 本
lang = ja
[build]
notebooks = index.md chapter_*/*.md
resources = data
tabs = left, right
"""
"""The configuration of a book with two frameworks, without the engine's own keys."""

DEFAULT = f"""{HEAD}[tabbook]
timeout = 60
"""
"""The configuration of a book with two frameworks that are Python itself."""

MakeBook = Callable[..., Config]
"""``make_book(files, config)``: write a book, return its configuration."""

Fill = Callable[[NotebookNode, Section, Framework], Mapping[str, str]]
"""Gives a compiled notebook its outputs; returns the versions they come from."""


def write_files(root: Path, files: Mapping[str, str]) -> None:
    """Write texts into a folder, by their paths in it."""
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def side_by_side(code: Mapping[str, str]) -> str:
    """Return a cell for each framework, in one set of tabs.

    :param code: by the name of the framework.
    """
    return "\n\n".join(
        f"```{{.python .input}}\n%%tab {name}\n{text}\n```"
        for name, text in code.items()
    )


def store_outputs(root: Path, fill: Fill) -> Iterator[tuple[Section, Framework]]:
    """Store every notebook of a book as if it had been executed.

    :returns: the section and the framework of each notebook, once it is stored.
    """
    loaded = book.load(config.load(root))
    for section in loaded.sections:
        for framework in loaded.frameworks_of(section):
            notebook = compile_section(loaded, section, framework)
            assert notebook, f"{section.name} has code for {framework.name}"
            versions = dict(fill(notebook, section, framework))
            keyed = store.with_key(loaded.config, framework, notebook, versions)
            file = store.path(loaded.config, section, framework)
            store.save(loaded.config, file, keyed)
            yield section, framework

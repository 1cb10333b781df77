"""Fill the templates of a new book and write its files.

A template's place is its place in the book. ``dot-`` at the beginning of a name stands
for the dot that packaging would leave out, and ``.jinja`` at its end says that fields
are filled in.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from tabbook.base.errors import BookError
from tabbook.base.files import disk_errors, write_text
from tabbook.scaffold.catalogue import (
    COLAB_PYTHON,
    PYTHON,
    TEMPLATES,
    OfferedFramework,
    words,
)

FILLED = ".jinja"
"""End of the name of a file whose fields are filled in."""

SECRET = "dot-"
"""Beginning of the name of a file or folder that begins with a dot in the book."""

IGNORED = frozenset({".git"})
"""Entries that a folder may hold already: those of an empty clone."""


@dataclass(frozen=True)
class NewBook:
    """Decisions of the author before the first file is written."""

    title: str
    author: str
    language: str
    frameworks: tuple[OfferedFramework, ...]
    engine: str = ""
    """Where pip finds the engine, such as ``git+https://...``; empty if unknown."""


def write(folder: Path, book: NewBook) -> list[Path]:
    """Write a book into an empty folder; return the files, relative to it.

    :raises BookError: the folder is not empty, or cannot be written.
    """
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        present = sorted({path.name for path in folder.iterdir()} - IGNORED)
    if present:
        raise BookError(
            f"{folder}: is not empty, it has {present[0]!r}; name a folder that does "
            "not exist yet or is empty, such as a fresh clone, and copy your files "
            "there afterwards"
        )
    texts = dict(_files(book))
    for name, text in texts.items():
        write_text(folder / name, text)
    return [Path(name) for name in texts]


def _files(book: NewBook) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of every file."""
    environment = _templates(book)
    for part in ("common", book.language):
        for file in sorted((TEMPLATES / part).rglob("*")):
            if file.is_file():
                name = file.relative_to(TEMPLATES / part).as_posix()
                yield _name(name), _text(environment, file)
    for framework in book.frameworks:
        place = f"environments/{framework.name}"
        yield f"{place}.in", framework.file("requirements.in")
        yield f"{place}-colab.in", framework.file("colab.in")
        if settings := framework.file("colab.toml"):
            yield f"{place}-colab.toml", settings
        colab = environment.get_template("code/colab.py.jinja")
        setup = framework.file("colab.txt").rstrip("\n")
        yield f"{place}_colab.py", colab.render(framework=framework, setup=setup)


def _name(template: str) -> str:
    """Return the path in the book of a template."""
    return re.sub(rf"(^|/){SECRET}", r"\1.", template).removesuffix(FILLED)


def _text(environment: jinja2.Environment, file: Path) -> str:
    if file.suffix != FILLED:
        return file.read_text(encoding="utf-8")
    return environment.get_template(file.relative_to(TEMPLATES).as_posix()).render()


def _templates(book: NewBook) -> jinja2.Environment:
    """Return the environment with the fields of all templates."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.globals |= _fields(book)
    return environment


def _fields(book: NewBook) -> dict[str, Any]:
    names = [framework.name for framework in book.frameworks]
    many = len(names) > 1
    listed = ", ".join(repr(name) for name in names)
    return {
        "title": book.title,
        "author": book.author,
        "year": datetime.date.today().year,
        "name": re.sub(r"[^a-z0-9]+", "-", book.title.lower()).strip("-") or "book",
        "language": book.language,
        "engine": book.engine,
        "python": PYTHON,
        "colab_python": COLAB_PYTHON,
        "frameworks": book.frameworks,
        "labels": ", ".join(each.label for each in book.frameworks) if many else "",
        "many": many,
        "gpu": [code for each in book.frameworks for code in each.gpu],
        "words": words(book.language),
        "switch": _cell(f"%load_ext d2lbook.tab\ntab.interact_select([{listed}])"),
        "cells": lambda part: "\n\n".join(
            _cell(f"%%tab {each.name}\n{each.file(f'{part}.py')}")
            for each in book.frameworks
        ),
        "cell": lambda part: _cell(
            "%%tab all\n" + (TEMPLATES / f"code/{part}.py").read_text(encoding="utf-8")
        ),
    }


def _cell(code: str) -> str:
    return f"```{{.python .input}}\n{code.rstrip()}\n```"

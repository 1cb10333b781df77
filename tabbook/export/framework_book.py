"""Render the book of one framework to a single file: shared by PDF and EPUB.

Sphinx renders the committed notebooks in a scratch folder, and the finished file
replaces the last one only if no warning fails the build.
"""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tabbook.base import files
from tabbook.base.config import Config, Framework
from tabbook.base.errors import BookError
from tabbook.base.folders import output_folder
from tabbook.base.folders.locks import lock
from tabbook.base.reproducible import known_date
from tabbook.base.translations import texts
from tabbook.notebooks.compile import pinned_versions
from tabbook.source import book as books
from tabbook.source.book import Book
from tabbook.sphinxext import severity
from tabbook.sphinxext.messages import tidied
from tabbook.sphinxext.settings import content


def title(config: Config, framework: Framework) -> str:
    """Return the title of a framework's edition of the book."""
    template = texts(config.language, "edition")["title"]
    return template.format(title=config.title, label=framework.label)


def versions(config: Config, framework: Framework) -> str:
    """Return the versions that made the outputs, such as ``Python 3.11, torch 2.13.0``.

    :raises BookError: the framework has no pins.
    """
    return texts(config.language, "punctuation")["comma"].join(
        f"{'Python' if name == 'python' else name} {version}"
        for name, version in pinned_versions(config, framework).items()
    )


def date(config: Config) -> str:
    """Return the date of the book in words; empty if it has none."""
    moment = known_date()
    if moment is None:
        return ""
    return texts(config.language, "edition")["date"].format(
        year=moment.tm_year, month=moment.tm_mon, day=moment.tm_mday
    )


@contextlib.contextmanager
def scratch_folder(config: Config, kind: str, framework: Framework) -> Iterator[Path]:
    """Empty a working folder and lock it for this process.

    :raises BookError: the disk is full or not writable.
    """
    folder = output_folder.claim(config) / f"sphinx-{kind}" / framework.name
    with files.disk_errors(folder), lock(folder / "lock"):
        for child in folder.iterdir():
            if child.is_dir():
                shutil.rmtree(child)
        yield folder


def render(
    book: Book,
    framework: Framework,
    builder: str,
    work: Path,
    settings: Mapping[str, Any],
) -> Path:
    """Run one of Sphinx's builders over a framework's edition.

    :param builder: the name under which Sphinx knows the builder.
    :param settings: Sphinx's settings for this builder, added to those of the content.
    :returns: the folder that the builder wrote to.
    :raises BookError: Sphinx warned, such as of stale outputs.
    """
    from tabbook.sphinxext import application

    printed = books.load(dataclasses.replace(book.config, printed=True))
    overrides = content(printed, framework=framework.name) | {**settings}
    _, warnings = application.run(printed, work, overrides, builder=builder)
    text = tidied(warnings, book.config.root)
    if severity.fatal(text):
        raise BookError(f"{text}\nThe last file of the book is unchanged.")
    severity.complain(text)
    return work / builder

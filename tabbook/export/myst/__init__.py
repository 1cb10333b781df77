"""Write the book as MyST Markdown, which mystmd and Jupyter Book build.

``text`` writes prose in MyST's syntax, ``pages`` the page of a section, and
``project`` the files that describe the whole: ``myst.yml`` for mystmd and Jupyter Book
2, ``_config.yml`` and ``_toc.yml`` for Jupyter Book 1, which is Sphinx with MyST-NB.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tabbook.base.config import Framework
from tabbook.base.files import disk_errors, read_bytes, write_bytes
from tabbook.base.folders import output_folder
from tabbook.base.folders.mirror import mirror
from tabbook.export.myst.pages import page
from tabbook.export.myst.project import project_files
from tabbook.source import images
from tabbook.source.book import Book

__all__ = ["write"]

TABS = "tabs"
"""The folder of the book with the tabs of several frameworks."""


def write(book: Book, frameworks: Sequence[Framework]) -> Path:
    """Write the book for some frameworks.

    With one framework, cells run: MyST's programs execute them. With several, pages
    have tab sets with the committed outputs, and nothing runs.

    :returns: ``_build/myst/FRAMEWORK``, or ``_build/myst/tabs``.
    :raises BookError: a source cannot be read, or the disk is full.
    """
    name = frameworks[0].name if len(frameworks) == 1 else TABS
    target = output_folder.claim(book.config) / "myst" / name
    with (
        disk_errors(target),
        tempfile.TemporaryDirectory(dir=output_folder.claim(book.config)) as scratch,
    ):
        for path, content in _files(book, frameworks):
            write_bytes(Path(scratch) / path, content)
        mirror(Path(scratch), target)
    return target


def _files(book: Book, frameworks: Sequence[Framework]) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of each file of the book."""
    for section in book.sections:
        written = page(book, section, frameworks)
        yield section.path, written.text.encode()
        yield from written.pictures.items()
        for picture in images.pictures(section):
            path = images.locate(book.config, section.folder, picture.address)
            if not images.problem_of_file(book.config, path):
                yield path, read_bytes(book.config.file(path))
    for file in book.bibliography.files if book.bibliography.used else ():
        yield file.relative_to(book.config.root).as_posix(), read_bytes(file)
    for path, text in project_files(book, frameworks):
        yield path, text.encode()

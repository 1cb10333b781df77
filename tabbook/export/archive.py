"""Pack the committed notebooks into a ZIP archive, for readers without a network.

The same notebooks give the same bytes: entries are sorted, and have the book's date.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tabbook.base.config import Framework
from tabbook.base.errors import NothingToExportError
from tabbook.base.files import read_bytes, write_bytes
from tabbook.base.folders import output_folder
from tabbook.base.reproducible import fixed_date, zip_date
from tabbook.base.translations import texts
from tabbook.notebooks import downloads, store
from tabbook.notebooks.compile import compile_section, notebook_path
from tabbook.source.book import Book

LICENSES = ("LICENSE", "LICENSE-CODE")
"""Files that are packed too, where the book has them."""


def make(book: Book, framework: Framework) -> Path:
    """Pack the notebooks of one framework.

    :returns: ``_build/zip/BOOK-FRAMEWORK.zip``.
    :raises BookError: as of :func:`pack`.
    """
    name = f"{book.config.name}-{framework.name}.zip"
    return pack(book, [framework], output_folder.claim(book.config) / "zip" / name)


def make_all(book: Book) -> Path:
    """Pack the notebooks of all frameworks.

    :returns: ``_build/zip/BOOK.zip``.
    :raises BookError: as of :func:`pack`.
    """
    file = output_folder.claim(book.config) / "zip" / f"{book.config.name}.zip"
    return pack(book, book.config.frameworks, file)


def pack(book: Book, frameworks: Sequence[Framework], file: Path) -> Path:
    """Pack the notebooks of some frameworks.

    :raises NothingToExportError: no section has code.
    :raises BookError: outputs are stale, or the file cannot be written.
    """
    entries = dict(_entries(book, frameworks))
    if not entries:
        names = ", ".join(framework.label for framework in frameworks)
        raise NothingToExportError(f"no section has code for {names}")
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
        fixed_date(book.config.root),
    ):
        for name, content in sorted(entries.items()):
            entry = zipfile.ZipInfo(f"{file.stem}/{name}", zip_date())
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    write_bytes(file, stream.getvalue())
    return file


def _entries(
    book: Book, frameworks: Sequence[Framework]
) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of every file of the archive."""
    lines = []
    for framework in frameworks:
        versions: dict[str, str] = {}
        for section in book.sections:
            compiled = compile_section(book, section, framework)
            if compiled is None:
                continue
            cells = store.code_cells(compiled)
            committed = store.load_fresh(book.config, section, framework, cells)
            versions |= store.versions(committed)
            content = downloads.content(book, section, framework)
            yield notebook_path(section.name, framework.name), content
        if versions:
            listed = ", ".join(f"{name} {of}" for name, of in sorted(versions.items()))
            lines.append(f"  {framework.label}: {listed}")
    if lines:
        yield "README.txt", _readme(book, lines).encode()
        for name in LICENSES:
            if (file := book.config.file(name)).is_file():
                yield name, read_bytes(file)


def _readme(book: Book, versions: Sequence[str]) -> str:
    config = book.config
    return texts(config.language, "archive")["readme"].format(
        title=config.title, author=config.author, versions="\n".join(versions)
    )

"""The notebooks in one file, for who reads where there is no network.

The same notebooks give the same bytes: entries are sorted, and their time is fixed.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tabbook.base.config import Framework
from tabbook.base.errors import BookError
from tabbook.base.files import write_bytes
from tabbook.base.translations import texts
from tabbook.notebooks import store
from tabbook.notebooks.compile import notebook_path
from tabbook.source.book import Book

TIME = (1980, 1, 1, 0, 0, 0)
"""The time of every entry; a zip knows none before it."""

LICENSES = ("LICENSE", "LICENSE-CODE")
"""What goes along, where the book has it."""


def pack(book: Book, frameworks: Iterable[Framework], file: Path) -> Path:
    """Write the committed notebooks of some frameworks to a zip, at once.

    :raises BookError: there is no notebook, or the file cannot be written.
    """
    config = book.config
    frameworks = tuple(frameworks)
    entries = dict(_entries(book, frameworks))
    if not entries:
        raise BookError(f"{config.notebooks}: there is no notebook; run ./build.sh")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(entries.items()):
            entry = zipfile.ZipInfo(f"{file.stem}/{name}", TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    write_bytes(file, stream.getvalue())
    return file


def _entries(
    book: Book, frameworks: tuple[Framework, ...]
) -> Iterator[tuple[str, bytes]]:
    versions = []
    for framework in frameworks:
        ran: dict[str, str] = {}
        for section in book.sections:
            file = store.path(book.config, section, framework)
            if framework in book.frameworks_of(section) and file.is_file():
                yield notebook_path(section.name, framework.name), file.read_bytes()
                ran |= store.versions(store.read(file))
        told = ", ".join(f"{name} {version}" for name, version in sorted(ran.items()))
        if ran:
            versions.append(f"  {framework.label}: {told}")
    if versions:
        yield "README.txt", _readme(book, versions).encode()
        for name in LICENSES:
            if (book.config.root / name).is_file():
                yield name, (book.config.root / name).read_bytes()


def _readme(book: Book, versions: list[str]) -> str:
    config = book.config
    return texts(config.language, "archive")["readme"].format(
        title=config.title, author=config.author, versions="\n".join(versions)
    )

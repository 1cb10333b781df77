"""Prove that an edition with blanks shows no solution: search every file of it."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tabbook.base.errors import BookError
from tabbook.notebooks import blanks
from tabbook.source.book import Book

TAG = re.compile(r"<[^>]*>")

PACKED = frozenset({".zip", ".epub"})
"""Files that hold files."""

TEXT = frozenset({".html", ".xhtml", ".js", ".json", ".ipynb", ".txt", ".xml", ".md"})
"""Files that are read as text; others hold pictures, fonts or what TeX compressed."""


def check(book: Book, site: Path) -> None:
    """Look for the removed lines of a book in the files of a site.

    A line that also stands outside of solutions says nothing, so it is not looked for.

    :raises BookError: a file holds such a line.
    """
    secrets = _secrets(book)
    for file in sorted(site.rglob("*")):
        if file.is_file():
            for name, text in _texts(file.name, file.read_bytes()):
                squeezed = blanks.squeezed(text)
                for line, place in secrets.items():
                    if line in squeezed:
                        shown = file.relative_to(site)
                        where = f"{shown} ({name})" if name != file.name else shown
                        raise BookError(
                            f"{place}: the edition would show a solution: {where} "
                            f"has the line {line!r}; take it out of the text, or out "
                            "of the outputs"
                        )


def _secrets(book: Book) -> dict[str, str]:
    """Return the removed lines, squeezed, each with the section that it is from."""
    removed: dict[str, str] = {}
    public: list[str] = []
    for section in book.sections:
        for cell in section.cells.cells:
            blanked = blanks.blank(cell.source) if cell.cell_type == "code" else None
            for line in blanked.removed if blanked else ():
                if blanks.telling(line):
                    removed.setdefault(blanks.squeezed(line), section.path)
            public.append(blanks.squeezed(blanked.source if blanked else cell.source))
    text = "\n".join(public)
    return {line: place for line, place in removed.items() if line not in text}


def _texts(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Yield name and text of a file, or of each file in an archive."""
    suffix = Path(name).suffix
    if suffix in PACKED:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for inner in archive.namelist():
                yield from _texts(inner, archive.read(inner))
    elif suffix in TEXT:
        text = content.decode("utf-8", "replace")
        yield name, text
        if suffix in (".html", ".xhtml"):
            yield name, html.unescape(TAG.sub("", text))
        if suffix == ".ipynb":
            yield name, "".join(_strings(json.loads(text)))


def _strings(value: object) -> Iterator[str]:
    """Yield every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)

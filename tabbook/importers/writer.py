"""Write sections with their pictures into a book, and list them in its contents."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from pathlib import Path

from tabbook.base.errors import BookError
from tabbook.base.files import (
    disk_errors,
    read_bytes,
    read_text,
    write_bytes,
    write_text,
)
from tabbook.source.book import Book
from tabbook.source.cells.dialect import lines
from tabbook.source.structure.toc import TOC


def write(
    book: Book, sections: Mapping[str, str], files: Mapping[str, bytes], *, force: bool
) -> list[str]:
    """Write sections and files; return the paths of what changed.

    :param sections: texts by the names of sections.
    :param files: content by path, relative to the book's folder.
    :param force: replace files that exist.
    :raises BookError: a file exists with another content; nothing is written then.
    """
    root = book.config.root
    texts = {f"{name}.md": text.encode() for name, text in sections.items()}
    everything = {**texts, **files}
    if not force:
        _refuse(root, everything)
    written = [
        path
        for path, content in everything.items()
        if write_bytes(root / path, content)
    ]
    for name in sections:
        written += _list(book, name)
    return list(dict.fromkeys(written))


def _refuse(root: Path, files: Mapping[str, bytes]) -> None:
    """Refuse to replace files that exist with another content."""
    present = []
    for path, content in files.items():
        with disk_errors(root / path):
            if (root / path).exists() and read_bytes(root / path) != content:
                present.append(path)
    if present:
        raise BookError(
            f"{present[0]}: exists already"
            + (f", with {len(present) - 1} more" if len(present) > 1 else "")
            + "; nothing was written: name another folder with --to or another section "
            "with --as, or replace what exists with --force"
        )


def _list(book: Book, name: str) -> list[str]:
    """List a section in its chapter, and the chapter in the book's contents.

    :returns: the paths of the pages that were changed or written.
    """
    root, index = book.config.root, book.config.index
    folder = posixpath.dirname(name)
    chapter = posixpath.join(folder, "index") if folder else index
    if name == chapter:
        return _add(root, index, chapter) if chapter != index else []
    written = []
    if not (root / f"{chapter}.md").is_file():
        title = posixpath.basename(folder).removeprefix("chapter_")
        title = title.replace("_", " ").replace("-", " ").capitalize()
        write_text(
            root / f"{chapter}.md", f"# {title}\n\n```toc\n:maxdepth: 2\n\n```\n"
        )
        written.append(f"{chapter}.md")
    written += _add(root, chapter, name)
    if chapter != index and book.section(chapter) not in map(book.section, book.listed):
        written += _add(root, index, chapter)
    return written


def _add(root: Path, page: str, name: str) -> list[str]:
    """Add a section to the last table of contents of a page."""
    file = root / f"{page}.md"
    entry = posixpath.relpath(name, posixpath.dirname(page) or ".")
    text = read_text(file)
    read = list(lines(text))
    inside = [line for line in read if line.inside and line.fence == TOC]
    if any(line.text.strip() in (entry, f"/{name}") for line in inside):
        return []
    if not inside:
        addition = f"\n```{TOC}\n:maxdepth: 2\n\n{entry}\n```\n"
        write_text(file, text.rstrip("\n") + "\n" + addition)
        return [file.relative_to(root).as_posix()]
    last = inside[-1].number - 1
    rows = text.split("\n")
    write_text(file, "\n".join([*rows[:last], entry, *rows[last:]]))
    return [file.relative_to(root).as_posix()]

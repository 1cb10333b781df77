"""The folder of build products: a mark makes it the engine's, and only that is deleted.

The mark is the file by which backup programs recognise a cache (https://bford.info/
cachedir), with a line that names the engine. In a folder without it, nothing is
written and nothing deleted; in one with it, files that the engine did not write stay.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from tabbook.base.config import Config
from tabbook.base.errors import BookError
from tabbook.base.files import CACHE_TAG, disk_errors, write_text
from tabbook.base.folders.mirror import remove_mirror

MARK = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# Build products of tabbook; `clean` deletes what it wrote here.\n"
)
"""Content of the file that marks the folder."""

MIRRORED = ("html", "html-*", "site", "site-*")
"""Folders that users may add files to, such as a CNAME; what was written is listed."""

LISTS = (".html.json", ".html-*.json", ".site.json", ".site-*.json")
"""Lists of the files written to the folders above, see ``mirror``."""

WHOLE = (
    *("sphinx", "sphinx-*", "tmp", "compiled", "colab", "verify", "seconds.json"),
    *("slides", "pdf", "epub", "zip"),
)
"""Files and folders that the engine alone writes to."""

EDITIONS = "edition-*"
"""Folders of the products of editions, each like the whole."""

EVIDENCE = ("seconds.json", "sphinx*/record.json", "sphinx*/doctrees")
"""What a folder of products has that was made before there was a mark."""


def claim(config: Config) -> Path:
    """Mark the folder of build products as the engine's, before it is written to.

    Whatever writes a product asks here where to, not the configuration.

    :returns: where this configuration's products go.
    :raises BookError: it holds files that are not the engine's, or is not writable.
    """
    folder = config.products
    if _is_marked(folder):
        return config.output
    strangers = sorted(path.name for path in _entries(folder) if _holds_files(path))
    if strangers and not _was_made_before_marks(folder):
        raise BookError(
            f"{folder}: holds files that are not build products, such as "
            f"{strangers[0]!r}; name a new or empty folder in config.ini's [build] "
            "output_dir, or move the files away"
        )
    write_text(folder / CACHE_TAG, MARK)
    return config.output


def clean(config: Config) -> list[Path]:
    """Delete the engine's files in the folder of build products.

    :returns: the files and folders that stay, since the engine did not make them.
    :raises BookError: the folder is not the engine's, or something cannot be deleted.
    """
    folder = config.products
    if not folder.exists():
        return []
    claim(config)
    with disk_errors(folder):
        _clean(folder)
        left = _entries(folder)
        if not left:
            (folder / CACHE_TAG).unlink(missing_ok=True)
            if not folder.is_symlink():
                folder.rmdir()
    return left


def _clean(folder: Path) -> None:
    for path in _matching(folder, MIRRORED):
        remove_mirror(path)
    for path in _matching(folder, WHOLE):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    for path in _matching(folder, (EDITIONS,)):
        _clean(path)
        with contextlib.suppress(OSError):
            path.rmdir()


def _matching(folder: Path, patterns: Iterable[str]) -> Iterator[Path]:
    for pattern in patterns:
        yield from sorted(folder.glob(pattern))


def _entries(folder: Path) -> list[Path]:
    """Return the entries of a folder, without the mark.

    :raises BookError: it is a file.
    """
    with disk_errors(folder):
        if not folder.exists():
            return []
        return [path for path in sorted(folder.iterdir()) if path.name != CACHE_TAG]


def _holds_files(path: Path) -> bool:
    return not path.is_dir() or any(not inner.is_dir() for inner in path.rglob("*"))


def _is_marked(folder: Path) -> bool:
    try:
        return (folder / CACHE_TAG).read_text(encoding="utf-8") == MARK
    except (OSError, ValueError):
        return False


def _was_made_before_marks(folder: Path) -> bool:
    known = set(_matching(folder, (*MIRRORED, *LISTS, *WHOLE, EDITIONS)))
    evidence = list(_matching(folder, EVIDENCE))
    return bool(evidence) and known == set(_entries(folder))

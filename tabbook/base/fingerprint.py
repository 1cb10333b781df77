"""Digests of the engine's own code, by which results of an older engine are stale."""

from __future__ import annotations

import functools
import hashlib

from tabbook.base.paths import PACKAGE, REPOSITORY

RUNNING = ("base", "source", "environments", "notebooks", "execution")
"""Folders of the engine that decide what running a notebook gives."""

PAGES = ("base", "source", "environments", "notebooks", "sphinxext")
"""Folders of the engine that decide what a page looks like."""

SUFFIXES = frozenset({".py", ".toml", ".html", ".css", ".js"})
"""Files that count: code, translations, templates, styles and scripts."""


@functools.cache
def engine_digest(*folders: str) -> str:
    """Return the SHA-256 digest of the engine's code and its pinned requirements.

    The digest is computed once per process: it belongs to the code that was imported.

    :param folders: folders of the package, such as ``RUNNING``; none for all of it.
    """
    roots = [PACKAGE / folder for folder in folders] or [PACKAGE]
    files = [
        file
        for root in roots
        for file in sorted(root.rglob("*"))
        if file.suffix in SUFFIXES
    ]
    files += (REPOSITORY / "environments").glob("book.txt")
    digest = hashlib.sha256()
    for file in files:
        name = file.relative_to(REPOSITORY).as_posix()
        digest.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()

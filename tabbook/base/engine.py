"""The engine itself: where it lies and installs, and digests of its code.

Results of an engine with another digest are stale.
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
"""The folder of the package ``tabbook``."""

REPOSITORY = PACKAGE.parent
"""The engine's repository in a checkout; elsewhere the folder of installed packages."""

IN_CHECKOUT = (REPOSITORY / "build.sh").is_file()
"""Whether the engine runs from its repository, with the pins of its environment."""

RUNNING = ("base", "source", "environments", "notebooks", "execution")
"""Folders of the engine that decide what running a notebook gives."""

PAGES = ("base", "source", "environments", "notebooks", "sphinxext")
"""Folders of the engine that decide what a page looks like."""

SUFFIXES = frozenset({".py", ".toml", ".html", ".css", ".js"})
"""Files that count: code, translations, templates, styles and scripts."""


def engine_folder() -> Path:
    """Return the folder of the engine's own environments and downloads.

    ``.venvs/`` in a checkout; elsewhere a folder of the user's cache, since everything
    in it can be installed again. ``TABBOOK_HOME`` names another.
    """
    if chosen := os.environ.get("TABBOOK_HOME"):
        return Path(chosen).expanduser().resolve()
    return REPOSITORY / ".venvs" if IN_CHECKOUT else user_cache() / "tabbook"


def user_cache() -> Path:
    """Return the user's folder for caches, by the rules of the operating system."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


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

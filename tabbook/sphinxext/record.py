"""What the last good build was made of, to know without Sphinx that nothing changed."""

from __future__ import annotations

import functools
import importlib.metadata
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tabbook.base.config import FILE_NAME, Config
from tabbook.base.files import state, write_text
from tabbook.base.fingerprint import PAGES, engine_digest
from tabbook.notebooks import store, verified
from tabbook.source.book import Book

PACKAGES = (
    "d2lbook", "docutils", "furo", "markdown-it-py", "myst-nb", "myst-parser",
    "nbformat", "pygments", "sphinx",
)  # fmt: skip
"""Distributions that decide on how a page looks."""


@dataclass(frozen=True)
class Record:
    """The state of every file a build reads and writes."""

    config: Config
    book: Book
    file: Path
    """Where the record of the last good build is kept."""
    mode: str
    """How the pages are made; another way makes other pages."""

    def holds(self, folder: Path) -> bool:
        """Return whether nothing changed since the pages in ``folder`` were made."""
        try:
            old = json.loads(self.file.read_text(encoding="utf-8"))
            names = [Path(name) for name in old["inputs"]]
        except (OSError, ValueError, KeyError, TypeError):
            return False
        return bool(old == self._now(folder, names))

    def write(self, folder: Path, used: Iterable[Path], began: int) -> None:
        """Record what the pages in ``folder`` were made of.

        What was saved while they were made may not be on them: there is no record then.

        :param used: the files that were read besides those the book itself names.
        :param began: when the first of them may have been read, in nanoseconds.
        """
        now = self._now(folder, used)
        saved = any(one and one[1] >= began for one in now["inputs"].values())
        root = self.config.root
        if saved or any(one.saved_since(root) for one in self.book.sections):
            self.file.unlink(missing_ok=True)
            return
        write_text(self.file, json.dumps(now, indent=0))

    def _now(self, folder: Path, used: Iterable[Path]) -> dict[str, Any]:
        files = sorted({*used, *self._known()})
        pages = sorted(path for path in folder.rglob("*") if path.is_file())
        return {
            "mode": self.mode,
            "engine": engine_digest(*PAGES),
            "packages": {name: _version(name) for name in PACKAGES},
            "inputs": {str(path): state(path) for path in files},
            "pages": {str(path): state(path) for path in pages},
        }

    def _known(self) -> Iterable[Path]:
        config = self.config
        yield config.root / FILE_NAME
        yield config.notebooks / verified.FILE
        yield from [config.terms] if config.terms else []
        for name in (config.logo, config.favicon, *config.styles):
            if name:
                yield config.root / name
        for section in self.book.sections:
            yield config.root / section.path
            for framework in config.frameworks:
                yield store.path(config, section, framework)
        for framework in config.frameworks:
            yield framework.environment
            yield from [framework.colab] if framework.colab else []


@functools.cache
def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""

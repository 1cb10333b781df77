"""What nbval passed: a committed record beside the notebooks.

A stamp holds for the code, the outputs and the versions that were verified. What ran
again since has none until it is verified.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tabbook.notebooks import store
from tabbook.source.book import Book
from tabbook.source.section import Section
from tabbook.notebooks.compile import notebook_path
from tabbook.base.config import Config, Framework
from tabbook.base.files import write_text
from tabbook.notebooks.setup_cell import SETUP_CELL_ID
from tabbook.base.errors import BookError

FILE = "verified.json"
"""The record, in the folder of the notebooks."""


@dataclass(frozen=True)
class Stamp:
    """One notebook that was run again with equal outputs."""

    cells: int
    """Cells that ran."""
    seconds: float
    """Wall time of the run that verified it."""
    versions: Mapping[str, str]
    """Versions that ran, of Python and of the framework's packages."""


def note(
    config: Config, passed: Mapping[str, tuple[int, float]], failed: Iterable[str]
) -> bool:
    """Write down what was verified; keep what was not looked at.

    A notebook that was verified before keeps its entry, so that nothing changes.

    :param passed: cells and seconds by ``compile.notebook_path``.
    :param failed: paths of what did not pass.
    :returns: whether the record changed.
    :raises BookError: it cannot be written.
    """
    record = _record(config)
    for path, (cells, seconds) in passed.items():
        digest = _digest(_read(config.notebooks / path))
        if record.get(path, {}).get("digest") != digest:
            entry = {"cells": cells, "digest": digest, "seconds": round(seconds, 1)}
            record[path] = entry
    for path in failed:
        record.pop(path, None)
    kept = {
        path: record[path] for path in sorted(record) if _read(config.notebooks / path)
    }
    text = json.dumps(kept, indent=1, sort_keys=True) + "\n"
    return write_text(config.notebooks / FILE, text, scratch=config.output / "tmp")


def load(book: Book) -> dict[tuple[str, str], Stamp]:
    """Return the stamps that hold, by the names of section and framework.

    :raises BookError: the record is no JSON.
    """
    record = _record(book.config)
    found = {}
    for section in book.sections:
        for framework in book.frameworks_of(section) if record else ():
            if stamp := _stamp(book.config, record, section, framework):
                found[section.name, framework.name] = stamp
    return found


def _stamp(
    config: Config, record: dict[str, Any], section: Section, framework: Framework
) -> Stamp | None:
    path = notebook_path(section.name, framework.name)
    entry = record.get(path, {})
    file: Path = config.notebooks / path
    try:
        found = file.stat()
    except OSError:
        return None
    digest, versions = _facts(file, found.st_size, found.st_mtime_ns)
    if not digest or entry.get("digest") != digest:
        return None
    return Stamp(entry["cells"], entry["seconds"], versions)


@functools.lru_cache(maxsize=4096)
def _facts(file: Path, size: int, changed: int) -> tuple[str, dict[str, str]]:
    """Return a notebook's digest and versions, found out once while it is the same."""
    notebook = _read(file)
    return _digest(notebook) if notebook else "", store.versions(notebook)


def _record(config: Config) -> dict[str, Any]:
    file = config.notebooks / FILE
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError) as error:
        raise BookError(
            f"{file}: cannot be read as JSON ({error}); take it back with git, or "
            "delete it and run ./build.sh verify"
        ) from error


def _read(file: Path) -> dict[str, Any]:
    """Return a notebook as plain JSON; empty where there is none."""
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}  # what is wrong with it is said where it is used


def _digest(notebook: dict[str, Any]) -> str:
    code = [
        [cell["source"], cell["outputs"]]
        for cell in notebook.get("cells", ())
        if cell["cell_type"] == "code" and cell.get("id") != SETUP_CELL_ID
    ]
    text = json.dumps([code, store.versions(notebook)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()

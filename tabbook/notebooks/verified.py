"""Verification records: which committed notebooks gave equal outputs when run again.

The records are committed with the notebooks. One holds as long as the notebook has the
code, the outputs and the versions that were verified.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tabbook.base.config import Config, Framework
from tabbook.base.errors import BookError
from tabbook.base.files import json_digest, read_bytes, state, write_text
from tabbook.base.folders import output_folder
from tabbook.base.program import command_line
from tabbook.notebooks import store
from tabbook.notebooks.paths import notebook_path
from tabbook.notebooks.setup_cell import SETUP_CELL_ID
from tabbook.source.book import Book
from tabbook.source.section import Section

FILE = "verified.json"
"""The file of the records, in the folder of the notebooks."""


@dataclass(frozen=True)
class VerificationRecord:
    """One notebook that gave equal outputs when it was run again."""

    cells: int
    """Number of cells that ran."""
    seconds: float
    """Wall time of the run that verified it."""
    versions: Mapping[str, str]
    """Versions of Python and of the framework's packages that verified it."""
    unchecked: int = 0
    """Number of cells whose outputs a comment for nbval kept from being compared."""


DIGEST = "digest"
"""Key of the digest of an entry's other values and of its notebook."""

KEYS = {field.name for field in dataclasses.fields(VerificationRecord)} | {DIGEST}
"""Keys of an entry; with others it is not a record."""


def update(
    config: Config, passed: Mapping[str, VerificationRecord], failed: Iterable[str]
) -> bool:
    """Record what was verified; keep the records of other notebooks.

    A notebook that was verified before keeps its record, so that verifying twice does
    not change the file.

    :param passed: what was verified, by ``paths.notebook_path``.
    :param failed: paths of the notebooks that did not pass.
    :returns: whether the file changed.
    :raises BookError: the file cannot be written.
    """
    entries = _entries(config)
    for path, record in passed.items():
        digest = _digest(_read(config.notebooks / path))
        if not _holds(entries.get(path), digest):
            entries[path] = _entry(record, digest)
    for path in failed:
        entries.pop(path, None)
    existing = {
        path: entries[path]
        for path in sorted(entries)
        if _read(config.notebooks / path)
    }
    text = json.dumps(existing, indent=1, sort_keys=True) + "\n"
    scratch = output_folder.claim(config) / "tmp"
    return write_text(config.notebooks / FILE, text, scratch=scratch)


def _entry(record: VerificationRecord, digest: str) -> dict[str, Any]:
    """Return the entry of a record.

    :param digest: digest of the notebook.
    """
    fields = {
        "cells": record.cells,
        "seconds": round(record.seconds, 1),
        "unchecked": record.unchecked,
        "versions": dict(sorted(record.versions.items())),  # as the file has them
    }
    return {**fields, DIGEST: json_digest(digest, sorted(fields.items()))}


def _holds(entry: object, digest: str) -> bool:
    """Return whether an entry is one that was written for a notebook.

    :param digest: digest of the notebook, as it is now.
    """
    if not isinstance(entry, dict) or entry.keys() != KEYS:
        return False
    fields = {key: value for key, value in entry.items() if key != DIGEST}
    return bool(entry[DIGEST] == json_digest(digest, sorted(fields.items())))


def load(book: Book) -> dict[tuple[str, str], VerificationRecord]:
    """Return the records that hold, by the names of section and framework.

    :raises BookError: the file is not JSON.
    """
    entries = _entries(book.config)
    records = {}
    for section in book.sections:
        for framework in book.frameworks_of(section) if entries else ():
            if record := _record(book.config, entries, section, framework):
                records[section.name, framework.name] = record
    return records


def seconds(config: Config) -> dict[str, float]:
    """Return the seconds of each record, also of those that no longer hold.

    :returns: by ``paths.notebook_path``; empty if the file cannot be read.
    """
    try:
        entries = _entries(config)
    except BookError:
        return {}
    return {
        path: float(entry["seconds"])
        for path, entry in entries.items()
        if isinstance(entry, dict) and isinstance(entry.get("seconds"), int | float)
    }


def _record(
    config: Config, entries: dict[str, Any], section: Section, framework: Framework
) -> VerificationRecord | None:
    """Return a notebook's record; None if it has none or has changed since."""
    path = notebook_path(section.name, framework.name)
    entry = entries.get(path, {})
    file = config.notebooks / path
    current = state(file)
    if current is None:
        return None
    digest = _current_digest(file, *current)
    if not digest or not _holds(entry, digest):
        return None
    fields = {key: value for key, value in entry.items() if key != DIGEST}
    return VerificationRecord(**fields)


@functools.lru_cache(maxsize=4096)
def _current_digest(file: Path, size: int, changed: int) -> str:
    """Return a notebook's digest, cached until the file changes."""
    notebook = _read(file)
    with contextlib.suppress(AttributeError, KeyError, TypeError):
        return _digest(notebook) if notebook else ""
    return ""  # whoever uses the notebook reports what is wrong with it


def _entries(config: Config) -> dict[str, Any]:
    file = config.notebooks / FILE
    try:
        return dict(json.loads(read_bytes(file)))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, RecursionError) as error:
        line = f":{error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise BookError(
            f"{file}{line}: cannot be read as JSON ({error}); restore it with git, or "
            f"delete it and run {command_line('verify')}"
        ) from error


def _read(file: Path) -> dict[str, Any]:
    """Return a notebook as plain JSON; empty if it cannot be read."""
    try:
        return dict(json.loads(read_bytes(file)))
    except (OSError, ValueError, TypeError, RecursionError):
        return {}  # whoever uses the notebook reports what is wrong with it


def _digest(notebook: dict[str, Any]) -> str:
    """Return the digest of a notebook's code, outputs and versions."""
    code = [
        [cell["source"], cell["outputs"]]
        for cell in notebook.get("cells", ())
        if cell["cell_type"] == "code" and cell.get("id") != SETUP_CELL_ID
    ]
    text = json.dumps([code, store.versions(notebook)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()

"""Verification records: which committed notebooks gave equal outputs when run again.

The records are committed with the notebooks. One holds as long as the notebook has the
code, the outputs and the versions that were verified.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tabbook.base.config import Config, Framework
from tabbook.base.errors import BookError
from tabbook.base.files import json_digest, read_bytes, state
from tabbook.notebooks import store, verified_file
from tabbook.notebooks.paths import notebook_path
from tabbook.notebooks.setup_cell import SETUP_CELL_ID
from tabbook.source.book import Book
from tabbook.source.section import Section


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
    """Record verified notebooks; keep the records of others.

    A notebook that was verified before keeps its record, so that verifying twice does
    not change the file.

    :param passed: the verified notebooks, by ``paths.notebook_path``.
    :param failed: paths of the notebooks that did not pass.
    :returns: whether the file changed.
    :raises BookError: the file cannot be written.
    """
    if config.origin:
        return False  # its records are those of the origin
    entries = {
        path: _chosen(branches, config.notebooks / path)
        for path, branches in verified_file.read(config).items()
        if (config.notebooks / path).is_file()
    }
    for path, record in passed.items():
        digest = _digest(config.notebooks / path)
        if digest and not _holds(entries.get(path), digest):
            entries[path] = _entry(record, digest)
    for path in failed:
        entries.pop(path, None)
    return verified_file.write(config, entries)


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


def _chosen(branches: Sequence[Any], file: Path) -> Any:
    """Return the entry to keep, of those that branches wrote for a notebook."""
    if len(branches) == 1:
        return branches[0]
    return _holding(branches, _digest(file)) or branches[-1]


def _holding(entries: Sequence[Any], digest: str) -> dict[str, Any] | None:
    """Return the entry that holds, of those that branches wrote for a notebook."""
    return next((entry for entry in entries if _holds(entry, digest)), None)


def load(book: Book) -> dict[tuple[str, str], VerificationRecord]:
    """Return the records that hold, by the names of section and framework.

    :raises BookError: the file is not JSON.
    """
    entries = verified_file.read(book.config)
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
        entries = verified_file.read(config)
    except BookError:
        return {}
    return {
        path: float(entry["seconds"])
        for path, branches in entries.items()
        for entry in branches
        if isinstance(entry, dict) and isinstance(entry.get("seconds"), int | float)
    }


def _record(
    config: Config,
    entries: verified_file.Entries,
    section: Section,
    framework: Framework,
) -> VerificationRecord | None:
    """Return a notebook's record; None if it has none or has changed since."""
    path = notebook_path(section.name, framework.name)
    file = config.notebooks / path
    current = state(file)
    if current is None:
        return None
    digest = _current_digest(file, *current)
    entry = _holding(entries.get(path, ()), digest)
    if not digest or not entry:
        return None
    fields = {key: value for key, value in entry.items() if key != DIGEST}
    return VerificationRecord(**fields)


@functools.lru_cache(maxsize=4096)
def _current_digest(file: Path, size: int, changed: int) -> str:
    """Return a notebook's digest, cached until the file changes."""
    return _digest(file)


def _digest(file: Path) -> str:
    """Return the digest of a notebook's code, outputs and versions.

    :returns: nothing if it is no notebook; whoever uses it reports what is wrong.
    """
    try:
        notebook = dict(json.loads(read_bytes(file)))
        code = [
            [cell["source"], cell["outputs"]]
            for cell in notebook.get("cells", ())
            if cell["cell_type"] == "code" and cell.get("id") != SETUP_CELL_ID
        ]
        text = json.dumps([code, store.versions(notebook)], sort_keys=True)
    except (
        OSError,
        ValueError,
        AttributeError,
        LookupError,
        TypeError,
        RecursionError,
    ):
        return ""
    return hashlib.sha256(text.encode()).hexdigest()

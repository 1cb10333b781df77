"""Read the file of a notebook, whoever wrote it."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tabbook.base.errors import BookError
from tabbook.base.files import json_line, read_text

METADATA = "tabbook"
"""The metadata that holds a result's key and the versions that made it."""


class BrokenNotebookError(BookError):
    """A file that is not a notebook: not JSON, or not in the notebooks' format."""

    def __init__(self, place: str, reason: str, advice: str) -> None:
        """Name the file and line, the reason and the remedy."""
        self.reason = reason
        super().__init__(f"{place}: is not a notebook ({reason}); {advice}")


def read(
    file: Path, advice: str = "restore it with git, or delete it and build again"
) -> NotebookNode | None:
    """Return the notebook in a file, or None where there is no file.

    :param advice: remedy where the file is not a notebook.
    :raises BrokenNotebookError: the file is not a notebook.
    :raises BookError: the file cannot be read.
    """
    try:
        content = read_text(file)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BookError(f"{file}: cannot be read: {error.strerror}") from error
    try:
        return parse(content)
    except ValueError as error:
        place = f"{file}{json_line(content)}"
        raise BrokenNotebookError(place, str(error), advice) from error


def parse(content: str) -> NotebookNode:
    """Return the notebook that a text is.

    :raises ValueError: it is not one; the message is a line of at most 200 characters.
    """
    try:
        # As nbformat.reads, which only warns of an invalid notebook.
        notebook = nbformat.convert(nbformat.reader.reads(content), 4)
        nbformat.validate(notebook)
        _require_record(notebook.metadata.get(METADATA, {}))
    except Exception as error:  # nbformat raises whatever the broken file causes
        reason = str(error).splitlines()[0] if str(error) else repr(error)
        raise ValueError(f"{reason:.200}") from error
    return notebook


def _require_record(stored: object) -> None:
    """Refuse metadata that no run has written.

    :raises TypeError: a value in it has another type.
    """
    stored = stored if isinstance(stored, dict) else {"key": None}
    versions: object = stored.get("versions", {})
    texts = [stored.get("key", "")]
    texts += versions.values() if isinstance(versions, dict) else [versions]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError(f"metadata.{METADATA} has values of other types")

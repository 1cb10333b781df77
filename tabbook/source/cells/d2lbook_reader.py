"""The only module that imports d2lbook; the reader of the dialect builds on it.

Importing d2lbook takes twice as long as it needs to: half of the time goes to modules
that its reader never calls. Most of the time of reading goes to nbformat, which
validates each new cell against a JSON schema. Both are avoided here. Notebooks are
still validated as a whole when they are written and when they are read.

Private parts of dependencies that are used, and why:

- ``d2lbook.slides._match_slide_marks`` and ``_generate_slides``: d2lbook's public
  functions for slides read and write whole folders; only these work on a text and on
  a notebook.
- ``nbformat.v4.nbbase.validate``: replaced by a function that skips validation in
  threads that are within ``unchecked``; nbformat has no option for it.
- ``d2lbook.library``'s names ``isort`` and ``open``: isort takes what lies in the
  working directory for the book's own packages and sorts it apart, and ``open`` has
  the encoding of the user's locale. Code must not depend on either.
"""

from __future__ import annotations

import functools
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from nbformat.v4 import nbbase

from tabbook.base.errors import BookError
from tabbook.base.stub_imports import stub_imports

__all__ = [
    "UnreadableError",
    "common",
    "generate_slides",
    "library",
    "match_slide_marks",
    "notebook",
    "unchecked",
]

UNUSED = ("nbconvert", "notedown.contentsmanager", "notedown.main", "yapf")
"""Modules that d2lbook imports and its reader never calls."""

with warnings.catch_warnings(), stub_imports(*UNUSED):
    # Seven of d2lbook's modules contain invalid escape sequences.
    warnings.simplefilter("ignore", SyntaxWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    from d2lbook import common, library, notebook, slides

match_slide_marks = slides._match_slide_marks
generate_slides = slides._generate_slides

ISORT = library.isort


def _import_order(**options: Any) -> Any:
    """Return isort's settings with no folder in which to look for own packages."""
    return ISORT.settings.Config(**options, src_paths=(), directory=os.sep)


library.isort = SimpleNamespace(
    code=ISORT.code,
    settings=SimpleNamespace(**{**vars(ISORT.settings), "Config": _import_order}),
)
library.open = functools.partial(open, encoding="utf-8")

_VALIDATE = nbbase.validate
_THREAD = threading.local()


class UnreadableError(BookError):
    """A source that d2lbook fails on."""

    def __init__(
        self, line: int, reason: str, *, name: str = "unreadable-source"
    ) -> None:
        """Store the line of the source, 0 if it is not known, and the reason.

        :param name: the name of lint's problem.
        """
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.line = line
        self.reason = reason
        self.name = name


@contextmanager
def unchecked() -> Iterator[None]:
    """Create cells and notebooks in this thread without validating each of them."""
    before = getattr(_THREAD, "unchecked", False)
    _THREAD.unchecked = True
    try:
        yield
    finally:
        _THREAD.unchecked = before


def _validate(node: object, ref: str | None = None) -> None:
    if not getattr(_THREAD, "unchecked", False):
        _VALIDATE(node, ref)


nbbase.validate = _validate

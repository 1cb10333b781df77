"""d2lbook's modules, without the two things that make them slow.

Only this module imports d2lbook, and only ``dialect`` calls it.

Half of the time of their import goes to modules that no reader calls, and most of the
time of reading to nbformat, which checks each cell that is made against a schema. A
notebook is checked as a whole where it is written and where it is read.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from nbformat.v4 import nbbase

from tabbook.base.standin import without

__all__ = ["common", "library", "notebook", "slides", "unchecked"]

UNUSED = ("nbconvert", "notedown.contentsmanager", "notedown.main", "yapf")
"""What d2lbook imports and its reader never calls."""

CHECK = nbbase.validate

with warnings.catch_warnings(), without(*UNUSED):
    # Seven of d2lbook's modules carry invalid escapes.
    warnings.simplefilter("ignore", SyntaxWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    from d2lbook import common, library, notebook, slides


@contextmanager
def unchecked() -> Iterator[None]:
    """Have nbformat make cells and notebooks without a check of each."""
    nbbase.validate = _pass
    try:
        yield
    finally:
        nbbase.validate = CHECK


def _pass(node: object, ref: str | None = None) -> None:
    """Take a node as it is."""

"""Import modules in a fork server and capture the output.

This module runs in fork servers and uses only the standard library.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

SHOWN = 200
"""Bytes of captured output that are kept."""


class CurrentStream:
    """Stands in for ``sys.stdout`` or ``sys.stderr`` while modules are imported.

    It forwards to the stream of the moment of use. So a logging handler that was bound
    during an import writes to the kernel's stream later, as in a fresh kernel.
    """

    def __init__(self, name: str) -> None:
        """Stand in for the stream of this name."""
        self._name = name
        self._original = getattr(sys, name)

    def close(self) -> None:
        """Do nothing: absl closes streams that are not ``sys.stderr`` itself."""

    def __getattr__(self, attribute: str) -> Any:
        """Return an attribute of the current stream."""
        current = getattr(sys, self._name)
        return getattr(self._original if current is self else current, attribute)


def import_modules(modules: Sequence[str], *, may_print: bool = False) -> str:
    """Import modules.

    :param may_print: ignore the output of the imports.
    :returns: why processes with these imports would differ from fresh ones: an import
        failed or printed something; empty if neither.
    """
    with _captured() as output:
        for name in modules:
            try:
                # As in a cell: warnings are shown if their cause is in __main__.
                exec(f"import {name}", {"__name__": "__main__"})
            except BaseException as error:
                return f"importing {name} there raised {error!r}"
    if output[0] and not may_print:
        return f"importing it prints {output[0]!r}, which belongs below a cell"
    return ""


@contextmanager
def _captured() -> Iterator[list[str]]:
    """Capture standard output and error, also what C code writes to them.

    :returns: a list with the beginning of the text, once the block has ended.
    """
    output = [""]
    streams = {name: getattr(sys, name) for name in ("stdout", "stderr")}
    capture, originals = os.memfd_create("output"), [os.dup(1), os.dup(2)]
    for name in streams:
        setattr(sys, name, CurrentStream(name))
    for number in (1, 2):
        os.dup2(capture, number)
    try:
        yield output
    finally:
        ctypes.CDLL(None).fflush(None)
        for name, stream in streams.items():
            stream.flush()
            setattr(sys, name, stream)
        for number, descriptor in enumerate(originals, 1):
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.lseek(capture, 0, os.SEEK_SET)
        output[0] = os.read(capture, SHOWN).decode(errors="replace")
        os.close(capture)

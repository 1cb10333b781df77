"""Aliases of config.ini in code, replaced by d2lbook's own functions."""

from __future__ import annotations

import functools
import re

from nbformat import NotebookNode

from tabbook.base.config import Library
from tabbook.source.cells.d2lbook_reader import UnreadableError, library

PREFIX = "d2l."
"""Prefix of every alias whose call is replaced."""


def replaced(notebook: NotebookNode, aliased: Library) -> NotebookNode:
    """Return a framework's notebook with its aliases expanded.

    :raises UnreadableError: d2lbook fails on a cell.
    """
    try:
        return _replaced(notebook, aliased)
    except Exception:
        for cell in notebook.cells:
            if failure := failure_of(cell, aliased):
                raise failure from failure.__cause__
        raise


def failure_of(cell: NotebookNode, aliased: Library) -> UnreadableError | None:
    """Return the error of d2lbook about the aliases in a cell; None for none.

    :param cell: as ``dialect.read`` gives it, with its line.
    """
    if not any(call in cell.source for call in _calls(aliased)):
        return None
    try:
        _replaced(NotebookNode(cells=[cell]), aliased)
    except Exception as error:  # of ast, of astor, or an assertion
        failure = UnreadableError(cell.metadata.line, _advice(error))
        failure.__cause__ = error
        return failure
    return None


@functools.cache
def _calls(aliased: Library) -> tuple[str, ...]:
    """Return the beginnings of the calls for which d2lbook parses a cell."""
    fluent = re.split(r"[,\n]", aliased.fluent_alias)
    names = [term.partition("->")[0].strip() for term in fluent]
    names += [line.partition("(")[0].strip() for line in aliased.args_alias.split("\n")]
    return tuple(PREFIX + name for name in names if name)


def _replaced(notebook: NotebookNode, aliased: Library) -> NotebookNode:
    result: NotebookNode = library.replace_alias(notebook, aliased.settings())
    return result


def _advice(error: Exception) -> str:
    """Return d2lbook's error and the remedy."""
    if isinstance(error, SyntaxError):
        text = (error.text or "").strip()
        return (
            "d2lbook replaces the aliases of config.ini in Python alone, and cannot "
            f"read {text!r} in this cell; write that line in a cell without `d2l.`"
        )
    return (
        f"d2lbook cannot replace an alias of config.ini in this cell: {error!r}; call "
        "it with the arguments that its alias names"
    )

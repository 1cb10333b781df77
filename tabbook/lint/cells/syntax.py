"""Check that the code of every framework is Python."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from typing import Any

from nbformat import NotebookNode

from tabbook.base.config import Framework
from tabbook.base.errors import BookError
from tabbook.lint.finding import Finding
from tabbook.source.book import Book
from tabbook.source.cells import aliases, dialect
from tabbook.source.cells.d2lbook_reader import UnreadableError
from tabbook.source.cells.expected_error import expected_error, unread_mark
from tabbook.source.section import Section

SYNTAX_ERRORS = frozenset({"SyntaxError", "IndentationError", "TabError"})
"""Errors that a cell which does not parse may be meant to raise."""

PYTHON_MAGICS = frozenset({"%%time", "%%timeit", "%%capture", "%%prun"})
"""Cell magics that are followed by Python."""


def python(book: Book, section: Section) -> Iterator[Finding]:
    """Find code that does not parse, in the form each framework's notebook has."""
    try:
        cells = section.cells.cells
    except BookError:  # reported as unreadable
        return
    default = book.config.default.name
    for cell in cells:
        if cell.cell_type != "code" or dialect.LOAD in cell.source:
            continue
        tabs = dialect.tabs(cell, default)
        findings: dict[Finding, list[str]] = {}
        for framework in book.config.frameworks:
            if tabs == [dialect.ALL] or framework.name in tabs:
                for finding in _cell(cell, framework, default):
                    findings.setdefault(finding, []).append(framework.label)
        for (line, name, message), labels in findings.items():
            yield Finding(line, name, f"{', '.join(labels)}: {message}")


def _cell(cell: NotebookNode, framework: Framework, default: str) -> Iterator[Finding]:
    try:
        numbered = dialect.code_lines(cell, framework.name, default)
    except UnreadableError as error:
        yield Finding(cell.metadata.line, "unreadable-source", error.reason)
        return
    source = "\n".join(text for _, text in numbered)
    expected = expected_error(source)
    failure = _syntax_error(source) and _syntax_error(_without_magics(source))
    if (unread := unread_mark(source)) is not None:
        number, text = numbered[unread]
        message = (
            f"{text.strip()!r} is not read: write `# raises: NAME`, with the name of "
            "one exception, above the code of its cell"
        )
        yield Finding(number, "unread-raises-mark", message)
    if failure and expected not in SYNTAX_ERRORS:
        at, reason = failure
        number, text = numbered[min(max(at, 1), len(numbered)) - 1]
        yield Finding(number, "invalid-python", f"{reason}: {text.strip()!r}")
    elif framework.library:
        own = NotebookNode({**cell, "source": source})
        if unreplaced := aliases.failure_of(own, framework.library):
            yield Finding(unreplaced.line, "unreadable-alias", unreplaced.reason)


def _syntax_error(source: str) -> tuple[int, str] | None:
    """Return line and reason where the code does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes are not reported
            ast.parse(source)
    except SyntaxError as error:
        return error.lineno or 1, error.msg
    except (ValueError, RecursionError, MemoryError) as error:
        return 1, str(error)
    return None


def _without_magics(source: str) -> str:
    """Return the code as the kernel gets it from IPython, line for line."""
    from IPython.core import inputtransformer2

    lines = source.split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        if lines[first].split()[0] not in PYTHON_MAGICS:
            return ""
        lines[first] = ""
    kept = [line + "\n" for line in lines]
    ipython: Any = inputtransformer2
    try:
        transformed = ipython.TransformerManager().do_token_transforms(kept)
    except Exception:  # IPython fails on code that is not Python
        transformed = kept
    return "".join(transformed)

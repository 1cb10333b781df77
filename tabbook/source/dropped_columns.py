"""Leave out the columns of tables that are about dropped frameworks.

Such a column has the framework's label as its header. Lines keep their numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tabbook.source.cells import dialect
from tabbook.source.cells.d2lbook_reader import UnreadableError
from tabbook.source.markdown.tables import cells
from tabbook.source.prose import Prose, prose

AROUND = " \t*_`"
"""Characters around a label that do not belong to it."""

CONTAINER = re.compile(r"(?:[ \t]|>|[-*+][ \t]|\d+[.)][ \t])*")
"""The beginning of a row in a quotation or a list."""


@dataclass(frozen=True)
class _Table:
    rows: tuple[int, ...]
    """Lines of the source, counted from 0, with that of the dashes."""
    dropped: frozenset[int]
    """The columns that disappear."""
    is_empty: bool
    """Whether no column is left."""


def without_columns(text: str, labels: frozenset[str]) -> str:
    """Return a source without the columns whose headers are given labels.

    What d2lbook's reader cannot read stays as it is, for lint.
    """
    if not any(label in text for label in labels) or "|" not in text:
        return text
    lines = [line.text for line in dialect.lines(text)]
    try:
        texts = [*prose(dialect.read(text).cells, len(lines))]
    except UnreadableError:
        return text
    for table in (table for text_cell in texts for table in _tables(text_cell, labels)):
        for row in table.rows:
            lines[row] = "" if table.is_empty else _without(lines[row], table.dropped)
    return "\n".join([*lines, ""])


def _tables(text: Prose, labels: frozenset[str]) -> Iterator[_Table]:
    """Yield the tables of a text that have dropped columns."""
    headers: list[str] = []
    rows: list[int] = []
    for token, following in zip(text.tokens, [*text.tokens[1:], None], strict=True):
        if token.type == "table_open":
            headers, rows = [], []
        elif token.type == "th_open" and following:
            headers.append(following.content.strip(AROUND))
        elif token.type == "tr_open":
            rows.append(text.line_of(token) - 1)
        elif token.type == "table_close":
            dropped = {at for at, header in enumerate(headers) if header in labels}
            if dropped:
                with_dashes = (rows[0], rows[0] + 1, *rows[1:])
                is_empty = len(dropped) == len(headers)
                yield _Table(with_dashes, frozenset(dropped), is_empty)


def _without(line: str, dropped: frozenset[int]) -> str:
    """Return a row without cells; its beginning stays."""
    begin = CONTAINER.match(line)
    start = begin.end() if begin else 0
    row = line[start:]
    kept = [row[left:right] for left, right in _kept(row, dropped)]
    return f"{line[:start]}| {' | '.join(kept)} |"


def _kept(row: str, dropped: frozenset[int]) -> Iterator[tuple[int, int]]:
    for at, place in enumerate(cells(row)):
        if at not in dropped:
            yield place

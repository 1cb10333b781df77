"""Read as d2lbook does what means nothing in a book: front matter, tabs without a list.

Pandoc, which d2lbook calls, leaves out the metadata for other programs at the top of a
page. A book whose config.ini lists no tabs is for one framework, which has the cells
and the texts of every tab. Both become blank lines or plain ones, so that the numbers
of all lines stay.
"""

from __future__ import annotations

from collections.abc import Iterator

from tabbook.source.cells import dialect, foreign
from tabbook.source.cells.expressions import TAB_LINE, TAB_MARK

EVERY_TAB = f"%%tab {dialect.ALL}"


def without_front_matter(text: str) -> str:
    """Return a source with blank lines in place of front matter for other programs."""
    _, height = foreign.front_matter(text)
    if not height:
        return text
    return "\n" * height + "".join(text.splitlines(keepends=True)[height:])


def without_tabs(text: str) -> str:
    """Return a source with the text and the code of each tab for all of them."""
    if not any(mark in text for mark in (":begin_tab:", "%%tab", "@tab")):
        return text
    lines = [line.text for line in dialect.lines(text)]
    for number, _ in tabs_of(text):
        code = TAB_LINE.match(lines[number - 1])
        lines[number - 1] = EVERY_TAB if code else ""
    return "\n".join([*lines, ""])


def tabs_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of each tab line and each mark of a tab's text."""
    for line in dialect.lines(text):
        pattern = TAB_LINE if line.code else TAB_MARK
        match = pattern.match(line.text)
        named = match and (not line.code or match["tabs"].strip() != dialect.ALL)
        if named and (line.code or not line.inside):
            yield line.number, line.text.strip()

"""The text form of HTML, for files that show none: lines, and tables in columns."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from rich.cells import cell_len

from tabbook.sphinxext.mime.html import clean, names

HIDDEN = names("style script template title audio video iframe")
BLOCKS = names(
    "p div h1 h2 h3 h4 h5 h6 ul ol dl dt dd section article summary details table "
    "blockquote figure figcaption caption pre hr form address main header footer"
)
"""Tags that begin and end a line."""
SOURCES = frozenset({"iframe", "video", "audio", "source"})
"""Tags that are replaced by their address."""

Row = list[str]


def text_of(html: str) -> str:
    """Return the visible text of HTML, with lines and columns kept."""
    reader = _Reader()
    reader.feed(clean(html).text)  # well-formed, which html.parser needs
    reader.close()
    return reader.result()


class _Reader(HTMLParser):
    """Collects lines; the cells of a table until its end."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = [""]
        self.rows: list[Row] | None = None
        self.spans: dict[int, int] = {}
        """Columns that a cell of an earlier row covers, and for how many rows."""
        self.cell: list[str] | None = None
        self.width, self.height = 1, 1
        self.hidden = 0
        self.verbatim = 0

    def result(self) -> str:
        """Return the lines read, with at most one empty line in a row."""
        lines = (line.rstrip() for line in self.lines)
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin lines, rows and cells; add the alternative text of an image."""
        given = {name: value or "" for name, value in attrs}
        self.hidden += tag in HIDDEN
        self.verbatim += tag == "pre"
        if tag in BLOCKS and self.cell is None:
            self._new_line()
        if tag == "table" and self.rows is None:
            self.rows, self.spans = [], {}
        elif tag == "tr" and self.rows is not None:
            self.rows.append([])
        elif tag in ("td", "th") and self.rows is not None:
            self._begin_cell(given)
        elif tag == "br":
            self._new_line() if self.cell is None else self._add(" ")
        elif tag == "li":
            self._new_line()
            self._add("- ")
        elif tag == "img":
            self._add(given.get("alt", ""))
        elif tag in SOURCES and not given.get("src", "data:").startswith("data:"):
            self._add(given["src"])

    def handle_endtag(self, tag: str) -> None:
        """End lines, cells and tables."""
        if tag in HIDDEN:
            self.hidden = max(self.hidden - 1, 0)
        if tag == "pre":
            self.verbatim = max(self.verbatim - 1, 0)
        if tag in ("td", "th") and self.cell is not None:
            self._end_cell()
        elif tag == "table" and self.rows is not None:
            self.lines += _columns(self.rows)
            self.rows = None
            self.lines.append("")
        elif tag in BLOCKS and self.cell is None:
            self._new_line()

    def handle_data(self, data: str) -> None:
        """Add text that readers see, with the spaces that they see."""
        if self.hidden or (self.rows is not None and self.cell is None):
            if self.rows is not None and not self.hidden and data.strip():
                self._add(data.strip())  # a caption
            return
        if self.verbatim and self.cell is None:
            first, *others = data.split("\n")
            self._add(first)
            self.lines += others
            return
        self._add(re.sub(r"\s+", " ", data))

    def _add(self, text: str) -> None:
        if self.cell is not None:
            self.cell.append(text)
        elif self.lines[-1]:
            self.lines[-1] += text
        else:
            self.lines[-1] = text if self.verbatim else text.lstrip()

    def _new_line(self) -> None:
        if self.lines[-1]:
            self.lines.append("")

    def _begin_cell(self, given: dict[str, str]) -> None:
        if self.cell is not None:
            self._end_cell()
        self.cell = []
        self.width = _number(given.get("colspan", ""))
        self.height = _number(given.get("rowspan", ""))

    def _end_cell(self) -> None:
        row = self._row()
        self._skip_covered(row)
        text = " ".join("".join(self.cell or ()).split())
        for column in range(len(row), len(row) + self.width):
            row.append(text)
            text = ""
            if self.height > 1:
                self.spans[column] = self.height - 1
        self.cell = None

    def _row(self) -> Row:
        if not self.rows:
            self.rows = [[]]
        return self.rows[-1]

    def _skip_covered(self, row: Row) -> None:
        """Leave out the columns that a cell of an earlier row covers."""
        while self.spans.get(len(row), 0):
            self.spans[len(row)] -= 1
            row.append("")


def _number(text: str) -> int:
    return min(int(text), 1000) if text.isdigit() and int(text) else 1


def _columns(rows: list[Row]) -> list[str]:
    """Return the lines of a table, every column as wide as its longest cell."""
    count = max(map(len, rows), default=0)
    filled = [row + [""] * (count - len(row)) for row in rows if row]
    widths = [max(map(cell_len, column)) for column in zip(*filled, strict=True)]
    return [
        "  ".join(
            cell + " " * (width - cell_len(cell))
            for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in filled
    ]

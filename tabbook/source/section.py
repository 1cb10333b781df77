"""A section: one Markdown source and everything that follows from its text."""

from __future__ import annotations

import functools
import itertools
import posixpath
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from tabbook.base.errors import BookError
from tabbook.base.files import read_text
from tabbook.source.cells import dialect, dropped_tabs, foreign
from tabbook.source.cells.d2lbook_reader import UnreadableError
from tabbook.source.cells.expressions import HEADING, LABEL
from tabbook.source.cells.slide_marks import plain
from tabbook.source.dropped_columns import without_columns
from tabbook.source.prose import Prose, prose
from tabbook.source.rst import RST
from tabbook.source.structure.toc import Toc, tocs

RST_UNDERLINE = re.compile(r"([=\-~*#^])\1+")
"""The line below a heading in reStructuredText."""

SOLUTIONS = "-solutions"
"""Ending of the name of a source with the solutions of a section's exercises."""


@dataclass(frozen=True)
class Section:
    """One Markdown source."""

    name: str
    """Path without ``.md``, relative to the root, such as ``chapter/section``."""
    text: str
    """The content of the file, as the edition that is built has it."""
    dropped: frozenset[str] = frozenset()
    """Tabs whose cells and texts are left out, see ``Config.dropped``."""
    dropped_columns: frozenset[str] = frozenset()
    """Headers of table columns that are left out."""
    saved: str | None = None
    """The content of the file itself; None if it is ``text``."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the source only; the process that reads it may have parsed it."""
        fields = (self.name, self.text, self.dropped, self.dropped_columns, self.saved)
        return shared_section, fields

    @property
    def path(self) -> str:
        """Return the file's path, relative to the root."""
        return self.name + ".md"

    @property
    def folder(self) -> str:
        """Return the folder of the section, relative to the root."""
        return posixpath.dirname(self.name)

    @property
    def solves(self) -> str:
        """Return the name of the section whose exercises it solves; empty for none."""
        return (
            self.name.removesuffix(SOLUTIONS) if self.name.endswith(SOLUTIONS) else ""
        )

    @property
    def written(self) -> str:
        """Return the content of the file itself."""
        return self.text if self.saved is None else self.saved

    def saved_since(self, root: Path) -> bool:
        """Return whether the file was changed or removed since it was read."""
        try:
            return read_text(root / self.path) != self.written
        except (OSError, BookError):
            return True

    @cached_property
    def cells(self) -> NotebookNode:
        """Return one notebook with the cells of every tab that is not dropped.

        :raises BookError: d2lbook's reader fails on the source.
        """
        try:
            foreign.refuse_page(self.text)
            notebook = dialect.read(self._kept)
        except UnreadableError as error:
            raise self.refused(error) from error
        return dropped_tabs.without_cells(notebook, self.dropped)

    def refused(self, error: UnreadableError) -> BookError:
        """Return the error with the place in this section that d2lbook fails on."""
        place = f"{self.path}:{error.line}" if error.line else self.path
        return BookError(f"{place}: {error.reason}")

    @cached_property
    def is_readable(self) -> bool:
        """Return whether d2lbook's reader reads the source; lint reports the reason."""
        try:
            _ = self.cells
        except BookError:
            return False
        return True

    @cached_property
    def shown(self) -> str:
        """Return the text with blank lines in place of parts of dropped tabs only."""
        return dropped_tabs.blanked(self._kept, self.dropped)

    @cached_property
    def _kept(self) -> str:
        """Return the text without the columns that are left out."""
        return without_columns(self.text, self.dropped_columns)

    @cached_property
    def prose(self) -> tuple[Prose, ...]:
        """Return the texts of the Markdown cells as tokens.

        If d2lbook's reader fails on the source, which lint reports, the whole source is
        one text.
        """
        try:
            cells = self.cells.cells
        except BookError:
            cells = [dialect.whole(self.text)]
        return tuple(prose(cells, len(self.lines)))

    @cached_property
    def lines(self) -> list[dialect.Line]:
        """Return the lines of ``shown``, each with the fence it is in."""
        return list(dialect.lines(self.shown))

    @cached_property
    def source_lines(self) -> list[dialect.Line]:
        """Return the lines of the file, those of dropped tabs included."""
        return list(dialect.lines(self.text)) if self.dropped else self.lines

    @cached_property
    def has_code(self) -> bool:
        """Return whether any cell runs in any framework."""
        return bool(self.code_tabs)

    @cached_property
    def code_tabs(self) -> tuple[tuple[str, ...], ...]:
        """Return the tabs of each cell that runs; empty for a cell without tabs."""
        return tuple(dialect.code_tabs(self.lines))

    @cached_property
    def text_tabs(self) -> frozenset[str]:
        """Return the tabs that have text of their own."""
        return frozenset(dialect.text_tabs(self.lines))

    @cached_property
    def named_tabs(self) -> frozenset[str]:
        """Return the tabs that its cells and texts name; ``all`` is no name."""
        return self.text_tabs.union(*self.code_tabs) - {dialect.ALL}

    @cached_property
    def uses_tabs(self) -> bool:
        """Return whether any cell or text says which tabs it belongs to."""
        return bool(self.text_tabs) or any(self.code_tabs)

    def runs_in(self, tab: str, default: str) -> bool:
        """Return whether a framework has code in this section.

        A framework other than the default gets no notebook from ``%%tab all`` alone:
        a cell or a text has to name it.
        """
        own = any(tab in tabs for tabs in self.code_tabs)
        if own or tab == default or tab in self.text_tabs:
            shared = ((dialect.ALL,), *([()] if tab == default else []))
            return own or any(tabs in shared for tabs in self.code_tabs)
        return False

    @cached_property
    def title(self) -> str:
        """Return the first heading without marks, or else the file's name."""
        for line in self.lines:
            if not line.inside and (match := HEADING.match(line.text)):
                return plain(LABEL.sub("", match["text"]))
        return self.rst_title or posixpath.basename(self.name)

    @cached_property
    def rst_title(self) -> str:
        """Return the first heading in reStructuredText; empty if there is none.

        d2lbook's books give their page of references one.
        """
        rst = [line.text.strip() for line in self.lines if line.fence == RST]
        for text, below in itertools.pairwise(rst):
            if text and len(below) >= len(text) and RST_UNDERLINE.fullmatch(below):
                return text
        return ""

    @cached_property
    def headings(self) -> tuple[tuple[int, int], ...]:
        """Return line and level of each heading outside of tabs, lists and quotes."""
        return tuple(
            (text.line_of(token), int(token.tag[1:]))
            for text in self.prose
            for token in text.tokens
            if token.type == "heading_open" and not token.level and not text.tabs
        )

    @cached_property
    def tocs(self) -> tuple[Toc, ...]:
        """Return its tables of contents."""
        return tocs(self.lines, self.folder)


def resolve(folder: str, target: str) -> str:
    """Return a path relative to the root, from one relative to ``folder``."""
    return posixpath.normpath(posixpath.join(folder, target))


@functools.lru_cache(maxsize=4096)
def shared_section(
    name: str,
    text: str,
    dropped: frozenset[str],
    dropped_columns: frozenset[str],
    saved: str | None,
) -> Section:
    """Return the same object for the same source, so that it is parsed only once."""
    return Section(name, text, dropped, dropped_columns, saved)

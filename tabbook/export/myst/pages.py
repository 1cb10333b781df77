"""Write the page of a section: cells that run, or tab sets with committed outputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from nbformat import NotebookNode

from tabbook.base.config import Framework
from tabbook.base.errors import BookError
from tabbook.export.myst.outputs import Outputs
from tabbook.export.myst.text import myst_text
from tabbook.notebooks import store
from tabbook.notebooks.compile import compile_section
from tabbook.source.book import Book
from tabbook.source.cells.expected_error import expected_error
from tabbook.source.cells.fence import fenced
from tabbook.source.cells.hidden import MARK_LINE
from tabbook.source.section import Section

TAGS = {
    "#@hide": "remove-cell",
    "#@hide_all": "remove-cell",
    "#@hide_code": "remove-input",
    "#@hide_output": "remove-output",
    "#@fold": "hide-cell",
    "#@fold_code": "hide-input",
    "#@fold_output": "hide-output",
}
"""The tag of MyST's programs that has the meaning of a mark."""

HEAD = """---
jupytext:
  text_representation:
    format_name: myst
kernelspec:
  name: python3
  display_name: Python 3
  language: python
---
"""
"""The top of a page whose cells run."""


class MystPage(NamedTuple):
    """A page and the pictures that its outputs show."""

    text: str
    pictures: dict[str, bytes]
    """Content by path, relative to the folder of the export."""


def page(book: Book, section: Section, frameworks: Sequence[Framework]) -> MystPage:
    """Return the page of a section for some frameworks.

    :raises BookError: d2lbook cannot read the section.
    """
    own = [each for each in book.frameworks_of(section) if each in frameworks]
    if len(frameworks) == 1:
        return MystPage(_running(book, section, frameworks[0]), {})
    tabbed = _TabbedPage(book, section, tuple(own or frameworks))
    return MystPage(tabbed.text(), tabbed.pictures)


def _running(book: Book, section: Section, framework: Framework) -> str:
    """Return the page of one framework, whose cells run."""
    selected = book.notebook_of(section, framework)
    if selected is None:
        cells: Iterable[NotebookNode] = (
            cell for cell in section.cells.cells if cell.cell_type == "markdown"
        )
        head = ""
    else:
        cells, head = selected.cells, HEAD
    prose = {text.cell: text for text in section.prose}
    parts = []
    for position, cell in enumerate(cells):
        at = cell.metadata.get("origin_pos", position)
        if cell.cell_type == "code" and cell.source.strip():
            parts.append(_cell(cell.source))
        elif at in prose and _shown_in(prose[at].tabs, framework):
            parts.append(myst_text(book, section, prose[at], set()))
    return head + "\n\n".join(filter(None, parts)) + "\n"


def _shown_in(tabs: tuple[str, ...], framework: Framework) -> bool:
    return not tabs or framework.name in tabs


def _cell(source: str) -> str:
    """Return a cell that runs, with tags in place of marks."""
    code, tags = _without_marks(source)
    if expected_error(code):
        tags.append("raises-exception")
    options = f":tags: [{', '.join(tags)}]\n\n" if tags else ""
    return fenced(options + code, "{code-cell} ipython3")


def _without_marks(source: str) -> tuple[str, list[str]]:
    """Return code without the lines that hide or fold it, and their tags."""
    marks = (match[0].strip().lower() for match in MARK_LINE.finditer(source))
    tags = [TAGS[mark] for mark in marks if mark in TAGS]
    return MARK_LINE.sub("", source).strip("\n"), tags


@dataclass
class _TabbedPage:
    """The page of a section with the tabs of several frameworks."""

    book: Book
    section: Section
    frameworks: tuple[Framework, ...]
    pictures: dict[str, bytes] = field(default_factory=dict)

    def text(self) -> str:
        """Return the page."""
        parts: list[str] = []
        group: list[Mapping[str, str]] = []
        for cell in self._cells():
            if len(cell) == len(self.frameworks) and len(set(cell.values())) == 1:
                parts += [self._tab_set(group), next(iter(cell.values()))]
                group = []
            elif cell:
                group.append(cell)
        parts.append(self._tab_set(group))
        return "\n\n".join(filter(None, parts)) + "\n"

    def _cells(self) -> Iterator[Mapping[str, str]]:
        """Yield the text of each cell, by the names of its frameworks."""
        prose = {text.cell: text for text in self.section.prose}
        code = {each.name: self._code(each) for each in self.frameworks}
        written: set[str] = set()
        for position, cell in enumerate(self.section.cells.cells):
            if cell.cell_type == "code":
                yield {
                    name: shown[position]
                    for name, shown in code.items()
                    if position in shown
                }
            elif position in prose:
                text = myst_text(self.book, self.section, prose[position], written)
                tabs = prose[position].tabs
                yield {
                    each.name: text
                    for each in self.frameworks
                    if text and _shown_in(tabs, each)
                }

    def _code(self, framework: Framework) -> dict[int, str]:
        """Return code and outputs of a framework's cells by their positions."""
        selected = self.book.notebook_of(self.section, framework)
        cells = [
            cell
            for cell in (selected.cells if selected else ())
            if cell.cell_type == "code" and cell.source.strip()
        ]
        outputs = Outputs(self.section.name, framework.name, self.pictures)
        stored = self._stored(framework)
        shown = {}
        for number, cell in enumerate(cells):
            code, tags = _without_marks(cell.source)
            parts = []
            if not {"remove-input", "remove-cell"} & set(tags):
                parts.append(fenced(code, "python"))
            if number < len(stored) and not {"remove-output", "remove-cell"} & set(
                tags
            ):
                parts += outputs.of_cell(stored[number], number)
            shown[cell.metadata.origin_pos] = "\n\n".join(parts)
        return shown

    def _stored(self, framework: Framework) -> list[NotebookNode]:
        """Return the committed cells with their outputs; none where they are stale."""
        compiled = compile_section(self.book, self.section, framework)
        if compiled is None:
            return []
        cells = store.code_cells(compiled)
        try:
            config = self.book.config
            fresh = store.load_fresh(config, self.section, framework, cells)
        except BookError:
            return []
        return store.code_cells(fresh)

    def _tab_set(self, group: Sequence[Mapping[str, str]]) -> str:
        """Return the tab set of neighbouring cells."""
        items = []
        for framework in self.frameworks:
            parts = [cell[framework.name] for cell in group if cell.get(framework.name)]
            if parts:
                head = f"{{tab-item}} {framework.label}"
                body = f":sync: {framework.name}\n\n" + "\n\n".join(parts)
                items.append(fenced(body, head))
        return fenced("\n\n".join(items), "{tab-set}") if items else ""

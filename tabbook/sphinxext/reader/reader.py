"""Convert a section to the notebook that MyST-NB renders, with tabs and outputs.

MyST-NB's custom formats are called with the text of a file, without its name, but the
notebook depends on the section. The handler of Sphinx's event ``source-read`` receives
the name, so it replaces the source by the notebook as JSON; the custom format, which
MyST-NB imports by its dotted name, only parses that JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from types import FunctionType

import nbformat
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

from tabbook.base.config import FILE_NAME, Framework
from tabbook.base.errors import BookError
from tabbook.source import dialect
from tabbook.source.book import Book
from tabbook.source.section import Section
from tabbook.sphinxext.modes import FOLDER, Draft, Folder, Mode, Served
from tabbook.sphinxext.reader import drafts, plots
from tabbook.sphinxext.reader.marks import (
    GENERATORS,
    Block,
    Marks,
    fenced,
    strip_slide_marks,
)
from tabbook.sphinxext.reader.outputs import PageOutputs, report
from tabbook.sphinxext.settings import BEGIN, book_of
from tabbook.sphinxext.transforms.solutions import FOLDED
from tabbook.sphinxext.transforms.tabs import TABS, TabText

INCLUDED = "tabbook_included"
"""Page metadata: content of other sections that the page included when it was read."""

NOTEBOOK = {"nbformat": 4, "nbformat_minor": 4}
"""Version of the notebook format."""
METADATA = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
"""Language of the code, by which it is coloured."""


def setup(app: Sphinx) -> None:
    """Register the reader with the settings that every feature shares."""
    app.add_config_value("tabbook_book", None, "", FunctionType)
    app.add_config_value("tabbook_engine", "", "env", str)
    app.add_config_value("tabbook_framework", "", "env", str)
    app.add_config_value("tabbook_frameworks", [], "env", list)
    app.add_config_value("tabbook_without_outputs", False, "env", bool)
    app.add_config_value("tabbook_mode", FOLDER, "", (Folder, Served, Draft))
    app.connect("builder-inited", _start)


def _start(app: Sphinx) -> None:
    book, only = book_of(app), app.config.tabbook_framework
    reader = Reader(
        book,
        frameworks=tuple(
            framework
            for framework in book.config.frameworks
            if only in ("", framework.name)
        ),
        without_outputs=app.config.tabbook_without_outputs,
        mode=app.config.tabbook_mode,
    )
    app.connect("env-get-outdated", reader.outdated)
    app.connect("source-read", note_config)
    app.connect("source-read", reader.read)


class Reader:
    """Reads the sections of one book for Sphinx."""

    def __init__(
        self,
        book: Book,
        *,
        frameworks: tuple[Framework, ...],
        without_outputs: bool,
        mode: Mode,
    ) -> None:
        """Configure the reader.

        :param frameworks: the frameworks whose tabs the pages show.
        :param without_outputs: show code only.
        """
        self.book = book
        self.frameworks = frameworks
        self.outputs = PageOutputs(book, without_outputs, mode)

    def outdated(
        self, app: Sphinx, env: BuildEnvironment, *changes: set[str]
    ) -> list[str]:
        """Return the pages whose content from other sections has changed."""
        return [
            name
            for name in sorted(env.found_docs & env.all_docs.keys())
            if (before := json.loads(env.metadata[name].get(INCLUDED, "{}")))
            and (section := self.book.section(name))
            and before
            != self._included(
                section, before.get("labels", ()), before.get("generated", ())
            )
        ]

    def read(self, app: Sphinx, docname: str, source: list[str]) -> None:
        """Replace a section's text by the notebook that MyST-NB renders.

        :raises ExtensionError: the section cannot be read.
        """
        try:
            source[0] = self._notebook(app.env, docname)
        except BookError as error:
            raise ExtensionError(str(error)) from error

    def _notebook(self, env: BuildEnvironment, docname: str) -> str:
        section = self.book.section(docname)
        if section is None:
            raise BookError(f"{docname}: config.ini's [build] notebooks leaves it out")
        marks = Marks(self.book, self.frameworks)
        cells = list(self._cells(env, section, marks))
        if solutions := self.book.solutions_of(section):
            env.metadata[docname][FOLDED] = solutions.name
            env.note_dependency(str(self.book.config.root / solutions.path))
            for line, cell in self._cells(env, solutions, marks):
                cells.append((BEGIN + line, cell))
        env.metadata[docname][INCLUDED] = json.dumps(
            self._included(section, marks.referenced, marks.generated)
        )
        # Lines here count from 1; MyST-NB and MyST each add 1 to those of source_map.
        lines = [line - 2 for line, _ in cells]
        metadata = METADATA | {"source_map": lines}
        return json.dumps(
            {"metadata": metadata, **NOTEBOOK, "cells": [cell for _, cell in cells]}
        )

    def _included(
        self, section: Section, names: Iterable[str], fences: Iterable[str]
    ) -> dict[str, object]:
        """Return the content of other sections that a page includes.

        :param names: names of the labels that the page refers to.
        :param fences: names of its fences that are replaced by generated Markdown.
        """
        labels = self.book.labels
        solutions = self.book.solutions_of(section)
        return {
            "labels": {
                name: [labels[name].section, labels[name].text]
                for name in sorted(names)
                if name in labels
            },
            "solutions": solutions.name if solutions else "",
            "failed": self._failures(section, solutions),
            "generated": {
                name: GENERATORS[name](self.book, self.frameworks)
                for name in sorted(fences)
            },
        }

    def _failures(self, *sections: Section | None) -> list[list[object]]:
        """Return the failed executions of sections as JSON, sorted by framework."""
        names = [section.name for section in sections if section]
        return [
            [name, *astuple(failed)]
            for (name, _), failed in sorted(self.outputs.failures.items())
            if name in names
        ]

    def _cells(
        self, env: BuildEnvironment, section: Section, marks: Marks
    ) -> Iterator[tuple[int, NotebookNode]]:
        """Yield each cell of the page with its line in the source."""
        code = self._code(env, section) if section.has_code else {}
        for position, cell in enumerate(section.cells.cells):
            if cell.cell_type == "code":
                for framework, code_cell in code.get(position, ()):
                    yield cell.metadata.line, self._annotated(code_cell, framework)
                continue
            text, problem = strip_slide_marks(cell.source)
            if problem:
                report(section, cell.metadata.line, "unbalanced-slide-mark", problem)
            tabs = cell.metadata.get("tab", [])
            in_tab = bool(tabs) and dialect.ALL not in tabs
            if in_tab and not any(each.name in tabs for each in self.frameworks):
                continue
            blocks = marks.blocks(text, cell.metadata.line)
            if in_tab and self._has_tabs:
                blocks = [_tab_text(tabs, blocks)] if blocks else []
            for block in blocks:
                yield block.line, _cell("markdown", block.text)
        for line, name in marks.pop_unresolved():
            report(
                section, line, "unresolved-reference",
                f"there is no label {name!r}; mark the heading, figure, table or "
                f"equation with :label:`{name}`",
            )  # fmt: skip

    @property
    def _has_tabs(self) -> bool:
        return len(self.frameworks) > 1

    def _annotated(self, cell: NotebookNode, framework: Framework) -> NotebookNode:
        """Add the tab of a code cell and the alternative text of its images."""
        if self._has_tabs:
            cell.metadata[TABS] = [framework.name]
        if alternative := plots.alternative_text(cell, self.book.config.language):
            cell.metadata["mystnb"] = {"image": {"alt": alternative}}
        return cell

    def _code(
        self, env: BuildEnvironment, section: Section
    ) -> dict[int, list[tuple[Framework, NotebookNode]]]:
        """Return the code cells by their position in the section's cells."""
        by_position: dict[int, list[tuple[Framework, NotebookNode]]] = {}
        for framework in self.book.frameworks_of(section):
            if framework not in self.frameworks:
                continue
            notebook = self.book.notebook_of(section, framework)
            cells = [
                cell
                for cell in (notebook.cells if notebook else [])
                if cell.cell_type == "code" and cell.source
            ]
            selected = self.outputs.select(env, section, framework, cells)
            for cell in cells:
                outputs, state = next(selected, ([], ""))
                line = cell.metadata.line
                shown = self.outputs.shown(section, line, framework, outputs)
                code_cell = _cell("code", cell.source, outputs=shown)
                code_cell.metadata = {drafts.STATE: state} if state else {}
                position = by_position.setdefault(cell.metadata.origin_pos, [])
                position.append((framework, code_cell))
        return by_position


def note_config(app: Sphinx, docname: str, source: list[str]) -> None:
    """Make every page depend on config.ini."""
    app.env.note_dependency(str(app.srcdir / FILE_NAME), docname=docname)


def notebook(text: str) -> NotebookNode:
    """Parse the notebook that replaced a section's source; nothing is validated."""
    return nbformat.from_dict(json.loads(text))


def _cell(kind: str, source: str, **fields: object) -> NotebookNode:
    """Return a cell; nbformat's own functions would validate each, which is slow."""
    if kind == "code":
        fields["execution_count"] = None
    return NotebookNode(cell_type=kind, metadata={}, source=source, **fields)


def _tab_text(tabs: list[str], blocks: list[Block]) -> Block:
    """Return a tab's text as one directive that keeps the line of each block."""
    text, at = "", blocks[0].line
    for block in blocks:
        text += "\n" * max(block.line - at - text.count("\n"), 0) + block.text + "\n\n"
    return Block(at - 1, fenced(f"{{{TabText.name}}} {' '.join(tabs)}", text))

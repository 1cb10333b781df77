"""From a section to the notebook that MyST-NB renders, with all tabs and outputs.

MyST-NB's custom formats are called with the text of a file, without its name, but the
notebook depends on the section. Sphinx's event ``source-read`` has the name. So its
handler replaces the source by the notebook as JSON, and the custom format, which
MyST-NB imports by its dotted name, only parses it.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from logging import ERROR, WARNING
from types import FunctionType

import nbformat
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util import logging

from tabbook.base.config import FILE_NAME, Framework
from tabbook.base.errors import BookError
from tabbook.notebooks import store
from tabbook.source import dialect
from tabbook.source.book import Book
from tabbook.source.section import Section
from tabbook.sphinxext.modes import FOLDER, Draft, Folder, Mode, Served
from tabbook.sphinxext.reader import drafts, plots
from tabbook.sphinxext.reader.marks import MADE, Block, Marks, fenced, slide_free
from tabbook.sphinxext.settings import BEGIN, book_of
from tabbook.sphinxext.transforms.solutions import FOLDED
from tabbook.sphinxext.transforms.tabs import TABS, TabText

LOGGER = logging.getLogger(__name__)

SHOWN = "tabbook_shown"
"""Page metadata: content of other sections that the page showed when it was read."""

NOTEBOOK = {"nbformat": 4, "nbformat_minor": 4}
METADATA = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}


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
        """Read the code of some frameworks, with its outputs or without."""
        self.book = book
        self.frameworks = frameworks
        self.without_outputs = without_outputs
        self.mode = mode
        self.failed = mode.failed if isinstance(mode, Draft) else {}

    def outdated(
        self, app: Sphinx, env: BuildEnvironment, *changes: set[str]
    ) -> list[str]:
        """Return the pages whose content from other sections has changed."""
        return [
            name
            for name in sorted(env.found_docs & env.all_docs.keys())
            if (shown := json.loads(env.metadata[name].get(SHOWN, "{}")))
            and (section := self.book.section(name))
            and shown
            != self._shown(section, shown.get("labels", ()), shown.get("made", ()))
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
        env.metadata[docname][SHOWN] = json.dumps(
            self._shown(section, marks.used, marks.made)
        )
        # Counted from 0, and one less: MyST-NB and MyST both make it count from 1.
        lines = [line - 2 for line, _ in cells]
        made = {"metadata": METADATA | {"source_map": lines}} | NOTEBOOK
        return json.dumps(made | {"cells": [cell for _, cell in cells]})

    def _shown(
        self, section: Section, names: Iterable[str], fences: Iterable[str]
    ) -> dict[str, object]:
        """Return the content of other sections on a page.

        :param names: the labels it refers to.
        :param fences: those in whose place something of the whole book stands.
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
            "failed": self._failed_of(section, solutions),
            "made": {
                name: MADE[name](self.book, self.frameworks) for name in sorted(fences)
            },
        }

    def _failed_of(self, *sections: Section | None) -> list[list[object]]:
        """Return the failures that a page shows."""
        names = [one.name for one in sections if one]
        failed = sorted(self.failed.items())
        return [[name, *astuple(one)] for (name, _), one in failed if name in names]

    def _cells(
        self, env: BuildEnvironment, section: Section, marks: Marks
    ) -> Iterator[tuple[int, NotebookNode]]:
        """Yield each cell of the page with its line."""
        code = self._code(env, section) if section.has_code else {}
        for position, cell in enumerate(section.cells.cells):
            if cell.cell_type == "code":
                for framework, ran in code.get(position, ()):
                    yield cell.metadata.line, self._tabbed(ran, [framework.name])
                continue
            text, wrong = slide_free(cell.source)
            if wrong:
                _report(section, cell.metadata.line, "unbalanced-slide-mark", wrong)
            tabs = cell.metadata.get("tab", [])
            own = bool(tabs) and dialect.ALL not in tabs
            if own and not any(one.name in tabs for one in self.frameworks):
                continue
            blocks = marks.blocks(text, cell.metadata.line)
            if own and self._several:
                blocks = [_tab_text(tabs, blocks)] if blocks else []
            for block in blocks:
                yield block.line, _cell("markdown", block.text)
        for line, name in marks.pop_unresolved():
            _report(
                section, line, "unresolved-reference",
                f"there is no label {name!r}; mark the heading, figure, table or "
                f"equation with :label:`{name}`",
            )  # fmt: skip

    @property
    def _several(self) -> bool:
        return len(self.frameworks) > 1

    def _tabbed(self, cell: NotebookNode, tabs: list[str]) -> NotebookNode:
        if self._several:
            cell.metadata[TABS] = tabs
        if words := plots.described(cell, self.book.config.language):
            cell.metadata["mystnb"] = {"image": {"alt": words}}
        return cell

    def _code(
        self, env: BuildEnvironment, section: Section
    ) -> dict[int, list[tuple[Framework, NotebookNode]]]:
        """Return the code cells by their position in the section's cells."""
        found: dict[int, list[tuple[Framework, NotebookNode]]] = {}
        default = self.book.config.default.name
        for framework in self.book.frameworks_of(section):
            if framework not in self.frameworks:
                continue
            own = dialect.for_framework(section.cells, framework.name, default)
            cells = [
                cell
                for cell in (own.cells if own else [])
                if cell.cell_type == "code" and cell.source
            ]
            ran = self._outputs(env, section, framework, cells)
            for cell in cells:
                outputs, state = next(ran, ([], ""))
                made = _cell("code", cell.source, outputs=outputs)
                made.metadata = {drafts.STATE: state} if state else {}
                position = found.setdefault(cell.metadata.origin_pos, [])
                position.append((framework, made))
        return found

    def _outputs(
        self,
        env: BuildEnvironment,
        section: Section,
        framework: Framework,
        cells: list[NotebookNode],
    ) -> Iterator[drafts.Shown]:
        """Return the outputs of each code cell.

        Where no run of today's code is found, a preview shows what there was before;
        else that is an error which names the command to run, and stands in the place
        of every output.
        """
        if self.without_outputs:
            return iter(())
        config = self.book.config
        file = store.path(config, section, framework)
        for path in (file, framework.environment, framework.colab):
            if path:
                env.note_dependency(str(path))
        try:
            committed = store.load_fresh(config, section, framework, cells)
        except store.StaleOutputsError as error:
            if isinstance(self.mode, Draft):
                return self._draft(section, framework, cells, error.committed)
            name, message = "stale-outputs", error.message
        except BookError as error:
            name, message = "broken-notebook", str(error)
        else:
            return ((cell.outputs, "") for cell in store.code_cells(committed))
        _report(section, 0, name, message, level=ERROR)
        stream = {"output_type": "stream", "name": "stderr", "text": message}
        return itertools.repeat(([NotebookNode(stream)], ""))

    def _draft(
        self,
        section: Section,
        framework: Framework,
        cells: list[NotebookNode],
        committed: NotebookNode | None,
    ) -> Iterator[drafts.Shown]:
        """Return the outputs of each code cell that was not executed yet."""
        failed = self.failed.get((section.name, framework.name))
        today = NotebookNode(cells=cells)
        if failed and failed.key != store.key(self.book.config, framework, today):
            failed = None  # that was other code
        before = store.code_cells(committed) if committed else []
        return drafts.shown(before, store.sources(today), failed)


def note_config(app: Sphinx, docname: str, source: list[str]) -> None:
    """Make every page depend on config.ini."""
    app.env.note_dependency(str(app.srcdir / FILE_NAME), docname=docname)


def notebook(text: str) -> NotebookNode:
    """Parse the notebook in a section's source, without validation by nbformat."""
    return nbformat.from_dict(json.loads(text))


def _cell(kind: str, source: str, **more: object) -> NotebookNode:
    """Return a cell; nbformat's own functions would validate each, which is slow."""
    if kind == "code":
        more["execution_count"] = None
    return NotebookNode(cell_type=kind, metadata={}, source=source, **more)


def _tab_text(tabs: list[str], blocks: list[Block]) -> Block:
    """Return a tab's text as one directive that keeps the line of each block."""
    text, at = "", blocks[0].line
    for block in blocks:
        text += "\n" * max(block.line - at - text.count("\n"), 0) + block.text + "\n\n"
    return Block(at - 1, fenced(f"{{{TabText.name}}} {' '.join(tabs)}", text))


def _report(
    section: Section, line: int, name: str, message: str, *, level: int = WARNING
) -> None:
    """Report a problem so that it can be silenced by its name."""
    # Without a line Sphinx would take the path for a document and add a suffix.
    place = f"{section.path}:{line or 1}"
    LOGGER.log(level, "%s", message, location=place, type="tabbook", subtype=name)

"""From a section to the notebook that MyST-NB renders: all tabs, outputs attached."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from tabbook import dialect, store
from tabbook.book import Book, Section
from tabbook.compile import compile_section
from tabbook.config import FILE_NAME, Framework
from tabbook.errors import BookError
from tabbook.sphinx.groups import TABS, TabText
from tabbook.sphinx.marks import Block, Marks, fenced, slide_free

LOGGER = logging.getLogger(__name__)

LINKED = "tabbook_linked"
"""The page's metadata that says what its references showed when it was read."""

METADATA = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}


class Reader:
    """Reads the sections of one book on Sphinx's behalf."""

    def __init__(self, book: Book, *, without_outputs: bool) -> None:
        """Read from a book, with its committed outputs or without."""
        self.book = book
        self.without_outputs = without_outputs

    def outdated(
        self, app: Sphinx, env: BuildEnvironment, *changes: set[str]
    ) -> list[str]:
        """Return the pages whose references would show something else today."""
        return [
            name
            for name in sorted(env.found_docs & env.all_docs.keys())
            if (linked := json.loads(env.metadata[name].get(LINKED, "{}")))
            and linked != self._linked(linked)
        ]

    def read(self, app: Sphinx, docname: str, source: list[str]) -> None:
        """Put in place of a section's text the notebook that MyST-NB is to render.

        MyST-NB's readers are not told which file they read, and this event is.
        """
        section = self.book.section(docname)
        if section is None:  # pragma: no cover - settings() names the sections
            return
        marks = Marks(self.book)
        cells = list(self._cells(app.env, section, marks))
        app.env.metadata[docname][LINKED] = json.dumps(self._linked(marks.used))
        for line, name in marks.unresolved:
            _warn(
                section, line, "unresolved-reference",
                f"there is no label {name!r}; mark the heading, figure, table or "
                f"equation with :label:`{name}`",
            )  # fmt: skip
        made = nbformat.v4.new_notebook(cells=[cell for _, cell in cells])
        made.metadata = {**METADATA, "source_map": [line - 1 for line, _ in cells]}
        source[0] = nbformat.writes(made)

    def _linked(self, names: set[str] | dict[str, object]) -> dict[str, list[str]]:
        """Return what each label a page refers to leads to."""
        labels = self.book.labels
        return {
            name: [labels[name].section, labels[name].text]
            for name in sorted(names)
            if name in labels
        }

    def _cells(
        self, env: BuildEnvironment, section: Section, marks: Marks
    ) -> Iterator[tuple[int, NotebookNode]]:
        """Yield line and cell, in the order of the page."""
        code = self._code(env, section) if section.has_code else {}
        for position, cell in enumerate(section.cells.cells):
            if cell.cell_type == "code":
                for framework, ran in code.get(position, ()):
                    yield cell.metadata.line, self._tabbed(ran, [framework.name])
                continue
            text, wrong = slide_free(cell.source)
            if wrong:
                _warn(section, cell.metadata.line, "unbalanced-slide-mark", wrong)
            blocks = marks.blocks(text, cell.metadata.line)
            tabs = cell.metadata.get("tab", [])
            if tabs and dialect.ALL not in tabs and self._several:
                blocks = [_tab_text(tabs, blocks)] if blocks else []
            for block in blocks:
                yield block.line, nbformat.v4.new_markdown_cell(block.text)

    @property
    def _several(self) -> bool:
        return len(self.book.config.frameworks) > 1

    def _tabbed(self, cell: NotebookNode, tabs: list[str]) -> NotebookNode:
        cell.metadata = {TABS: tabs} if self._several else {}
        return cell

    def _code(
        self, env: BuildEnvironment, section: Section
    ) -> dict[int, list[tuple[Framework, NotebookNode]]]:
        """Return the code cells by their position in the section's cells."""
        found: dict[int, list[tuple[Framework, NotebookNode]]] = {}
        default = self.book.config.default.name
        for framework in self.book.frameworks_of(section):
            own = dialect.for_framework(section.cells, framework.name, default)
            ran = self._outputs(env, section, framework)
            code = [cell for cell in own.cells if cell.cell_type == "code"] if own else []
            for cell in (cell for cell in code if cell.source):
                made = nbformat.v4.new_code_cell(cell.source)
                if ran:
                    done = ran.pop(0)
                    made.outputs, made.execution_count = (
                        done.outputs,
                        done.execution_count,
                    )
                found.setdefault(cell.metadata.origin_pos, []).append((framework, made))
        return found

    def _outputs(
        self, env: BuildEnvironment, section: Section, framework: Framework
    ) -> list[NotebookNode]:
        """Return the code cells as they ran, the set-up of Colab left out.

        Nothing where there is no run of today's code; unless asked for, that is an
        error which names the command that runs it.
        """
        if self.without_outputs:
            return []
        config = self.book.config
        file = store.path(config, section, framework)
        for path in (file, framework.environment, framework.colab):
            if path:
                env.note_dependency(str(path), docname=section.name)
        compiled = compile_section(self.book, section, framework)
        try:
            committed = store.load(config, section, framework)
            run = compiled and store.reuse(config, framework, compiled, committed)
        except BookError as error:
            _warn(section, 0, "broken-notebook", str(error))
            return []
        if run is None:
            _warn(section, 0, "stale-outputs", _stale(config.root, file, section, framework))
            return []
        code = [cell for cell in run.cells if cell.cell_type == "code"]
        return code[1:] if framework.colab else code


def note_config(app: Sphinx, docname: str, source: list[str]) -> None:
    """Have every page read again when config.ini changes."""
    app.env.note_dependency(str(app.srcdir / FILE_NAME), docname=docname)


def _tab_text(tabs: list[str], blocks: list[Block]) -> Block:
    """Return the text of a tab as one directive, each block on its own line of it."""
    text, at = "", blocks[0].line
    for block in blocks:
        text += "\n" * max(block.line - at - text.count("\n"), 0) + block.text + "\n\n"
    return Block(at - 1, fenced(f"{{{TabText.name}}} {' '.join(tabs)}", text))


def _stale(root: Path, file: Path, section: Section, framework: Framework) -> str:
    what = "was run with other code" if file.exists() else "is missing"
    return (
        f"{file.relative_to(root)} {what}; run "
        f"`./build.sh run {section.name} --framework {framework.name}`"
    )


def _warn(section: Section, line: int, name: str, message: str) -> None:
    LOGGER.warning(
        "%s",
        message,
        location=(section.name, line or None),
        type="tabbook",
        subtype=name,
    )

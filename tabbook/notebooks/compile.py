"""Compile a section to the notebook of one framework, without outputs.

A compiled notebook runs anywhere without tabbook: it has no marks of the dialect, its
pictures are embedded, and the ids of its cells depend on their content alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import nbformat
from nbformat import NotebookNode

from tabbook.base.config import Config, Framework
from tabbook.base.files import read_text
from tabbook.environments.pins import read_pins
from tabbook.notebooks.head import Head
from tabbook.notebooks.paths import notebook_path
from tabbook.notebooks.prose.renderer import ProseRenderer
from tabbook.notebooks.setup_cell import SETUP_CELL_ID
from tabbook.source.book import Book
from tabbook.source.cells.expected_error import expected_error
from tabbook.source.section import Section

__all__ = ["compile_section", "notebook_path", "pinned_versions", "source_lines"]

FIGURE_LINE = re.compile(r"^(<img .*><br>.*)$", re.MULTILINE)
"""A figure in compiled prose. It gets a cell of its own, since it is long to scroll."""

SOLUTION = re.compile(r"^(## .+)$", re.MULTILINE)
"""The heading of a solution."""

VERSIONS = "BOOK_VERSIONS"
"""The name in the set-up cell that is replaced by the pinned versions."""

COLAB: dict[str, object] = {"provenance": [], "toc_visible": True}
METADATA: dict[str, object] = {
    "colab": COLAB,
    "kernelspec": {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    },
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "pygments_lexer": "ipython3",
    },
}
FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}}
"""Metadata that folds a cell: Colab shows its title, JupyterLab its first line."""
COLLAPSED = {"jp-MarkdownHeadingCollapsed": True}
"""Metadata of a heading with which JupyterLab folds its content."""
RAISES = {"tags": ["raises-exception"]}
"""Metadata with which Jupyter goes on after a cell that raises."""
GPU = {"accelerator": "GPU"}
"""Metadata that requests a machine with a GPU from Colab."""


def compile_section(
    book: Book, section: Section, framework: Framework
) -> NotebookNode | None:
    """Return the notebook of one section in one framework.

    :returns: nbformat 4.5 without outputs, or None where the section has no code
        for the framework.
    """
    return _Compilation(book, section, framework).notebook()


def source_lines(book: Book, section: Section, framework: Framework) -> list[int]:
    """Return the source line of each code cell of the compiled notebook, in order.

    The cell that sets Colab up is not in the section's source: its line is 0.
    """
    return _Compilation(book, section, framework).source_lines()


def pinned_versions(config: Config, framework: Framework) -> dict[str, str]:
    """Return the pinned versions of Python and of the framework's packages.

    :raises BookError: the framework has no pins.
    """
    lines = [line for line in read_pins(framework) if "==" in line]
    pinned = dict(line.split("==", 1) for line in lines)
    versions = {name: pinned[name] for name in framework.packages if name in pinned}
    return {"python": config.python, **versions}


@dataclass(frozen=True)
class _Compilation:
    """One section in one framework."""

    book: Book
    section: Section
    framework: Framework

    def notebook(self) -> NotebookNode | None:
        """Return the notebook, or None where there is no code."""
        if not any(cell.cell_type == "code" for cell in self._selected):
            return None
        cells = [cell for cell in self._cells() if cell.source]
        at = self._split_head(cells)
        for cell, identity in zip(cells, _ids(cells), strict=True):
            cell.id = identity
        gpu = GPU if _needs_gpu(self.book.config, cells) else {}
        metadata = METADATA | gpu
        if folded := [cell.id for cell in cells if cell.metadata == COLLAPSED]:
            metadata["colab"] = COLAB | {"collapsed_sections": folded}
        cells[at:at] = self._setup()
        notebook = nbformat.v4.new_notebook(cells=cells, metadata=metadata)
        notebook.nbformat_minor = 5
        return notebook

    def source_lines(self) -> list[int]:
        """Return the source line of each code cell."""
        setup = [0] if self.framework.colab else []
        return setup + [
            cell.metadata.line
            for cell in self._selected
            if cell.cell_type == "code" and cell.source
        ]

    @cached_property
    def _selected(self) -> list[NotebookNode]:
        """Return the section's cells that d2lbook selects for the framework."""
        selected = self.book.notebook_of(self.section, self.framework)
        return list(selected.cells) if selected else []

    def _cells(self) -> Iterator[NotebookNode]:
        """Yield the notebook's cells; a cell of prose is split at its figures."""
        renderer = ProseRenderer(self.book, self.section, self.framework)
        texts = {prose.cell: prose for prose in self.section.prose}
        for cell in self._selected:
            if cell.cell_type == "code":
                tags = RAISES if expected_error(cell.source) else {}
                yield _cell("code", cell.source, metadata=tags)
                continue
            prose = texts[cell.metadata.origin_pos]
            text = renderer.render(prose.text, prose.tokens)
            for part in FIGURE_LINE.split(text):
                yield from self._texts(part.strip())

    def _texts(self, text: str) -> Iterator[NotebookNode]:
        """Yield a text as a cell; in solutions, each heading folds its content."""
        if not self.section.solves:
            yield _cell("markdown", text)
            return
        for part in SOLUTION.split(text):
            fields = {"metadata": COLLAPSED} if SOLUTION.fullmatch(part) else {}
            yield _cell("markdown", part.strip(), **fields)

    def _split_head(self, cells: list[NotebookNode]) -> int:
        """Give the head of the first text a cell of its own.

        :returns: where the cell that sets Colab up belongs.
        """
        if cells[0].cell_type != "markdown":
            return 0
        head, rest = Head(self.book, self.section, self.framework).split(
            cells[0].source
        )
        if not head:
            return 0
        cells[:1] = [_cell("markdown", text) for text in (head, rest) if text]
        return 1

    def _setup(self) -> list[NotebookNode]:
        """Return the cell that sets Colab up, if the framework has one."""
        if not self.framework.colab:
            return []
        code = read_text(self.framework.colab).strip()
        if VERSIONS in code:
            versions = pinned_versions(self.book.config, self.framework)
            code = code.replace(VERSIONS, repr(versions))
        return [_cell("code", code, id=SETUP_CELL_ID, metadata=FOLDED)]


def _cell(kind: str, source: str, **fields: object) -> NotebookNode:
    """Return a new cell, without the random id of nbformat's own functions."""
    cell = {"cell_type": kind, "metadata": {}, "source": source, **fields}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return nbformat.from_dict(cell)


def _needs_gpu(config: Config, cells: Iterable[NotebookNode]) -> bool:
    """Return whether the code contains one of config.ini's signs of a GPU."""
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    return any(sign in source for sign in config.gpu for source in sources)


def _ids(cells: Iterable[NotebookNode]) -> Iterator[str]:
    """Yield an id per cell that depends on its content: an edit changes one id."""
    counts: dict[str, int] = {}
    for cell in cells:
        digest = hashlib.sha256(f"{cell.cell_type}:{cell.source}".encode()).hexdigest()
        count = counts[digest] = counts.get(digest, 0) + 1
        yield digest[:12] if count == 1 else f"{digest[:12]}-{count}"

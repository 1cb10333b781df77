"""Find the cells that a text speaks of: those right before and right after it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from nbformat import NotebookNode

from tabbook.base.config import Framework
from tabbook.notebooks import store
from tabbook.notebooks.outputs import instability
from tabbook.source.book import Book
from tabbook.source.prose import Prose
from tabbook.source.section import Section
from tabbook.verification.claims import numbers

NAME = re.compile(r"[^\W\d]\w*")
"""A name in code."""


@dataclass(frozen=True)
class CellsNearby:
    """Code and printed text of the cells around a text."""

    texts: tuple[str, ...]

    @cached_property
    def numbers(self) -> frozenset[float]:
        """Return their numbers."""
        return numbers.printed(self.texts)

    @cached_property
    def names(self) -> frozenset[str]:
        """Return their names."""
        return frozenset(name for text in self.texts for name in NAME.findall(text))

    def contain(self, code: str) -> bool:
        """Return whether they contain all names and numbers of a piece of code."""
        names, values = set(NAME.findall(code)), numbers.printed([code])
        if names or values:
            return names <= self.names and values <= self.numbers
        return any(code in text for text in self.texts)


@dataclass(frozen=True)
class Paragraphs:
    """The texts between two runs of cells, in one framework."""

    prose: tuple[Prose, ...]
    """Shared text and text of a tab."""
    follow_cells: bool
    """Whether there are cells before them."""
    cells: CellsNearby
    """The run of cells before them and the one after."""


def paragraphs(
    book: Book, section: Section, framework: Framework
) -> Iterator[Paragraphs]:
    """Yield the texts of a framework, from one run of cells to the next.

    Outputs are those of the committed notebook; cells without one have their code.

    :raises BookError: d2lbook fails on the source, or the notebook cannot be read.
    """
    compiled = book.notebook_of(section, framework)
    committed = store.load(book.config, section, framework)
    outputs = iter(store.code_cells(committed) if committed else ())
    prose = {each.cell: each for each in section.prose}
    runs: list[tuple[str, list[NotebookNode]]] = [
        (kind, list(cells))
        for kind, cells in itertools.groupby(
            (cell for cell in (compiled.cells if compiled else ()) if cell.source),
            lambda cell: str(cell.cell_type),
        )
    ]
    texts = [_texts(cells, outputs) if kind == "code" else () for kind, cells in runs]
    for at, (kind, cells) in enumerate(runs):
        if kind != "markdown":
            continue
        around = itertools.chain(*texts[max(at - 1, 0) : at + 2])
        yield Paragraphs(
            tuple(prose[cell.metadata.origin_pos] for cell in cells),
            at > 0,
            CellsNearby(tuple(around)),
        )


def _texts(
    cells: Iterable[NotebookNode], outputs: Iterator[NotebookNode]
) -> Sequence[str]:
    """Return the code of cells and the outputs of the next committed cells."""
    texts: list[str] = []
    for cell in cells:
        shown = next(outputs, None)
        texts += [cell.source, *(instability.texts(shown.outputs) if shown else ())]
    return texts

"""Make slides from d2lbook's slide marks: one deck per section and framework.

Outputs come from the committed notebooks. reveal.js shows the slides, from files in the
same folder, so that they open without a network.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from tabbook.base.config import Framework
from tabbook.base.errors import BookError, NothingToExportError
from tabbook.base.files import disk_errors, write_bytes
from tabbook.base.folders import output_folder
from tabbook.environments import npm
from tabbook.export.slides.outputs import PICTURES
from tabbook.export.slides.render import Renderer, Slide
from tabbook.notebooks import blanks, store
from tabbook.source.book import Book
from tabbook.source.cells.slide_marks import slides_of
from tabbook.source.section import SOLUTIONS, Section

REVEAL = ("reveal.js", "5.2.1")
REVEAL_FILES = ("dist/reset.css", "dist/reveal.css", "dist/reveal.js", "LICENSE")
SHARED = Path("slides", "reveal")
"""The folder of what the slides of all frameworks share, in that of the output."""
OWN_FILES = [Path(__file__).parent / name for name in ("slides.css", "slides.js")]
"""What decks load besides reveal.js."""

FULL = 15
"""Lines of text, code and output, roughly, after which a slide is continued."""


@dataclass(frozen=True)
class Deck:
    """The slides of one section in one framework."""

    section: Section
    slides: tuple[Slide, ...]
    versions: dict[str, str]


def make(book: Book, framework: Framework) -> Path:
    """Make the slides of one framework.

    :returns: the page that lists them, ``_build/slides/FRAMEWORK/index.html``.
    :raises NothingToExportError: no text is marked.
    :raises BookError: marks are unbalanced, outputs are stale, or npm failed; the last
        slides are unchanged.
    """
    written = list(decks(book, framework))
    if not written:
        raise NothingToExportError(
            f"no section has slides in {framework.label}; mark text with [**...**] or "
            "(**...**)"
        )
    output = output_folder.claim(book.config)
    folder = output / "slides"
    scratch = folder / f".{framework.name}.new"
    try:
        with disk_errors(folder):
            shutil.rmtree(scratch, ignore_errors=True)
            _write(book, framework, written, scratch)
            _write_shared(output / SHARED)
            shutil.rmtree(folder / framework.name, ignore_errors=True)
            scratch.rename(folder / framework.name)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder / framework.name / "index.html"


def decks(book: Book, framework: Framework) -> Iterator[Deck]:
    """Yield the deck of every section with slide marks, except for solutions.

    :raises BookError: marks are unbalanced, or outputs are stale.
    """
    for section in book.sections:
        solutions = section.name.endswith(SOLUTIONS)
        if solutions or framework not in book.frameworks_of(section):
            continue
        own = book.notebook_of(section, framework)
        committed = _with_outputs(book, section, framework, own)
        if own is None or committed is None:
            continue
        try:
            groups = slides_of(own)
        except ValueError as error:
            raise BookError(f"{section.path}: cannot make slides: {error}") from error
        slides = [part for group in groups for part in _parts(_slide(group))]
        if slides:
            yield Deck(section, tuple(slides), store.versions(committed))


def _write(
    book: Book, framework: Framework, written: Sequence[Deck], folder: Path
) -> None:
    names = {deck.section.name for deck in written}
    renderer = Renderer(book, framework, names)
    for deck in written:
        file = folder / f"{deck.section.name}.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        page = renderer.deck(deck.section, deck.slides, deck.versions)
        file.write_text(page, encoding="utf-8")
    index = renderer.index([deck.section for deck in written])
    (folder / "index.html").write_text(index, encoding="utf-8")


def _write_shared(folder: Path) -> None:
    """Write the scripts and style sheets, which all frameworks share."""
    own = {file.name: file.read_bytes() for file in OWN_FILES}
    for path, data in {**npm.files(*REVEAL, REVEAL_FILES), **own}.items():
        write_bytes(folder / Path(path).name, data)


def _with_outputs(
    book: Book, section: Section, framework: Framework, own: NotebookNode | None
) -> NotebookNode | None:
    """Give a framework's cells the committed outputs; return the committed notebook.

    :raises BookError: the outputs are stale.
    """
    if own is None:
        return None
    cells = [cell for cell in own.cells if cell.cell_type == "code" and cell.source]
    if not cells:
        return None
    committed = store.load_fresh(book.config, section, framework, cells)
    originals = [cell.source for cell in cells]
    edition = blanks.EditionCode(originals, blanks=book.config.edition.blanks)
    executed = store.code_cells(committed)
    for cell, source, result in zip(cells, edition.sources, executed, strict=True):
        cell.outputs = edition.outputs(cell.source, result.outputs)
        cell.source = source
    return committed


def _slide(cells: list[NotebookNode]) -> Slide:
    """Return a slide; if it begins with text, the first line is its title."""
    if not cells or cells[0].cell_type == "code":
        return Slide("", tuple(cells))
    title, _, rest = cells[0].source.strip().partition("\n")
    first = [NotebookNode({**cells[0], "source": rest.strip()})] if rest.strip() else []
    return Slide(title.lstrip("# "), (*first, *cells[1:]))


def _parts(slide: Slide) -> Iterator[Slide]:
    """Yield a slide, split after code so that parts fit without scrolling."""
    part: list[NotebookNode] = []
    count = 0
    for index, cell in enumerate(slide.cells):
        after = slide.cells[index + 1 : index + 2]
        together = cell.cell_type == "markdown" and after
        height = _height(cell) + (_height(after[0]) if together else 0)
        if part and count + height > FULL and part[-1].cell_type == "code":
            yield Slide(slide.title, tuple(part))
            part, count = [], 0
        part.append(cell)
        count += _height(cell)
    if part or slide.title:
        yield Slide(slide.title, tuple(part))


def _height(cell: NotebookNode) -> int:
    """Estimate the number of lines that a cell takes."""
    if cell.cell_type == "markdown":
        return sum(1 + len(line) // 38 for line in cell.source.splitlines() if line) + 1
    texts = [
        "".join(output.get("text", "") or output.get("data", {}).get("text/plain", ""))
        for output in cell.get("outputs", ())
    ]
    pictures = sum(
        not output.get("data", {}).keys().isdisjoint(PICTURES)
        for output in cell.get("outputs", ())
    )
    lines = sum(len(text.splitlines()) for text in texts)
    return len(cell.source.splitlines()) + lines + 12 * pictures + 2

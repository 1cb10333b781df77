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
from tabbook.base.translations import texts
from tabbook.environments import npm
from tabbook.export.slides import layout
from tabbook.export.slides.layout import Slide
from tabbook.export.slides.render import Renderer
from tabbook.export.slides.supplements import (
    is_block,
    slides_with_supplements,
    summary_of,
)
from tabbook.notebooks import blanks, store
from tabbook.source.book import Book
from tabbook.source.cells.hidden import shown_parts
from tabbook.source.section import SOLUTIONS, Section

REVEAL = npm.Package(
    "reveal.js",
    "5.2.1",
    "sha512-r7//6mIM5p34hFiDMvYfXgyjXqGRta+/psd9YtytsgRlrpRzFv4RbH76TXd2qD+7ZPZEbpBD"
    "hdRhJaFgfQ7zNQ==",
)
REVEAL_FILES = ("dist/reset.css", "dist/reveal.css", "dist/reveal.js", "LICENSE")
SHARED = Path("slides", "reveal")
"""The folder of the files that all frameworks' slides share, in that of the output."""
OWN_FILES = [Path(__file__).parent / name for name in ("slides.css", "slides.js")]
"""Files that decks load in addition to reveal.js."""


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
            groups = slides_with_supplements(own)
        except ValueError as error:
            raise BookError(f"{section.path}: cannot make slides: {error}") from error
        slides = [part for group in groups for part in layout.parts(_slide(group))]
        title = texts(book.config.language, "slides")["summary"]
        summary = summary_of(own, title) if slides else None
        if summary and all(slide.title != title for slide in slides):
            slides.append(Slide(title, (summary,)))
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
    for path, data in {**npm.files(REVEAL, REVEAL_FILES), **own}.items():
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
    shown = shown_parts(edition.sources)
    for cell, part, result in zip(cells, shown, executed, strict=True):
        outputs = edition.outputs(cell.source, result.outputs)
        cell.outputs = outputs if part.outputs else []
        cell.source = part.code
    return committed


def _slide(cells: list[NotebookNode]) -> Slide:
    """Return a slide; if it begins with text, the first line is its title."""
    if not cells or cells[0].cell_type == "code" or is_block(cells[0]):
        return Slide("", tuple(cells))
    title, _, rest = cells[0].source.strip().partition("\n")
    first = [NotebookNode({**cells[0], "source": rest.strip()})] if rest.strip() else []
    return Slide(title.lstrip("# "), (*first, *cells[1:]))

"""Read a section for its page: texts, and each framework's code with its outputs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple
from types import FunctionType

from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.config import Config as SphinxConfig
from sphinx.environment import BuildEnvironment

from tabbook.base.config import FILE_NAME, Framework
from tabbook.base.errors import BookError
from tabbook.notebooks import blanks
from tabbook.source import cover
from tabbook.source.book import Book
from tabbook.source.cells.hidden import shown_parts
from tabbook.source.cells.slide_marks import without_slide_marks
from tabbook.source.markdown import parse
from tabbook.source.prose import Prose
from tabbook.source.section import Section
from tabbook.sphinxext.modes import FOLDER, Draft, Folder, Mode, Served
from tabbook.sphinxext.reader import drafts, plots
from tabbook.sphinxext.reader.cells import CodeCell, PageCell, ShownCode, TextCell
from tabbook.sphinxext.reader.generated import GENERATORS
from tabbook.sphinxext.reader.outputs import PageOutputs, report
from tabbook.sphinxext.reader.renderer import Page
from tabbook.sphinxext.settings import BEGIN
from tabbook.sphinxext.transforms.cover import COVER
from tabbook.sphinxext.transforms.folds.cells import FOLDS
from tabbook.sphinxext.transforms.folds.solutions import FOLDED
from tabbook.sphinxext.transforms.tabs import TABS

INCLUDED = "tabbook_included"
"""Page metadata: content of other sections that the page included when it was read."""


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
    app.connect("env-get-outdated", Reader.of(app.config).outdated)


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

    @classmethod
    def of(cls, config: SphinxConfig) -> Reader:
        """Return the reader of the book that Sphinx builds."""
        book, only = config.tabbook_book(), config.tabbook_framework
        return cls(
            book,
            frameworks=tuple(
                framework
                for framework in book.config.frameworks
                if only in ("", framework.name)
            ),
            without_outputs=config.tabbook_without_outputs,
            mode=config.tabbook_mode,
        )

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
                section,
                before.get("labels", ()),
                {
                    fence: GENERATORS[fence](self.book, self.frameworks)
                    for fence in before.get("generated", ())
                },
            )
        ]

    def page(self, docname: str) -> Page:
        """Return the renderer's input for one page.

        :raises BookError: config.ini leaves the page out.
        """
        return Page(self.book, self._section(docname), self.frameworks)

    def cells(self, env: BuildEnvironment, docname: str) -> Iterator[PageCell]:
        """Yield the cells of a page, those of its solutions last.

        :raises BookError: the section cannot be read.
        """
        env.note_dependency(str(env.srcdir / FILE_NAME), docname=docname)
        section = self._section(docname)
        yield from self._cells(env, section, 0)
        if solutions := self.book.solutions_of(section):
            env.metadata[docname][FOLDED] = solutions.name
            env.note_dependency(str(self.book.config.root / solutions.path))
            if [level for _, level in solutions.headings[:1]] != [1]:
                (title,) = parse([f"# {solutions.title}"])
                yield TextCell(BEGIN, title, {})
            yield from self._cells(env, solutions, BEGIN)
        if docname == env.config.root_doc and not env.config.tabbook_framework:
            yield from self._cover(env)

    def finish(self, env: BuildEnvironment, docname: str, page: Page) -> None:
        """Record the content that a rendered page has from other sections."""
        section = self._section(docname)
        env.metadata[docname][INCLUDED] = json.dumps(
            self._included(section, page.referenced, page.generated)
        )
        for line, name, message in page.problems:
            source = section if line < BEGIN else self.book.solutions_of(section)
            report(source or section, line % BEGIN, name, message)

    def _section(self, docname: str) -> Section:
        section = self.book.section(docname)
        if section is None:
            raise BookError(f"{docname}: config.ini's [build] notebooks leaves it out")
        return section

    def _included(
        self, section: Section, names: Iterable[str], generated: Mapping[str, str]
    ) -> dict[str, object]:
        """Return the content of other sections that a page includes.

        :param names: names of the labels that the page refers to.
        :param generated: the Markdown in place of its fences, by their info strings.
        """
        labels = self.book.labels
        solutions = self.book.solutions_of(section)
        return {
            "labels": {
                name: [labels[name].section, labels[name].text]
                for name in sorted(names)
                if name in labels
            },
            "numbers": [
                label.text
                for source in (section, solutions)
                for label in (self.book.labels_on(source) if source else ())
            ],
            "solutions": solutions.name if solutions else "",
            "pages": [link.name for link in self.book.tree.links.get(section.name, ())],
            "failed": self._failures(section, solutions),
            "generated": dict(sorted(generated.items())),
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
        self, env: BuildEnvironment, section: Section, offset: int
    ) -> Iterator[PageCell]:
        """Yield the cells of a section.

        :param offset: added to the lines.
        """
        code = self._code(env, section) if section.has_code else {}
        texts = {prose.cell: prose for prose in section.prose}
        for position, cell in enumerate(section.cells.cells):
            line = offset + cell.metadata.line
            if cell.cell_type == "code":
                for shown in code.get(position, ()):
                    metadata = self._metadata(shown)
                    if self._has_tabs and section.named_tabs:
                        metadata[TABS] = [shown.framework.name]
                    yield CodeCell(line, shown.source, shown.outputs, metadata)
            else:
                self._report_slide_marks(section, cell)
                yield from self._text(texts[position], line)

    def _cover(self, env: BuildEnvironment) -> Iterator[CodeCell]:
        """Yield the cells of another section that the index page shows."""
        if shown_cover := cover.find(self.book):
            env.note_dependency(str(self.book.config.root / shown_cover.section.path))
            code = self._code(env, shown_cover.section)
            for name, cell in shown_cover.cells.items():
                for shown in code.get(cell.metadata.origin_pos, ()):
                    if shown.framework.name == name and shown.source:
                        metadata = self._metadata(shown) | {COVER: True, FOLDS: []}
                        metadata |= {TABS: [name]} if self._has_tabs else {}
                        yield CodeCell(1, shown.source, shown.outputs, metadata)

    def _text(self, prose: Prose, line: int) -> Iterator[PageCell]:
        """Yield a text, unless all of its tabs belong to frameworks left out."""
        if not prose.tabs:
            yield TextCell(line, prose.tokens, {})
        elif any(framework.name in prose.tabs for framework in self.frameworks):
            metadata = {TABS: list(prose.tabs)} if self._has_tabs else {}
            if prose.tokens:
                yield TextCell(line, prose.tokens, metadata)

    @staticmethod
    def _report_slide_marks(section: Section, cell: NotebookNode) -> None:
        try:
            without_slide_marks(cell.source)
        except ValueError as error:
            line = cell.metadata.line
            report(section, line, "unbalanced-slide-mark", str(error))

    @property
    def _has_tabs(self) -> bool:
        return len(self.frameworks) > 1

    def _metadata(self, shown: ShownCode) -> dict[str, object]:
        """Return a code cell's metadata: state, folds, alternative text of images."""
        metadata: dict[str, object] = {}
        if shown.state:
            metadata[drafts.STATE] = shown.state
        if shown.folds:
            metadata[FOLDS] = sorted(shown.folds)
        if not shown.source:
            metadata["tags"] = ["remove-input"]
        language = self.book.config.language
        if alternative := plots.alternative_text(shown.outputs, language):
            metadata["mystnb"] = {"image": {"alt": alternative}}
        return metadata

    def _code(
        self, env: BuildEnvironment, section: Section
    ) -> dict[int, list[ShownCode]]:
        """Return the code of each framework by its position among the cells."""
        by_position: dict[int, list[ShownCode]] = {}
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
            sources = [cell.source for cell in cells]
            edition = blanks.EditionCode(
                sources, blanks=self.book.config.edition.blanks
            )
            parts = shown_parts(edition.sources)
            for cell, part in zip(cells, parts, strict=True):
                outputs, state = next(selected, ([], ""))
                if not part.code and not (part.outputs and outputs):
                    continue
                outputs = edition.outputs(cell.source, outputs) if part.outputs else []
                line = cell.metadata.line
                shown = self.outputs.shown(section, line, framework, outputs)
                position = by_position.setdefault(cell.metadata.origin_pos, [])
                position.append(
                    ShownCode(framework, part.code, shown, state, part.folds)
                )
        return by_position

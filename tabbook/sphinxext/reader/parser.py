"""The source parser: a section's tokens and outputs become a docutils document.

Sphinx calls it with the text of a file, but the page depends on the section, which the
book has read already: the parser takes the section's name from Sphinx's environment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

from docutils import nodes
from markdown_it.token import Token
from myst_nb.core.loggers import SphinxDocLogger
from myst_nb.core.render import load_renderer
from myst_parser.parsers.sphinx_ import MystParser
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from tabbook.base.errors import BookError
from tabbook.source.markdown import parser
from tabbook.sphinxext.reader.cells import CodeCell, PageCell
from tabbook.sphinxext.reader.reader import Reader
from tabbook.sphinxext.reader.renderer import PAGE, BookRenderer
from tabbook.sphinxext.settings import PARSER

LEXER = "ipython3"
"""Colours the code of cells."""


def setup(app: Sphinx) -> None:
    """Register the parser for the sources of books."""
    app.add_source_parser(SectionParser, override=True)


class SectionParser(MystParser):
    """Parses the sections of a book; footnotes and ids are MyST's."""

    supported = (PARSER,)

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Add a section's page to a document.

        :param inputstring: not used; the book has read the file.
        :raises ExtensionError: the section cannot be read.
        """
        env = document.settings.env
        try:
            reader = Reader.of(env.config)
            page = reader.page(env.docname)
            cells = list(reader.cells(env, env.docname))
            self._render(cells, page, document)
            reader.finish(env, env.docname, page)
        except BookError as error:
            raise ExtensionError(str(error)) from error

    def _render(
        self, cells: list[PageCell], page: object, document: nodes.document
    ) -> None:
        env = document.settings.env
        md = parser(BookRenderer)
        md.options.update(
            {
                "myst_config": env.myst_config,
                "nb_config": env.mystnb_config,
                "nb_client": CommittedOutputs(cells),
                "document": document,
                PAGE: page,
            }
        )
        renderer = cast(BookRenderer, md.renderer)
        definitions: dict[str, Any] = {}
        renderer.setup_render(md.options, definitions)
        elements = load_renderer(env.mystnb_config.render_plugin)(
            renderer, SphinxDocLogger(document)
        )
        # MyST-NB's renderer finds it there while it renders outputs.
        document["nb_renderer"] = elements
        renderer.render(list(_tokens(cells)), md.options, definitions)
        document.attributes.pop("nb_js_files", None)
        del document["nb_renderer"]


class CommittedOutputs:
    """Stands in for MyST-NB's execution client: the outputs are in the notebook."""

    glue_data: dict[str, NotebookNode] = {}  # noqa: RUF012

    def __init__(self, cells: list[PageCell]) -> None:
        """Take the outputs of a page's cells."""
        self.cells = cells

    def code_cell_outputs(self, index: int) -> tuple[None, list[NotebookNode]]:
        """Return the execution count, which pages do not show, and the outputs."""
        cell = self.cells[index]
        return None, cell.outputs if isinstance(cell, CodeCell) else []

    def nb_source_code_lexer(self) -> str:
        """Return the name of the lexer of code."""
        return LEXER


def _tokens(cells: Iterable[PageCell]) -> Iterator[Token]:
    """Yield the tokens of a page; the lines in them are those of the source.

    The renderer adds 1 to all lines, and changes the tokens that it gets.
    """
    for index, cell in enumerate(cells):
        line = cell.line - 1
        meta = {"index": index, "metadata": cell.metadata}
        if isinstance(cell, CodeCell):
            yield Token(
                "nb_cell_code",
                "code",
                0,
                content=cell.source,
                meta=meta,
                map=[line, line],
            )
            continue
        kind = "nb_cell_markdown"
        yield Token(f"{kind}_open", "", 1, hidden=True, meta=meta, map=[line, line])
        for token in cell.tokens:
            lines = [line + number for number in token.map] if token.map else None
            yield token.copy(map=lines)
        yield Token(f"{kind}_close", "", -1, hidden=True)

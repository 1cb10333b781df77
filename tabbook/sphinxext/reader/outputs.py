"""Choose the outputs that a page shows for the code cells of a section.

Committed outputs are shown only while they are fresh. For stale outputs, a draft shows
those of the previous code; every other mode shows an error in place of every output.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from logging import ERROR, WARNING

from nbformat import NotebookNode
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from tabbook.base.config import Framework
from tabbook.base.errors import BookError
from tabbook.base.translations import texts
from tabbook.notebooks import store
from tabbook.source.book import Book
from tabbook.source.section import Section
from tabbook.sphinxext.mime import forms
from tabbook.sphinxext.modes import Draft, Failed, Mode
from tabbook.sphinxext.reader import drafts

REPLACED = (
    "{what} in the outputs of {name} is shown as a text: display a picture, a table or "
    "a text beside it, or silence replaced-output"
)
STOPPED = (
    "{what} in the outputs of {name}, which does not run: set `output_scripts = yes` "
    "in config.ini's [tabbook] if pages may run it, or silence replaced-output"
)

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class PageOutputs:
    """Selects the outputs of one book's code cells."""

    book: Book
    without_outputs: bool
    """Show code only."""
    mode: Mode

    @property
    def failures(self) -> Mapping[tuple[str, str], Failed]:
        """Failed executions by section and framework; empty outside drafts."""
        return self.mode.failed if isinstance(self.mode, Draft) else {}

    def select(
        self,
        env: BuildEnvironment,
        section: Section,
        framework: Framework,
        cells: list[NotebookNode],
    ) -> Iterator[drafts.CellOutputs]:
        """Return the outputs of each code cell, and make the page depend on them.

        Report stale outputs as an error that names the command to run, except in a
        draft.

        :param cells: the code cells of the section for the framework.
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
        report(section, 0, name, message, level=ERROR)
        stream = {"output_type": "stream", "name": "stderr", "text": message}
        return itertools.repeat(([NotebookNode(stream)], ""))

    def shown(
        self,
        section: Section,
        line: int,
        framework: Framework,
        outputs: Iterable[NotebookNode],
    ) -> list[NotebookNode]:
        """Return the outputs of a cell in the forms that pages can show.

        Report outputs that are replaced by a text or a note.

        :param line: the cell's line in the section's source.
        """
        config = self.book.config
        words = texts(config.language, "outputs")
        shown_outputs = []
        for output in outputs:
            if "data" not in output:
                shown_outputs.append(output)
                continue
            form = forms.choose(output.data, words, scripts=config.output_scripts)
            if form.replaced:
                template = STOPPED if form.stopped else REPLACED
                message = template.format(what=form.replaced, name=framework.name)
                report(section, line, "replaced-output", message)
            if form.data:
                shown_outputs.append(NotebookNode(output | {"data": form.data}))
        return shown_outputs

    def _draft(
        self,
        section: Section,
        framework: Framework,
        cells: list[NotebookNode],
        committed: NotebookNode | None,
    ) -> Iterator[drafts.CellOutputs]:
        """Return the outputs of code cells that have not been executed as they are."""
        failed = self.failures.get((section.name, framework.name))
        current = NotebookNode(cells=cells)
        if failed and failed.key != store.key(self.book.config, framework, current):
            failed = None  # the code has been edited since it failed
        previous = store.code_cells(committed) if committed else []
        return drafts.outputs(previous, store.sources(current), failed)


def report(
    section: Section, line: int, name: str, message: str, *, level: int = WARNING
) -> None:
    """Log a problem of a section under a name by which config.ini can silence it."""
    # Without a line Sphinx would take the path for a document and add a suffix.
    place = f"{section.path}:{line or 1}"
    LOGGER.log(level, "%s", message, location=place, type="tabbook", subtype=name)

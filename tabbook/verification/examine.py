"""Find the problems of committed notebooks that need no execution.

A notebook can be missing, broken, stale, or saved before it was executed to its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from nbformat import NotebookNode

from tabbook.base.config import Config, Framework
from tabbook.base.errors import BookError, Problem
from tabbook.base.program import command_line
from tabbook.notebooks import store
from tabbook.notebooks.compile import compile_section, source_lines
from tabbook.source.book import Book
from tabbook.source.section import Section
from tabbook.verification.verdict import OLD_TEXT, VerifiedNotebook


def examine(
    book: Book, sections: Sequence[Section], frameworks: Sequence[Framework]
) -> list[VerifiedNotebook]:
    """Compare each committed notebook with its compiled section."""
    return [
        _examine_notebook(book, section, framework, compiled)
        for section in sections
        for framework in book.frameworks_of(section)
        if framework in frameworks
        and (compiled := compile_section(book, section, framework))
    ]


def orphans(book: Book) -> Iterator[Problem]:
    """Yield a problem for each committed notebook that no section produces."""
    root = book.config.root
    try:
        for file in store.orphans(book):
            text = f"no section produces this notebook; {command_line()} deletes it"
            yield Problem(str(file.relative_to(root)), 0, "orphan", text)
    except BookError as error:
        yield _broken(book, error)


def _broken(book: Book, error: BookError) -> Problem:
    """Return the problem of a notebook that cannot be read, at its line if known."""
    place, _, text = str(error).removeprefix(f"{book.config.root}/").partition(": ")
    path, _, line = place.partition(".ipynb")
    number = int(line[1:]) if line[1:].isdecimal() else 0
    return Problem(f"{path}.ipynb", number, "broken-notebook", text)


def _examine_notebook(
    book: Book, section: Section, framework: Framework, compiled: NotebookNode
) -> VerifiedNotebook:
    notebook = VerifiedNotebook(section, framework, len(store.sources(compiled)))
    file = notebook.file(book.config)
    try:
        committed = store.load(book.config, section, framework)
    except BookError as error:
        return replace(notebook, problems=(_broken(book, error),))
    if committed is None:
        return notebook.with_problem(0, "missing-notebook", f"{file} is missing")
    lines = source_lines(book, section, framework)
    if (index := _first_unexecuted(committed)) is not None:
        line = lines[index] if index < len(lines) else 0
        message = f"{file} was not executed to its end"
        return notebook.with_problem(line, "not-executed", message)
    if store.reuse(book.config, framework, compiled, committed) is None:
        line, reason = _staleness(lines, compiled, committed)
        return notebook.with_problem(line, "stale", f"{file} is stale: {reason}")
    if not _is_of_origin(book.config, section, framework, compiled, committed):
        message = f"{file} is not what its origin's outputs give"
        return notebook.with_problem(0, "stale", message)
    for line, name, message in _foreign(lines, compiled, committed):
        notebook = notebook.with_problem(line, name, f"{file} {message}")
    if notebook.passed and _text(compiled) != _text(committed):
        message = f"{file} has another text than the section"
        notebook = notebook.with_problem(0, OLD_TEXT, message)
    return notebook


def _text(notebook: NotebookNode) -> list[str]:
    """Return the texts between the code cells, and the cell that sets Colab up."""
    code = {id(cell) for cell in store.code_cells(notebook)}
    return [cell.source for cell in notebook.cells if id(cell) not in code]


def _is_of_origin(
    config: Config,
    section: Section,
    framework: Framework,
    compiled: NotebookNode,
    committed: NotebookNode,
) -> bool:
    """Return whether a notebook has the outputs of the book that its own translates.

    True for a book that translates none.
    """
    if config.origin is None:
        return True
    original = store.load(config.origin, section, framework)
    reused = store.reuse(config, framework, compiled, original)
    return reused is not None and _outputs(committed) == _outputs(reused)


def _outputs(notebook: NotebookNode) -> list[list[NotebookNode]]:
    return [cell.outputs for cell in store.code_cells(notebook)]


def _foreign(
    lines: Sequence[int], compiled: NotebookNode, committed: NotebookNode
) -> Iterator[tuple[int, str, str]]:
    """Yield line, name and message of parts that no run wrote: tags and counts.

    :param lines: source line of each code cell, which may begin with the set-up cell.
    """
    given = {cell.id: cell.metadata.get("tags", []) for cell in _code_cells(compiled)}
    cells = _code_cells(committed)
    own_lines = [*([0] * (len(cells) - len(lines))), *lines][-len(cells) :]
    for count, (line, cell) in enumerate(zip(own_lines, cells, strict=True), 1):
        results = [output for output in cell.outputs if "execution_count" in output]
        if {count} != {each.execution_count for each in [cell, *results]}:
            message = f"gives the cell at place {count} another number"
            yield line, "foreign-count", message
        tags = cell.metadata.get("tags", [])
        if tags != given.get(cell.get("id"), []):
            message = f"has tags that the section does not give it: {tags!r}"
            yield line, "foreign-tags", message


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _first_unexecuted(notebook: NotebookNode) -> int | None:
    """Return the index of the first code cell that has code and no execution count."""
    for index, cell in enumerate(_code_cells(notebook)):
        if cell.source.strip() and cell.execution_count is None:
            return index
    return None


def _staleness(
    lines: Sequence[int], compiled: NotebookNode, committed: NotebookNode
) -> tuple[int, str]:
    """Return line and reason of the first difference.

    :param lines: source line of each code cell, which may begin with the set-up cell.
    """
    current, stored = store.code_cells(compiled), store.code_cells(committed)
    pairs = zip(lines[-len(current) :], current, stored, strict=False)
    for line, cell, stored_cell in pairs:
        if cell.source != stored_cell.source:
            return line, "it was executed with another cell here"
    if len(current) != len(stored):
        return 0, f"it was executed with {len(stored)} cells, now has {len(current)}"
    return 0, "it was executed with other pins or settings, or by another program"

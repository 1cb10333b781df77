"""From a section to the notebook of one framework, not yet run.

What comes out needs nothing of ours: no marks, references as text and links, and
ids that depend on nothing but the cells.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterable

import nbformat
from nbformat import NotebookNode

from tabbook import dialect
from tabbook.book import TOC, Book, Section, plain, resolve
from tabbook.config import Framework
from tabbook.glossary import GLOSSARY

IMAGE = re.compile(r"(?P<start>!\[[^\]]*\]\()(?P<path>[^)\s]+)(?P<end>[^)]*\))")
INVISIBLE = re.compile(r":(?:label|width|height):`[^`]*`")
EQUATION = re.compile(r":eqlabel:`(?P<name>[^`]+)`")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|/|#", re.IGNORECASE)
"""A target that is no path relative to the source."""

METADATA = {
    "kernelspec": {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}


def compile_section(
    book: Book, section: Section, framework: Framework
) -> NotebookNode | None:
    """Return the notebook of one section in one framework.

    :returns: nbformat 4.5 without outputs, or None where the section has no code
        for the framework.
    """
    own = _own(book, section, framework)
    if own is None or not any(cell.cell_type == "code" for cell in own.cells):
        return None
    cells = [_cell(book, section, framework, cell) for cell in own.cells]
    if framework.colab:
        setup = framework.colab.read_text(encoding="utf-8").strip()
        cells.insert(0, nbformat.v4.new_code_cell(setup))
    cells = [cell for cell in cells if cell.source]
    for cell, identity in zip(cells, _ids(cells), strict=True):
        cell.id = identity
    made = nbformat.v4.new_notebook(cells=cells, metadata=METADATA)
    made.nbformat_minor = 5
    return made


def source_lines(book: Book, section: Section, framework: Framework) -> list[int]:
    """Return the source line of each code cell of the compiled notebook, in order.

    The Colab set-up stands in no source: its line is 0.
    """
    own = _own(book, section, framework)
    code = [cell for cell in own.cells if cell.cell_type == "code"] if own else []
    setup = [0] if framework.colab else []
    return setup + [cell.metadata.line for cell in code if cell.source]


def notebook_path(section: str, framework: str) -> str:
    """Return where a notebook lies, relative to the folder of the notebooks."""
    return f"{framework}/{section}.ipynb"


def prose(book: Book, section: Section, framework: Framework, text: str) -> str:
    """Return a cell's text as a notebook shows it."""
    shown: list[str] = []
    for line in dialect.lines(plain(text)):
        if line.inside and line.fence == TOC:
            shown += _toc_entry(book, section, framework, line)
        elif line.inside and line.fence == GLOSSARY:
            shown += _glossary(book) if line.opens else []
        elif line.inside:
            shown.append(line.text)
        else:
            shown += _line(book, section, framework, line.text, shown)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(shown)).strip()


def _own(book: Book, section: Section, framework: Framework) -> NotebookNode | None:
    """Return the framework's cells of a section, as d2lbook picks them."""
    return dialect.for_framework(
        section.cells, framework.name, book.config.default.name
    )


def _cell(
    book: Book, section: Section, framework: Framework, cell: NotebookNode
) -> NotebookNode:
    if cell.cell_type == "code":
        return nbformat.v4.new_code_cell(cell.source)
    return nbformat.v4.new_markdown_cell(prose(book, section, framework, cell.source))


def _ids(cells: Iterable[NotebookNode]) -> Iterable[str]:
    """Name each cell by its content, so that an edit renames that cell alone."""
    seen: dict[str, int] = {}
    for cell in cells:
        digest = hashlib.sha256(f"{cell.cell_type}:{cell.source}".encode()).hexdigest()
        seen[digest] = seen.get(digest, 0) + 1
        yield digest[:12] if seen[digest] == 1 else f"{digest[:12]}-{seen[digest]}"


def _toc_entry(
    book: Book, section: Section, framework: Framework, line: dialect.Line
) -> list[str]:
    entry = line.text.strip()
    if line.opens or not entry or entry.startswith((":", "`", "~")):
        return []
    name = resolve(section.folder, entry)
    below = book.section(name)
    title = below.title if below else entry
    return [f"- {_link(book, section, framework, name, title)}"]


def _glossary(book: Book) -> list[str]:
    """Return the glossary as a list."""
    return [
        f"- **{term.japanese}**（{term.english}）：{term.meaning}"
        for term in book.words.explained
    ]


def _line(
    book: Book, section: Section, framework: Framework, text: str, above: list[str]
) -> list[str]:
    """Return what a line of prose becomes: one line, or none."""
    equation = EQUATION.fullmatch(text.strip())
    if equation and equation["name"] in book.labels:
        _tag(above, book.labels[equation["name"]].text)
        return []
    shown = INVISIBLE.sub("", text)
    if shown != text and not shown.strip():
        return []
    shown = dialect.REFERENCE.sub(
        lambda match: _reference(book, section, framework, match), shown
    )
    return [IMAGE.sub(lambda match: _image(section, framework, match), shown)]


def _tag(above: list[str], number: str) -> None:
    """Give the displayed equation that ends the lines above its number."""
    for index in range(len(above) - 1, -1, -1):
        if above[index].rstrip().endswith("$$"):
            body = above[index].rstrip().removesuffix("$$")
            above[index] = f"{body}\\tag{{{number.strip('()')}}}$$"
            return


def _reference(
    book: Book, section: Section, framework: Framework, match: re.Match[str]
) -> str:
    label = book.labels.get(match["name"])
    if label is None:  # lint has named it; the reader sees the name, not a mark
        return str(match["name"])
    return _link(book, section, framework, label.section, label.text)


def _link(
    book: Book, section: Section, framework: Framework, name: str, text: str
) -> str:
    """Return text that links to another notebook, or plain text where there is none."""
    target = book.section(name)
    if target is None or name == section.name:
        return text
    if framework not in book.frameworks_of(target):
        return text
    path = posixpath.relpath(name, section.folder or ".")
    return f"[{text}]({path}.ipynb)"


def _image(section: Section, framework: Framework, match: re.Match[str]) -> str:
    if ELSEWHERE.match(match["path"]):
        return match[0]
    here = posixpath.dirname(notebook_path(section.name, framework.name))
    target = resolve(section.folder, match["path"])
    path = posixpath.relpath(target, posixpath.join("notebooks", here))
    return f"{match['start']}{path}{match['end']}"

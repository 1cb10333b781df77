"""From a section to the notebook of one framework, not yet run.

What comes out needs nothing of ours: no marks, references as text and links, pictures
inside, and ids that depend on nothing but the cells.
"""

from __future__ import annotations

import hashlib
import html
import itertools
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence

import nbformat
from nbformat import NotebookNode

from tabbook.notebooks import figures
from tabbook.source import dialect
from tabbook.source.expressions import (
    CAPTION,
    CAPTION_LABEL,
    ELSEWHERE,
    EQUATION_LABEL,
    FIGURE,
    IMAGE,
    MARK,
    REFERENCE,
    WIDTH,
)
from tabbook.source.book import Book
from tabbook.source.labels import caption
from tabbook.source.section import Section, TOC, resolve
from tabbook.source.slide_marks import plain
from tabbook.base.config import Config, Framework
from tabbook.base.translations import texts
from tabbook.environments import read_pins
from tabbook.notebooks.setup_cell import SETUP_CELL_ID
from tabbook.source.glossary import GLOSSARY

INVISIBLE = re.compile(r":(?:label|width|height):`[^`]*`")
DRAWN = re.compile(r"^(<img .*)$", re.MULTILINE)
"""A figure as notebooks show it: it gets a cell for itself, being long to read past."""

VERSIONS = "BOOK_VERSIONS"
"""The name that stands in the set-up for the versions the book was run with."""

METADATA = {
    "colab": {"provenance": [], "toc_visible": True},
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
FORM = {"cellView": "form"}
"""What has Colab show a cell's title, its first line, and fold the code away."""
GPU = {"accelerator": "GPU"}
"""What asks Colab for a machine with a GPU."""


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
    cells = [
        made
        for cell in own.cells
        for made in _cells(book, section, framework, cell)
        if made.source
    ]
    for cell, identity in zip(cells, _ids(cells), strict=True):
        cell.id = identity
    metadata = METADATA | (GPU if _wants_gpu(book.config, cells) else {})
    setup = _setup(book.config, framework)
    made = nbformat.v4.new_notebook(cells=[*setup, *cells], metadata=metadata)
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
    lines = list(dialect.lines(plain(text)))

    def text_of(one: str) -> list[str]:
        return _line(book, section, framework, one, shown)

    for at, line in enumerate(lines):
        if line.inside and line.fence == TOC:
            shown += _toc_entry(book, section, framework, line)
        elif line.inside and line.fence == GLOSSARY:
            shown += _glossary(book) if line.opens else []
        elif line.inside:
            shown.append(line.text)
        elif match := FIGURE.fullmatch(line.text):
            marks = _marks(lines[at + 1 :])
            caption = _caption(book, marks, match["alt"])
            drawn = _figure(book, section, framework, match, marks)
            shown.append(drawn + "".join(text_of(caption)))
        else:
            if line.text.startswith("|") and not (at and lines[at - 1].text[:1] == "|"):
                caption = _table_caption(book, lines[at:], shown)
                shown += text_of(caption) if caption else []
            shown += text_of(line.text)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(shown)).strip()


def _own(book: Book, section: Section, framework: Framework) -> NotebookNode | None:
    """Return the framework's cells of a section, as d2lbook picks them."""
    return dialect.for_framework(
        section.cells, framework.name, book.config.default.name
    )


def _cells(
    book: Book, section: Section, framework: Framework, cell: NotebookNode
) -> Iterator[NotebookNode]:
    """Yield what a cell of the source becomes; a figure stands in a cell of its own."""
    if cell.cell_type == "code":
        yield _cell("code", cell.source)
        return
    for part in DRAWN.split(prose(book, section, framework, cell.source)):
        yield _cell("markdown", part.strip())


def _cell(kind: str, source: str, **more: object) -> NotebookNode:
    """Return a new cell."""
    made = {"cell_type": kind, "metadata": {}, "source": source, **more}
    if kind == "code":
        made |= {"execution_count": None, "outputs": []}
    return nbformat.from_dict(made)


def _setup(config: Config, framework: Framework) -> list[NotebookNode]:
    """Return the cell that sets Colab up, if the framework has one."""
    if not framework.colab:
        return []
    code = framework.colab.read_text(encoding="utf-8").strip()
    if VERSIONS in code:
        code = code.replace(VERSIONS, repr(verified_with(config, framework)))
    return [_cell("code", code, id=SETUP_CELL_ID, metadata=FORM)]


def verified_with(config: Config, framework: Framework) -> dict[str, str]:
    """Return the versions of Python and of the framework's packages that are pinned."""
    pinned = dict(line.split("==", 1) for line in read_pins(framework) if "==" in line)
    versions = {name: pinned[name] for name in framework.packages if name in pinned}
    return {"python": config.python, **versions}


def _wants_gpu(config: Config, cells: Iterable[NotebookNode]) -> bool:
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    return any(piece in source for piece in config.gpu for source in code)


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
    words = texts(book.config.language, "glossary")
    entries = []
    for term in book.words.explained:
        name = words["name"].format(term=f"**{term.japanese}**", english=term.english)
        entries.append("- " + words["entry"].format(name=name, meaning=term.meaning))
    return entries


def _line(
    book: Book, section: Section, framework: Framework, text: str, above: list[str]
) -> list[str]:
    """Return what a line of prose becomes: one line, or none."""
    equation = EQUATION_LABEL.fullmatch(text.strip())
    if equation and equation["name"] in book.labels:
        _tag(above, book.labels[equation["name"]].text)
        return []
    shown = INVISIBLE.sub("", text)
    if shown != text and not shown.strip():
        return []
    shown = REFERENCE.sub(
        lambda match: _reference(book, section, framework, match), shown
    )
    return [
        IMAGE.sub(
            lambda match: (
                match["start"]
                + _source(book, section, framework, match["path"])
                + match["end"]
            ),
            shown,
        )
    ]


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


def _marks(lines: Sequence[dialect.Line]) -> list[str]:
    """Return the marks that the lines begin with, blank lines between them left out."""
    texts = (line.text.strip() for line in lines)
    return list(itertools.takewhile(MARK.match, filter(None, texts)))


def _caption(book: Book, marks: Sequence[str], text: str) -> str:
    """Return a caption with the number that references name, as pages have it."""
    names = (found["name"] for one in marks for found in CAPTION_LABEL.finditer(one))
    number = "".join(book.labels[name].text for name in names if name in book.labels)
    return caption(book.config.language, number, text)


def _table_caption(book: Book, lines: Sequence[dialect.Line], above: list[str]) -> str:
    """Return the caption of the table that the lines begin with.

    :param above: what the notebook shows above; a caption's line is taken out of it.
    """
    rows = itertools.dropwhile(lambda line: line.text.startswith("|"), lines)
    last = next((text for text in reversed(above) if text.strip()), "")
    match = CAPTION.fullmatch(last)
    while match and above.pop() != last:
        pass
    caption = _caption(book, _marks(list(rows)), match["text"] if match else "")
    return f"{caption}\n" if caption else ""


def _figure(
    book: Book,
    section: Section,
    framework: Framework,
    match: re.Match[str],
    marks: Sequence[str],
) -> str:
    """Return a picture that has a line for itself, up to its caption."""
    source = _source(book, section, framework, match["path"])
    size = next((found for mark in marks if (found := WIDTH.search(mark))), None)
    natural = figures.width(book.config, resolve(section.folder, match["path"]))
    wide = size["value"] + (size["unit"] or "").strip("px") if size else natural
    attribute = f' width="{wide}"' if wide else ""
    return f'<img alt="{html.escape(match["alt"])}"{attribute} src="{source}"><br>'


def _source(book: Book, section: Section, framework: Framework, path: str) -> str:
    """Return where a notebook finds a picture: inside itself where it can."""
    if ELSEWHERE.match(path):
        return path
    target = resolve(section.folder, path)
    here = posixpath.dirname(notebook_path(section.name, framework.name))
    beside = posixpath.relpath(target, posixpath.join("notebooks", here))
    return figures.address(book.config, target) or beside

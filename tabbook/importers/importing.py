"""Import files: read them, merge frameworks, write the sections.

Files are read twice: what a reference leads to is known only when all are read.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tabbook.base.config import Config
from tabbook.base.errors import BookError, Problem, UsageError
from tabbook.base.files import read_text
from tabbook.importers import bibliographies, frameworks, notebook_reader, page_reader
from tabbook.importers.conversion.context import Context, Known
from tabbook.importers.conversion.pictures import Pictures
from tabbook.importers.conversion.pieces import Losses
from tabbook.importers.document import Document
from tabbook.importers.merging import merge
from tabbook.importers.section_text import first_heading, section_text
from tabbook.importers.writer import write
from tabbook.source.book import Book

READERS = {
    ".ipynb": notebook_reader.read,
    ".md": page_reader.read,
    ".qmd": page_reader.read,
}
"""Readers of files, by the suffix of their names."""

CHAPTER = "chapter_imported"
"""The folder of imported sections by default."""

UNSAFE = re.compile(r"[^\w.-]+")

Sections = dict[str, list[Document]]
"""The documents of each section by its name, one for each framework."""


@dataclass(frozen=True)
class Source:
    """A file to import."""

    path: str
    """As the user named it."""
    framework: str = ""
    """The framework of its cells; empty for the one that the file names."""


@dataclass(frozen=True)
class Imported:
    """Result of an import."""

    sections: tuple[str, ...]
    """Names of the sections."""
    files: tuple[str, ...]
    """Paths of all that was written, relative to the book's folder."""
    problems: tuple[Problem, ...]
    """The losses."""


def import_files(
    book: Book,
    sources: Sequence[Source],
    *,
    folder: str = CHAPTER,
    name: str = "",
    force: bool = False,
) -> Imported:
    """Turn files into sections of a book.

    :param folder: of the sections, relative to the book's folder.
    :param name: of the one section that all files become; by default, files with equal
        names become one section.
    :param force: replace files that exist.
    :raises BookError: a file cannot be read, or a section exists already.
    """
    names = _names(book.config, sources, folder, name)
    known = Known(
        labels={label.name: label.section for label in book.every_label},
        pages=_pages(book, names),
        frameworks=frameworks.known(book.config),
        language=book.config.language,
    )
    first = {source: _read(source, names[source], known) for source in sources}
    known = _all_known(known, first)
    entries = bibliographies.find(first.values())
    known = replace(known, keys=frozenset(entries.keys))
    documents = {
        source: _read(source, names[source], known, once=document)
        for source, document in first.items()
    }
    texts = _texts(book.config, documents, names)
    files = {
        path: content
        for document in documents.values()
        for path, content in document.context.pictures.files.items()
    }
    bibliographies.place_lists(
        texts,
        {
            section: entries.cited(_cited(documents, names, section))
            for section in texts
        },
        files,
        language=book.config.language,
        has_list=bool(book.bibliography.files),
    )
    written = write(book, texts, files, force=force)
    return Imported(tuple(texts), tuple(written), _problems(documents.values()))


def _problems(documents: Iterable[Document]) -> tuple[Problem, ...]:
    """Return the losses, file by file."""
    return tuple(
        problem
        for document in documents
        for problem in sorted(document.context.losses.problems)
    )


def _names(
    config: Config, sources: Sequence[Source], folder: str, name: str
) -> dict[Source, str]:
    """Return the name of the section that each file becomes.

    :raises UsageError: a file is of another kind, or no pattern finds the section.
    """
    names = {}
    for source in sources:
        frameworks.checked(config, source.framework)
        ending = Path(source.path).suffix.lower()
        if ending not in READERS:
            kinds = ", ".join(READERS)
            raise UsageError(
                f"{source.path!r} is none of {kinds}; let jupytext or nbconvert make a "
                "notebook of it, and import that"
            )
        stem = UNSAFE.sub("-", name or Path(source.path).stem).strip("-") or "section"
        names[source] = posixpath.normpath(posixpath.join(folder, stem))
    for section in dict.fromkeys(names.values()):
        _check_name(config, section)
    return names


def _check_name(config: Config, section: str) -> None:
    """Refuse a section that the book would not read.

    :raises UsageError: config.ini's patterns do not find it.
    """
    path = f"{section}.md"
    included = any(
        fnmatch.fnmatchcase(path, pattern)
        and ("**" in pattern or pattern.count("/") == path.count("/"))
        for pattern in config.patterns
    )
    if not included:
        patterns = " ".join(config.patterns)
        raise UsageError(
            f"{path!r} would be no section of the book: config.ini's [build] notebooks "
            f"finds {patterns!r}; name a folder that fits with --to, or add a pattern"
        )


def _pages(book: Book, names: Mapping[Source, str]) -> dict[str, str]:
    """Return the names of sections by the absolute paths of their files."""
    root = book.config.root
    own = {str(root / section.path): section.name for section in book.sections}
    brought = {str(_absolute(each.path)): name for each, name in names.items()}
    return {**own, **brought}


def _absolute(path: str) -> Path:
    return Path(posixpath.normpath(Path.cwd() / path))


def _read(
    source: Source, section: str, known: Known, once: Document | None = None
) -> Document:
    """Return a file in the dialect.

    :param once: the same file, read before all targets of references were known.
    :raises BookError: it does not exist, or is not of its kind.
    """
    file = _absolute(source.path)
    try:
        text = read_text(file)
    except OSError as error:
        raise BookError(f"{source.path}: cannot be read: {error.strerror}") from error
    linked = frozenset(once.context.linked) if once else frozenset()
    context = Context(
        source=file,
        section=section,
        losses=Losses(source.path),
        known=replace(known, anchors=linked),
        pictures=Pictures(file.parent, section),
        quarto=file.suffix.lower() == ".qmd",
    )
    pieces, title = READERS[file.suffix.lower()](context, text)
    return Document(tuple(pieces), title, context)


def _all_known(known: Known, documents: Mapping[Source, Document]) -> Known:
    """Return the targets of references, with the labels and titles of documents."""
    contexts = [document.context for document in documents.values()]
    places = [label for each in contexts for label in each.labels]
    formulas = [label for each in contexts for label in each.formulas]
    clashes = {label for label in formulas if label in places}
    labels = {
        label: document.context.section
        for document in documents.values()
        for label in document.labels
    }
    labels |= {
        f"eq_{label}": each.section
        for each in contexts
        for label in each.formulas
        if label in clashes
    }
    titles = {
        document.context.section: document.title or first_heading(document.pieces)
        for document in documents.values()
    }
    known_labels = {**known.labels, **labels}
    return replace(
        known, labels=known_labels, titles=titles, clashes=frozenset(clashes)
    )


def _cited(
    documents: Mapping[Source, Document], names: Mapping[Source, str], section: str
) -> list[str]:
    """Return the keys of the entries that a section cites."""
    return [
        key
        for source, document in documents.items()
        if names[source] == section
        for key in document.context.cited
    ]


def _texts(
    config: Config, documents: Mapping[Source, Document], names: Mapping[Source, str]
) -> dict[str, str]:
    """Return the text of each section by its name.

    :raises UsageError: two files of one section are for the same framework.
    """
    texts = {}
    for section in dict.fromkeys(names.values()):
        own = {each: documents[each] for each in documents if names[each] == section}
        by_framework: dict[str, Document] = {}
        for source, document in own.items():
            file, pieces = document.context.source, document.pieces
            name = source.framework or frameworks.of_file(config, file, pieces)
            if name in by_framework:
                other = by_framework[name].context.losses.path
                raise UsageError(
                    f"{other!r} and {source.path!r} would both be {section!r} for "
                    f"{name!r}; name the framework of each, such as {name}={other}, or "
                    "import them one by one with --as"
                )
            by_framework[name] = document
        order = [each.name for each in config.frameworks if each.name in by_framework]
        merged = {name: by_framework[name] for name in order}
        texts[section] = _text(config, section, merged)
    return texts


def _text(config: Config, section: str, documents: Mapping[str, Document]) -> str:
    """Return the text of a section from a document for each framework."""
    titles = [document.title for document in documents.values() if document.title]
    title = titles[0] if titles else posixpath.basename(section).replace("-", " ")
    names = list(documents)
    if len(names) > 1:
        pieces = merge({name: documents[name].pieces for name in names})
    else:
        pieces = list(documents[names[0]].pieces)
    return section_text(pieces, title, names, tabbed=len(config.frameworks) > 1)

"""Bring the .bib files of imported sections into the book."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tabbook.base.files import read_bytes
from tabbook.base.translations import texts
from tabbook.importers.conversion.options import mapping
from tabbook.importers.document import Document

PLACE = re.compile(r"^:bibliography:$", re.MULTILINE)
"""Placeholder of a list of references, which conversion leaves."""

PROJECT_FILES = ("_config.yml", "_quarto.yml", "myst.yml", "conf.py")
"""Files that stand in the folder of a whole project."""

CONF_PY = re.compile(r"bibtex_bibfiles\s*=\s*\[([^\]]*)\]")
ABOVE = 4
"""Folders above a file in which its project's files are looked for."""


@dataclass(frozen=True)
class EntryFiles:
    """The .bib files of imported sections."""

    keys: Mapping[str, Path]
    """The file of each entry by its key."""

    def cited(self, keys: Iterable[str]) -> list[Path]:
        """Return the files that hold entries."""
        files = (self.keys[key] for key in keys if key in self.keys)
        return list(dict.fromkeys(files))


def find(documents: Iterable[Document]) -> EntryFiles:
    """Return the entries that files of documents or of their projects hold."""
    files: dict[Path, None] = {}
    for document in documents:
        folder = document.context.source.parent
        for name in document.context.bibliography:
            if name and (file := _above(folder, name)):
                files[file] = None
        files |= dict.fromkeys(_of_project(folder))
    if not files:
        return EntryFiles({})
    from tabbook.source.citations import bibfile  # imports pybtex, which is slow

    keys: dict[str, Path] = {}
    for file in files:
        for key in bibfile.read(file).entries:
            keys.setdefault(key, file)
    return EntryFiles(keys)


def _above(folder: Path, name: str) -> Path | None:
    """Return a file that is named from a folder, or from one above it."""
    for place in (folder, *folder.parents[:ABOVE]):
        if (place / name.lstrip("/")).is_file():
            return (place / name.lstrip("/")).resolve()
    return None


def _of_project(folder: Path) -> list[Path]:
    """Return the .bib files of the project that a folder is part of."""
    for place in (folder, *folder.parents[:ABOVE]):
        present = [place / name for name in PROJECT_FILES if (place / name).is_file()]
        if present:
            named = [name for file in present for name in _named(file)]
            files = [place / name for name in named if (place / name).is_file()]
            if files:
                return [file.resolve() for file in files]
    near = (place.glob("*.bib") for place in (folder, *folder.parents[:2]))
    return sorted(file.resolve() for files in near for file in files)


def _named(file: Path) -> list[str]:
    """Return the .bib files that a project's file names."""
    text = read_bytes(file).decode("utf-8", errors="replace")
    if file.suffix == ".py":
        match = CONF_PY.search(text)
        return re.findall(r"[\"']([^\"']+)[\"']", match[1]) if match else []
    values = mapping(text)
    project = values.get("project")
    inner = project.get("bibliography") if isinstance(project, dict) else None
    names = values.get("bibtex_bibfiles") or values.get("bibliography") or inner or []
    return [str(name) for name in (names if isinstance(names, list) else [names])]


def place_lists(
    sections: dict[str, str],
    cited: Mapping[str, list[Path]],
    files: dict[str, bytes],
    *,
    language: str,
    has_list: bool,
) -> None:
    """Name the .bib files in the lists of references, and bring them along.

    :param sections: texts by the names of sections; lists are added to them.
    :param cited: the .bib files that each section cites.
    :param files: content by path in the book; .bib files are added to them.
    :param has_list: whether the book has a list of references already.
    """
    everything = list(dict.fromkeys(file for each in cited.values() for file in each))
    names = _names(everything)
    files |= {names[file]: read_bytes(file) for file in everything}
    placed = [name for name, text in sections.items() if PLACE.search(text)]
    heading = texts(language, "imports")["references"]
    for name, text in sections.items():
        own = cited.get(name, [])
        if name in placed:
            sections[name] = PLACE.sub(_mark(name, everything, names), text)
        elif own and not placed and not has_list:
            mark = _mark(name, own, names)
            sections[name] = f"{text.rstrip()}\n\n## {heading}\n\n{mark}\n"


def _names(files: Iterable[Path]) -> dict[Path, str]:
    """Return the path in the book of each file; no two share one."""
    names: dict[Path, str] = {}
    for file in files:
        name, count = file.name, 1
        while name in names.values():
            count += 1
            name = f"{file.stem}-{count}{file.suffix}"
        names[file] = name
    return names


def _mark(section: str, files: list[Path], names: Mapping[Path, str]) -> str:
    """Return the mark of a list of references; empty where nothing is cited."""
    folder = posixpath.dirname(section) or "."
    paths = [posixpath.relpath(names[file], folder) for file in files]
    return f":bibliography:`{', '.join(paths)}`" if paths else ""

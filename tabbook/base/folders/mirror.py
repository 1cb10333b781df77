"""Keep a folder equal to another, and delete nothing that was not written here.

A list beside the folder names what was written to it, so that files that the user
added, such as a site's CNAME, stay.
"""

from __future__ import annotations

import contextlib
import filecmp
import json
import shutil
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from tabbook.base.files import replace, write_text


def mirror(source: Path, target: Path) -> int:
    """Make a folder equal to another, file by file; return how many files changed.

    A file with the same content is not touched, so no browser loads it again. Files
    of the same size and time, which copies have, are not even compared.

    :raises OSError: a file cannot be written.
    """
    names = {file.relative_to(source).as_posix() for file in _files(source)}
    written = _listed(target)
    changed = [name for name in sorted(names) if _differ(source / name, target / name)]
    surplus = written - names
    # Before any file, so that nothing of a build that is killed is taken for foreign.
    _list(target, written | names)
    for name in changed:
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / name, _temporary(target))
        replace(_temporary(target), file)
    if surplus:
        _remove(target, surplus)
    _list(target, names)
    return len(changed) + len(surplus)


def remove_mirror(target: Path) -> None:
    """Delete the files written to a folder, and the folder if it is empty then.

    :raises OSError: a file cannot be deleted.
    """
    _remove(target, _listed(target))
    _list_file(target).unlink(missing_ok=True)
    _temporary(target).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        target.rmdir()


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _differ(source: Path, target: Path) -> bool:
    return not target.is_file() or not filecmp.cmp(source, target)


def _list_file(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.json")


def _temporary(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.new")


def _list(folder: Path, names: Iterable[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_text(_list_file(folder), json.dumps(sorted(names), indent=0))


def _listed(folder: Path) -> set[str]:
    """Return the names of the files that were written to a folder."""
    try:
        names = json.loads(_list_file(folder).read_text(encoding="utf-8"))
        return {name for name in names if _stays_inside(name)}
    except (OSError, ValueError, TypeError):
        return set()


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _remove(folder: Path, names: Iterable[str]) -> None:
    """Delete files of a folder, and the folders that are empty then."""
    inside = folder.resolve()
    for name in names:
        file = folder / name
        if file.parent.resolve().is_relative_to(inside):  # not through a link
            file.unlink(missing_ok=True)
    for inner in sorted(folder.rglob("*"), reverse=True):
        if inner.is_dir() and not inner.is_symlink():
            with contextlib.suppress(OSError):
                inner.rmdir()

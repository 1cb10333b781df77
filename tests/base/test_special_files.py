"""Pipes, devices, folders and loops of links where files are expected."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tabbook.base.config import load
from tabbook.base.errors import BookError
from tabbook.environments import read_pins
from tabbook.notebooks import notebook_file, verified
from tabbook.source import book
from tabbook.source.citations.bibfile import read
from tests.support.books import MakeBook

KINDS: dict[str, tuple[Callable[[Path], object], str]] = {
    "pipe": (os.mkfifo, "is a pipe or a device, not a file"),
    "folder": (Path.mkdir, "is a folder, not a file"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "is a pipe or a device"),
    "loop": (lambda path: path.symlink_to(path.name), "Too many levels of symbolic"),
}
READERS: dict[str, Callable[[Path], object]] = {
    "config.ini": load,
    "chapter_a/x.md": lambda root: book.load(load(root)),
    "notebooks/x.ipynb": lambda root: notebook_file.read(root / "notebooks/x.ipynb"),
    "notebooks/verified.json": lambda root: verified.load(book.load(load(root))),
    "environments/left.txt": lambda root: read_pins(load(root).framework("left")),
    "refs.bib": lambda root: read(root / "refs.bib"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", READERS)
def test_special_file_is_one_message(make_book: MakeBook, name: str, kind: str) -> None:
    root = make_book({"index.md": "# 本\n", "chapter_a/y.md": "# 節\n"}).root
    file = root / name
    file.parent.mkdir(exist_ok=True)
    file.unlink(missing_ok=True)
    make, message = KINDS[kind]
    make(file)
    with pytest.raises((BookError, OSError)) as refused:
        READERS[name](root)
    assert message in str(refused.value)
    assert file.name in str(refused.value)
    assert "\n" not in str(refused.value)
    if name != "refs.bib":  # its problem is lint's to report
        assert isinstance(refused.value, BookError)

"""A stranger's book runs no code on a build, and shows only its own files."""

from __future__ import annotations

import pickle
import shutil
import sys
from pathlib import Path

import pytest

from tabbook import sphinxext
from tabbook.base.config import Config, load
from tabbook.base.errors import BookError
from tabbook.lint import lint
from tabbook.source import book

FILES = {"index.md": "# B\n\n```toc\na\n```\n", "a.md": "# A\n\nText.\n"}
CONFIG = "[build]\nnotebooks = index.md a.md\n"
RST = "# A\n\n```eval_rst\n{}\n```\n"


class Payload:
    """A pickle that writes a file where it is read."""

    def __init__(self, file: Path) -> None:
        """Name the file."""
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        """Return what unpickling calls."""
        return Path.write_text, (self.file, "run")


def html(config: Config) -> str:
    folder = sphinxext.build(load(config.root)).folder
    return (folder / "a.html").read_text("utf-8")


@pytest.mark.parametrize("planted", ["environment.pickle", "a.doctree"])
@pytest.mark.parametrize("built", [True, False], ids=["built", "cloned"])
def test_pickles_of_others_are_not_read(
    make_book, tmp_path: Path, planted: str, built: bool
) -> None:
    config: Config = make_book(FILES, CONFIG)
    html(config)
    folder = config.root
    if not built:  # a copy at another place, with all that a build keeps
        folder = tmp_path / "clone"
        shutil.copytree(config.root, folder, symlinks=True)
    reached = tmp_path / "reached"
    file = folder / "_build/sphinx/doctrees" / planted
    assert file.exists()
    file.write_bytes(pickle.dumps(Payload(reached)))
    (folder / "index.md").write_text(FILES["index.md"] + "\nMore.\n")
    assert "Text." in html(load(folder))
    assert not reached.exists()
    assert sphinxext.build(load(folder)).read == ()


def test_own_pages_are_not_read_again(make_book) -> None:
    config: Config = make_book(FILES, CONFIG)
    html(config)
    (config.root / "a.md").write_text("# A\n\nOther text.\n")
    assert sphinxext.build(load(config.root)).read == ("a",)


@pytest.mark.parametrize(
    "directive",
    [
        ".. include:: ../{}",
        ".. literalinclude:: ../{}",
        ".. csv-table::\n   :file: ../{}",
        ".. raw:: html\n   :file: ../{}",
        ".. include:: link.txt",
        ":download:`get <../{}>`",
    ],
)
def test_files_outside_of_the_book_are_not_shown(make_book, directive: str) -> None:
    config: Config = make_book(FILES, CONFIG)
    html(config)
    outside = config.root.with_name(f"{config.root.name}-secret.txt")
    outside.write_text("a secret\n")
    (config.root / "link.txt").symlink_to(outside)
    page = RST.format(directive.format(outside.name))
    (config.root / "a.md").write_text(page)
    with pytest.raises(BookError, match=r"a\.md.*outside of the book's folder"):
        html(config)
    shown = (config.output / "html").rglob("*")
    assert not any(b"a secret" in file.read_bytes() for file in shown if file.is_file())
    # Followed, the advice works.
    (config.root / "link.txt").unlink()
    shutil.copy(outside, config.root / "link.txt")
    page = page.replace(f"../{outside.name}", "link.txt")
    (config.root / "a.md").write_text(page)
    html(config)


@pytest.mark.parametrize("text", ["![A]({})", '<img src="{}" alt="A">'])
def test_pictures_outside_of_the_book_are_an_error(make_book, text: str) -> None:
    config: Config = make_book(FILES, CONFIG)
    picture = config.root.with_name(f"{config.root.name}.svg")
    picture.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    page = "# A\n\n" + text.format(f"../{picture.name}") + "\n"
    (config.root / "a.md").write_text(page)
    (problem,) = lint(book.load(config))
    assert (problem.name, problem.line) == ("missing-figure", 3)
    assert "outside of the book's folder" in problem.message
    assert picture.name in html(config)  # the text in place of the picture
    assert not list((config.output / "html/_images").glob("*.svg"))


@pytest.mark.parametrize("key", ["html_logo", "favicon", "include_css", "include_js"])
def test_files_of_the_theme_stay_inside_the_book(make_book, key: str) -> None:
    config: Config = make_book(FILES, CONFIG)
    file = config.root / "config.ini"
    file.write_text(f"{CONFIG}[html]\n{key} = ../{Path(sys.executable).name}\n")
    with pytest.raises(BookError, match=r"config\.ini:4: .*outside of the book"):
        load(config.root)

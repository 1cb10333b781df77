"""Nothing is deleted that the engine did not write, wherever config.ini points."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat import v4

from tabbook import sphinxext
from tabbook.base.config import FILE_NAME, Config, Framework, load
from tabbook.base.config.kinds import OUTPUT_VARIABLE
from tabbook.base.errors import BookError
from tabbook.base.folders import output_folder
from tabbook.base.folders.mirror import mirror
from tabbook.execution.durations import Durations
from tabbook.export import framework_book
from tabbook.notebooks import store, verified
from tabbook.verification import report
from tabbook.verification.verdict import Verdict
from tests.support.books import write_files


def book(root: Path, output: str = "_build") -> Config:
    write_files(root, {FILE_NAME: f"[build]\noutput_dir = {output}\n", "a.md": "# a\n"})
    return load(root)


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (".", "is the book's own folder"),
        ("a/..", "is the book's own folder"),
        ("..", "lies outside of the book's folder"),
        ("../x", "lies outside of the book's folder"),
        ("/tmp/x", "lies outside of the book's folder"),
        ("notebooks", "holds no build products"),
        (".git/x", "holds no build products"),
        ("link", "is the book's own folder"),
    ],
)
def test_folder_that_is_no_output_is_refused(
    tmp_path: Path, output: str, message: str
) -> None:
    root = tmp_path / "book"
    root.mkdir()
    (root / "link").symlink_to(tmp_path)
    with pytest.raises(BookError, match=f"config.ini:2: .*output_dir .*{message}"):
        book(root, output)


def test_folder_outside_is_used_if_its_user_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BookError) as refused:
        book(tmp_path / "book", "../pages")
    variable, _, value = str(refused.value).rpartition(" ")[2].partition("=")
    assert variable == OUTPUT_VARIABLE
    monkeypatch.setenv(variable, value)
    config = load(tmp_path / "book")
    assert config.output == tmp_path / "pages"
    output_folder.claim(config)
    assert output_folder.clean(config) == []
    assert not config.output.exists()
    monkeypatch.setenv(variable, str(tmp_path))
    with pytest.raises(BookError, match="is the book's own folder"):
        load(tmp_path / "book")


def test_folder_with_files_of_others_is_neither_written_to_nor_cleaned(
    tmp_path: Path,
) -> None:
    config = book(tmp_path, "docs")
    write_files(tmp_path, {"docs/html/index.html": "mine", "docs/CNAME": "example.org"})
    for step in (output_folder.claim, output_folder.clean):
        with pytest.raises(BookError, match="holds files that are not build products"):
            step(config)
    (tmp_path / "docs").rename(tmp_path / "moved")
    output_folder.claim(config)
    assert (tmp_path / "moved/html/index.html").read_text() == "mine"


def test_folder_made_before_there_was_a_mark_is_still_used(tmp_path: Path) -> None:
    config = book(tmp_path)
    write_files(tmp_path, {"_build/sphinx/record.json": "{}", "_build/html/x": ""})
    output_folder.claim(config)
    assert [path.name for path in output_folder.clean(config)] == ["html"]


def test_clean_keeps_what_no_build_wrote(tmp_path: Path) -> None:
    config = book(tmp_path)
    output_folder.claim(config)
    own = tmp_path / "made"
    write_files(own, {"index.html": "", "chapter/a.html": ""})
    for folder in ("html", "html-site", "edition-students/html", "site-students"):
        mirror(own, config.output / folder)
    kept = {"html/CNAME": "", "mine.txt": "", "edition-students/mine.txt": ""}
    write_files(config.output, kept | {"sphinx/doctrees/a": "", "pdf/book.pdf": ""})
    outside = tmp_path / "outside"
    write_files(outside, {"file": ""})
    (config.output / "slides").symlink_to(outside)
    left = output_folder.clean(config)
    assert [path.name for path in left] == ["edition-students", "html", "mine.txt"]
    files = {path for path in config.output.rglob("*") if path.is_file()}
    names = {path.relative_to(config.output).as_posix() for path in files}
    assert names == kept.keys() | {"CACHEDIR.TAG"}
    assert (outside / "file").exists()


def test_list_of_a_stranger_deletes_nothing_outside(tmp_path: Path) -> None:
    config = book(tmp_path)
    output_folder.claim(config)
    write_files(
        config.output,
        {".html.json": '["../../a.md", "/etc/x", "link/a.md"]', "html/x": ""},
    )
    (config.output / "html/link").symlink_to(tmp_path)
    output_folder.clean(config)
    assert (tmp_path / "a.md").exists()


def test_mirror_keeps_files_that_it_did_not_write(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "html"
    write_files(source, {"index.html": "1", "part/old.html": "1"})
    assert mirror(source, target) == 2
    write_files(target, {"CNAME": "example.org", "part/mine.html": "2"})
    (source / "part/old.html").unlink()
    assert mirror(source, target) == 1
    assert mirror(source, target) == 0
    names = {path.name for path in target.rglob("*") if path.is_file()}
    assert names == {"index.html", "CNAME", "mine.html"}


WRITERS = {
    "pages": sphinxext.build,
    "record of seconds": lambda config: Durations(config).save(),
    "records of verification": lambda config: verified.update(config, {}, ()),
    "report": lambda config: report.write(config, Verdict(()), "verify"),
    "a committed notebook": lambda config: store.save(
        config, config.notebooks / "x.ipynb", v4.new_notebook()
    ),
    "slides' folder": lambda config: framework_book.scratch_folder(
        config, "pdf", Framework("x", "x", Path("x"))
    ).__enter__(),
}
"""What writes products, called without the command line."""


@pytest.mark.parametrize("writer", WRITERS)
def test_whoever_writes_products_claims_their_folder(
    tmp_path: Path, writer: str
) -> None:
    config = book(tmp_path)
    write_files(tmp_path, {"_build/mine.txt": "mine", "index.md": "# A\n"})
    with pytest.raises(BookError, match=r"are not build products, such as 'mine\.txt'"):
        WRITERS[writer](config)
    left = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert sorted(file.name for file in left) == [
        *("a.md", "config.ini", "index.md", "mine.txt")
    ]

"""Two builds are equal only if every file of every form is."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from benchmarks.compare_builds import compare


@pytest.fixture
def builds(tmp_path: Path) -> tuple[Path, Path]:
    """Return two checkouts with equal results."""
    checkouts = (tmp_path / "old", tmp_path / "new")
    for checkout in checkouts:
        for folder in ("notebooks", "_build/html", "_build/pdf", "_build/zip"):
            (checkout / folder).mkdir(parents=True)
        (checkout / "_build/html/index.html").write_text("<p>\n1\n", "utf-8")
        (checkout / "_build/pdf/book.pdf").write_bytes(b"\xff1")
        pack(checkout, "1")
    return checkouts


def pack(checkout: Path, text: str) -> None:
    with zipfile.ZipFile(checkout / "_build/zip/book.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("one.ipynb"), text)


def test_equal_builds_have_no_difference(
    builds: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare(*builds)
    assert "== _build/html: 0 differences" in capsys.readouterr().out


@pytest.mark.parametrize("swapped", [False, True])
def test_missing_files_and_folders_are_named(
    builds: tuple[Path, Path], swapped: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = builds
    (new / "_build/html/index.html").unlink()
    (new / "notebooks").rmdir()
    assert not compare(*((new, old) if swapped else (old, new)))
    output = capsys.readouterr().out
    assert f"_build/html/index.html: only in {old}" in output
    assert f"notebooks/the whole folder: only in {old}" in output


def test_text_is_shown_with_its_difference(
    builds: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    (builds[1] / "_build/html/index.html").write_text("<p>\n2\n", "utf-8")
    assert not compare(*builds)
    output = capsys.readouterr().out
    assert "_build/html/index.html: differs" in output
    assert "-1" in output and "+2" in output


def test_binary_files_and_members_of_archives_are_named(
    builds: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    (builds[1] / "_build/pdf/book.pdf").write_bytes(b"\xff22")
    pack(builds[1], "2")
    assert not compare(*builds)
    output = capsys.readouterr().out
    assert "_build/pdf/book.pdf: 2 and 3 bytes differ" in output
    assert "_build/zip/book.zip: one.ipynb: differs" in output

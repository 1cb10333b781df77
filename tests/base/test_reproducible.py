"""The date of what is made of a book."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tabbook.base.reproducible import EPOCH, fixed_date, known_date, zip_date

COMMITTED = "2024-02-29T12:00:00Z"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a book that was committed, in a repository with a later commit."""
    monkeypatch.delenv(EPOCH, raising=False)
    for folder, date in (("book", COMMITTED), ("other", "2025-01-01T00:00:00Z")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "file").touch()
        command = (
            "git init -q; git add .; git -c user.name=a -c user.email=b commit -qm c"
        )
        environment = {**os.environ, "GIT_COMMITTER_DATE": date}
        subprocess.run(command, shell=True, cwd=tmp_path, env=environment, check=True)
    return tmp_path


def test_date_is_that_of_the_last_commit_of_the_book(repository: Path) -> None:
    with fixed_date(repository / "book"):
        assert zip_date() == (2024, 2, 29, 12, 0, 0)
    assert EPOCH not in os.environ


def test_source_date_epoch_goes_before_the_commit(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(EPOCH, "1000000000")
    with fixed_date(repository / "book"):
        assert zip_date()[:3] == (2001, 9, 9)


def test_no_date_is_known_of_a_folder_without_commits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(EPOCH, raising=False)
    with fixed_date(tmp_path):
        assert known_date() is None
        assert zip_date()[:3] == (1980, 1, 1)

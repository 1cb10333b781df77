"""The zips of the chapter's notebooks."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import nbformat

from tabbook.base import config
from tabbook.base.reproducible import fixed_date, zip_date
from tabbook.export import archive
from tabbook.source import book
from tests.support.paths import ROOT


def test_zip_contains_the_committed_notebooks(tmp_path: Path) -> None:
    found = book.load(config.load(ROOT))
    one = found.config.framework("pytorch")
    file = archive.pack(found, [one], tmp_path / "some.zip")
    again = archive.pack(found, [one], tmp_path / "other" / "some.zip")
    assert file.read_bytes() == again.read_bytes()
    with fixed_date(ROOT):
        date = zip_date()[:5]  # an archive holds even seconds
    with zipfile.ZipFile(file) as made:
        assert made.testzip() is None
        assert {one.date_time[:5] for one in made.infolist()} == {date}
        names = [name for name in made.namelist() if name.endswith(".ipynb")]
        assert len(names) == sum(one in found.frameworks_of(x) for x in found.sections)
        for name in names:
            content = made.read(name)
            nbformat.validate(nbformat.read(io.BytesIO(content), as_version=4))
            committed = found.config.notebooks / name.removeprefix("some/")
            assert content == committed.read_bytes()
        told = made.read("some/README.txt").decode()
        assert "PyTorch: " in told and "torch 2.13.0" in told
        assert {"some/LICENSE", "some/LICENSE-CODE"} <= set(made.namelist())
        assert "dialect" not in json.dumps(made.namelist())

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
    loaded = book.load(config.load(ROOT))
    framework = loaded.config.framework("pytorch")
    file = archive.pack(loaded, [framework], tmp_path / "some.zip")
    again = archive.pack(loaded, [framework], tmp_path / "other" / "some.zip")
    assert file.read_bytes() == again.read_bytes()
    with fixed_date(ROOT):
        date = zip_date()[:5]  # an archive holds even seconds
    with zipfile.ZipFile(file) as packed:
        assert packed.testzip() is None
        assert {member.date_time[:5] for member in packed.infolist()} == {date}
        names = [name for name in packed.namelist() if name.endswith(".ipynb")]
        assert len(names) == sum(
            framework in loaded.frameworks_of(x) for x in loaded.sections
        )
        for name in names:
            content = packed.read(name)
            nbformat.validate(nbformat.read(io.BytesIO(content), as_version=4))
            committed = loaded.config.notebooks / name.removeprefix("some/")
            assert content == committed.read_bytes()
        readme = packed.read("some/README.txt").decode()
        assert "PyTorch: " in readme and "torch 2.13.0" in readme
        assert {"some/LICENSE", "some/LICENSE-CODE"} <= set(packed.namelist())
        assert "dialect" not in json.dumps(packed.namelist())

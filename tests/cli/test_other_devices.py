"""Products and notebooks may lie on another file system than the sources."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tabbook.base.config import Config
from tabbook.cli import main as cli

MEMORY = Path("/dev/shm")
SECTION = "# A\n\n```{.python .input}\nprint('out')\n```\n"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(dir=MEMORY))
    assert folder.stat().st_dev != tmp_path.stat().st_dev
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("linked", ["_build", "_build/html", "notebooks"])
def test_build_with_a_folder_on_another_file_system(
    make_book, light_environments, elsewhere: Path, linked: str
) -> None:
    config: Config = make_book(
        {"index.md": "# B\n\n```toc\na\n```\n", "a.md": SECTION},
        "[build]\nnotebooks = index.md a.md\n",
    )
    folder = config.root / linked
    if linked == "_build/html":
        assert cli.main(["-C", str(config.root), "run"]) == 0
    folder.symlink_to(elsewhere)
    assert cli.main(["-C", str(config.root)]) == 0
    source = config.root / "a.md"
    source.write_text(SECTION.replace("out", "changed"))
    assert cli.main(["-C", str(config.root)]) == 0
    assert "changed" in (config.output / "html/a.html").read_text("utf-8")
    assert "changed" in (config.notebooks / "python/a.ipynb").read_text("utf-8")
    left = [path.name for path in config.root.rglob("*.new")]
    assert not [*left, *(path.name for path in elsewhere.rglob(".*.new"))]

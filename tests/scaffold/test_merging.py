"""Two pull requests that change different cells of one section."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import nbformat
import pytest

from tabbook.base.files import write_text
from tabbook.execution import planner
from tabbook.notebooks import store
from tabbook.scaffold.catalogue import TEMPLATES
from tabbook.source import book
from tests.support.book_with_three_frameworks import MadeUpBook, make

ATTRIBUTES = TEMPLATES / "common" / "dot-gitattributes"

THREE = """
# 第三節

```{.python .input}
%%tab alpha
first = 1
```

最初の説明です。

```{.python .input}
%%tab alpha
second = 2
```

次の説明です。

```{.python .input}
%%tab alpha
third = 3
```
"""


def git(root: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org"]
    process = subprocess.run(
        [*command, *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


@pytest.fixture
def tiny(tmp_path: Path) -> MadeUpBook:
    made = make(tmp_path)
    made.write("part/three.md", THREE)
    made.edit("index.md", "part/two\n", "part/two\npart/three\n")
    write_text(tmp_path / ".gitattributes", ATTRIBUTES.read_text("utf-8"))
    made.execute()
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message=start")
    return made


def change(made: MadeUpBook, branch: str, old: str, new: str) -> None:
    """Change a cell on a branch of its own, with the outputs that it then has."""
    git(made.root, "checkout", "--quiet", "-b", branch, "main")
    made.edit("part/three.md", old, new)
    made.execute()
    git(made.root, "commit", "--quiet", "--all", f"--message={branch}")


def test_changes_of_different_cells_merge_and_are_run_again(tiny: MadeUpBook) -> None:
    file = tiny.root / "notebooks/alpha/part/three.ipynb"
    change(tiny, "one", "first = 1", "first_new = 10")
    change(tiny, "two", "third = 3", "third_new = 30")
    git(tiny.root, "merge", "--quiet", "one", "--message=both")
    source = (tiny.root / "part/three.md").read_text("utf-8")
    assert "first_new" in source
    assert "third_new" in source
    notebook = store.read(file)
    assert notebook
    assert [cell.source for cell in store.code_cells(notebook)] == [
        "first_new = 10",
        "second = 2",
        "third_new = 30",
    ]
    loaded = book.load(tiny.config)
    steps = planner.plan(loaded, loaded.sections, loaded.config.frameworks)
    stale = {step.section.name for step in steps if step.reused is None}
    assert stale == {"part/three"}, "neither branch has run both changes"
    tiny.execute()
    text = file.read_text("utf-8")
    assert text == store.text(nbformat.from_dict(json.loads(text)))
    assert text.count('"key"') == 1

"""Two pull requests that change one section, merged by git."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import nbformat
import pytest

from tabbook.base.errors import BookError
from tabbook.base.files import write_text
from tabbook.execution import planner
from tabbook.execution.step import Step
from tabbook.notebooks import notebook_file, store, verified, verified_file
from tabbook.notebooks.verified import VerificationRecord
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


def git(root: Path, *arguments: str, status: int = 0) -> str:
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org"]
    process = subprocess.run(
        [*command, *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    assert process.returncode == status, process.stdout + process.stderr
    return process.stdout


@pytest.fixture
def tiny(tmp_path: Path) -> MadeUpBook:
    sample = make(tmp_path)
    sample.write("part/three.md", THREE)
    sample.edit("index.md", "part/two\n", "part/two\npart/three\n")
    write_text(tmp_path / ".gitattributes", ATTRIBUTES.read_text("utf-8"))
    sample.execute()
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message=start")
    return sample


NOTEBOOK = "notebooks/alpha/part/three.ipynb"

FIRST = ("first = 1", "first_new = 10")
THIRD = ("third = 3", "third_new = 30")

LONGER = ("次の説明です。\n", "次の説明です。\n\nもう一つの段落です。\n")
"""An edit of prose that merges with the next one in sources, but not in notebooks."""

OTHER_WORDS = ("次の説明です。", "書き直した説明です。")


def change(sample: MadeUpBook, branch: str, *edits: tuple[str, str]) -> None:
    """Edit the section on a branch of its own, with the outputs that it then has."""
    git(sample.root, "checkout", "--quiet", "-b", branch, "main")
    for old, new in edits:
        sample.edit("part/three.md", old, new)
    sample.execute()
    commit(sample, branch)


def commit(sample: MadeUpBook, message: str) -> None:
    git(sample.root, "add", "--all")
    git(sample.root, "commit", "--quiet", f"--message={message}")


def merge(sample: MadeUpBook, *, status: int = 0) -> None:
    """Merge the first branch into the second one, which is checked out."""
    git(sample.root, "merge", "--quiet", "one", "--message=both", status=status)


def plan(sample: MadeUpBook) -> Step:
    """Plan a run of the section."""
    loaded = book.load(sample.config)
    section = loaded.section("part/three")
    assert section
    (step,) = planner.plan(loaded, [section], loaded.config.frameworks)
    return step


def test_changes_of_different_cells_merge_and_are_run_again(tiny: MadeUpBook) -> None:
    file = tiny.root / "notebooks/alpha/part/three.ipynb"
    change(tiny, "one", FIRST)
    change(tiny, "two", THIRD)
    merge(tiny)
    source = (tiny.root / "part/three.md").read_text("utf-8")
    assert "first_new" in source
    assert "third_new" in source
    notebook = notebook_file.read(file)
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


def test_notebook_of_two_edits_of_prose_takes_its_outputs_from_git(
    tiny: MadeUpBook,
) -> None:
    change(tiny, "one", LONGER)
    change(tiny, "two", OTHER_WORDS)
    merge(tiny)
    with pytest.raises(BookError, match="restore it with git"):
        notebook_file.read(tiny.root / NOTEBOOK)
    step = plan(tiny)
    loaded = rf"{NOTEBOOK}: is not a notebook \(.+\)"
    remedy = r"took the outputs from git \([0-9a-f]+\)"
    assert re.fullmatch(f"{loaded}: {remedy}", str(step.repair))
    assert plan(tiny).repair is None, "it is repaired"
    assert step.reused
    assert all(cell.outputs for cell in store.code_cells(step.reused))
    assert "もう一つの段落です。" in store.text(step.reused)
    assert "書き直した説明です。" in store.text(step.reused)


def test_conflict_is_repaired_while_git_waits(tiny: MadeUpBook) -> None:
    """Without .gitattributes, git leaves both sides and its marks in the notebook."""
    (tiny.root / ".gitattributes").unlink()
    commit(tiny, "without")
    change(tiny, "one", LONGER)
    change(tiny, "two", OTHER_WORDS)
    merge(tiny, status=1)
    assert "<<<<<<<" in (tiny.root / NOTEBOOK).read_text("utf-8")
    step = plan(tiny)
    assert step.reused
    assert step.repair
    assert step.repair.version == ":2", "our side"


def test_broken_notebook_that_neither_branch_ran_stays_until_it_runs(
    tiny: MadeUpBook,
) -> None:
    change(tiny, "one", LONGER, FIRST)
    change(tiny, "two", OTHER_WORDS, THIRD)
    merge(tiny)
    broken = (tiny.root / NOTEBOOK).read_text("utf-8")
    step = plan(tiny)
    assert step.reused is None
    assert str(step.repair).endswith(": git has no outputs of this code, so it runs")
    assert (tiny.root / NOTEBOOK).read_text("utf-8") == broken


NOTEBOOKS = (
    "alpha/part/one.ipynb",
    "alpha/part/three.ipynb",
    "beta/part/one.ipynb",
    "beta/part/two.ipynb",
    "gamma/part/one.ipynb",
)


def verify(sample: MadeUpBook, notebooks: Sequence[str], seconds: float) -> None:
    record = VerificationRecord(3, seconds, {"python": "3"})
    verified.update(sample.config, dict.fromkeys(notebooks, record), [])


def test_records_of_verification_merge_entry_by_entry(tiny: MadeUpBook) -> None:
    verify(tiny, [name for name in NOTEBOOKS if "two" not in name], 1.0)
    commit(tiny, "before")
    for seconds, branch, edit, name in (
        (2.0, "one", FIRST, "alpha_second"),
        (3.0, "two", THIRD, "gamma_first"),
    ):
        change(tiny, branch, edit)
        tiny.edit("part/one.md", name, f"{name}_new")
        tiny.execute()
        verify(tiny, NOTEBOOKS, seconds)
        commit(tiny, "verified")
    merge(tiny)
    file = tiny.config.notebooks / verified_file.FILE
    assert file.read_text("utf-8").count("beta/part/two.ipynb") == 2
    for _ in range(2):
        records = verified.load(book.load(tiny.config))
        assert {key: record.seconds for key, record in records.items()} == {
            ("part/one", "alpha"): 2.0,
            ("part/one", "beta"): 1.0,
            ("part/one", "gamma"): 3.0,
            ("part/two", "beta"): 3.0,
        }
        verified.update(tiny.config, {}, [])
        assert sorted(json.loads(file.read_text("utf-8"))) == sorted(NOTEBOOKS)

"""Every failure that verification must see, planted in one made-up book.

The cells run what stands in a resource, so that a committed notebook can turn wrong
without being stale: the resource changes after the notebooks are made.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tabbook.base.config import Config, load
from tabbook.base.errors import Problem
from tabbook.environments import kernelspec
from tabbook.execution import planner
from tabbook.source import book
from tabbook.verification import verify
from tabbook.verification.rerun import nbval_runner
from tabbook.verification.verdict import Verdict
from tests.support.books import HEAD
from tests.support.two_frameworks import ENDLESS, LIMIT

pytestmark = pytest.mark.long

TIMEOUT = LIMIT
CONFIG = f"""{HEAD}[tabbook]
timeout = {TIMEOUT}
[framework-left]
label = Left
variables = WHO=left
preload = json
[framework-right]
label = Right
variables = WHO=right
"""
SECTION = """# 節

```{{.python .input}}
%%tab left
print("first")
```

```{{.python .input}}
%%tab left
{code}
```

```{{.python .input}}
%%tab left
print("last")
```
"""
LINE = 8
"""Of the second cell's fence."""

FROM_FILE = 'exec(open("../data/{name}.py").read())'
SHOW = "from IPython.display import display\ndisplay({{'{kind}': {value!r}}}, raw=True)"
LOOP = ENDLESS
STUBBORN = """import time

while True:
    try:
        while True:
            print("still here", flush=True)
            time.sleep(0.01)
    except KeyboardInterrupt:
        pass"""


def picture(kind: str, content: bytes) -> str:
    return SHOW.format(kind=kind, value=base64.b64encode(content).decode())


@dataclass(frozen=True)
class Plant:
    """One notebook that turns wrong because its code gives something else."""

    name: str
    before: str
    """Code as it was when the notebook was made."""
    after: str
    """Code as it is when it is verified."""
    problem: str
    """Name of what must be found."""
    message: str
    """What the message must say (a pattern)."""


PLANTS = [
    Plant(
        "stubborn",
        "pass",
        STUBBORN,
        "timeout",
        f"still running after {TIMEOUT} s",
    ),
    Plant("loop", "pass", LOOP, "timeout", f"still running after {TIMEOUT} s"),
    Plant(
        "changed",
        "print('old value', 1)",
        "print('new value', 1)",
        "changed-output",
        r"(?s)-old value 1\n.*\+new value 1",
    ),
    Plant(
        "result",
        SHOW.format(kind="text/html", value="<b>1</b>"),
        SHOW.format(kind="text/html", value="<b>2</b>"),
        "changed-output",
        r"(?s)-<b>1</b>\n.*\+<b>2</b>",
    ),
    Plant(
        "order",
        "print(1)\n" + SHOW.format(kind="text/html", value="x"),
        SHOW.format(kind="text/html", value="x") + "\nprint(1)",
        "changed-output",
        "gives another output",
    ),
    Plant(
        "silent",
        "print('old')",
        "pass",
        "missing-output",
        r"(?s)shows an output, the code gives none.*-old",
    ),
    Plant(
        "talkative",
        "pass",
        "print('new')",
        "missing-output",
        r"(?s)no output here, the code gives one.*\+new",
    ),
    Plant(
        "stderr",
        "print('same')",
        "import sys\nprint('same')\nprint('beware', file=sys.stderr)",
        "new-stderr",
        r"\+stderr: beware",
    ),
    Plant(
        "warning",
        "pass",
        "import warnings\nwarnings.warn('beware')",
        "new-stderr",
        r"\+stderr: .*UserWarning: beware",
    ),
    Plant(
        "png",
        picture("image/png", b"\x89PNG 0"),
        picture("image/png", b"\x89PNG 1"),
        "changed-picture",
        r"(?s)-\[image/png, 6 bytes, .*\+\[image/png, 6 bytes, ",
    ),
    Plant(
        "jpeg",
        picture("image/jpeg", b"\xff\xd8 0"),
        picture("image/jpeg", b"\xff\xd8 12"),
        "changed-picture",
        r"(?s)-\[image/jpeg, 4 bytes, .*\+\[image/jpeg, 5 bytes, ",
    ),
    Plant(
        "svg",
        SHOW.format(kind="image/svg+xml", value="<svg><g/></svg>"),
        SHOW.format(kind="image/svg+xml", value="<svg></svg>"),
        "changed-picture",
        r"(?s)-<svg><g/></svg>\n.*\+<svg></svg>",
    ),
    Plant(
        "raises",
        "pass",
        "print('so far')\n1 / 0",
        "raised",
        r"(?s)ZeroDivisionError: division by zero\n.*Traceback",
    ),
    Plant(
        "killed",
        "pass",
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        "killed-kernel",
        "SIGKILL; most likely memory ran out",
    ),
    Plant("left", "pass", "import os\nos._exit(3)", "dead-kernel", "exit status 3"),
]

EDITS: dict[str, tuple[Callable[[Any], None], str, int, str]] = {
    "unexecuted": (
        lambda notebook: (
            [
                cell.update(execution_count=None, outputs=[])
                for cell in notebook["cells"]
                if cell["cell_type"] == "code"
            ]
            and None
        ),
        "not-executed",
        3,
        "was not executed to its end",
    ),
    "half-executed": (
        lambda notebook: notebook["cells"][-1].update(execution_count=None, outputs=[]),
        "not-executed",
        13,
        "was not executed to its end",
    ),
    "output-removed": (
        lambda notebook: notebook["cells"][1].update(outputs=[]),
        "missing-output",
        3,
        r"(?s)no output here, the code gives one.*\+first",
    ),
    "cell-edited": (
        lambda notebook: notebook["cells"][2].update(source="print('by hand')"),
        "stale",
        LINE,
        "executed with another cell here",
    ),
    "key-of-others": (
        lambda notebook: notebook["metadata"]["tabbook"].update(key="0"),
        "stale",
        0,
        "other pins or settings",
    ),
}
"""Section: change of the committed notebook; name, line and message of the problem."""

SOUND = """import os, pathlib
from IPython.display import clear_output, display
print("gone")
clear_output(wait=True)
shown = display("old", display_id=True)
shown.update("new")
print(os.environ["WHO"], pathlib.Path("../data/sound.py").exists())
pathlib.Path("made.txt").write_text("litter");"""

OTHERS = ("source-edited", "gone", "broken", "sound", "skipped")


@pytest.fixture(scope="module")
def config(make_book, light_module) -> Config:
    """Make the book, then plant every failure in it."""
    codes = {plant.name: FROM_FILE.format(name=plant.name) for plant in PLANTS}
    codes |= dict.fromkeys([*EDITS, *OTHERS], "print('second')")
    codes["skipped"] = "# NBVAL_IGNORE_OUTPUT\nimport random\nprint(random.random())"
    files = {
        f"chapter_a/{name}.md": SECTION.format(code=code)
        for name, code in codes.items()
    }
    files["chapter_a/sound.md"] = SECTION.format(code=SOUND).replace(
        "%%tab left", "%%tab left, right"
    )
    files |= {f"data/{plant.name}.py": plant.before for plant in PLANTS}
    files |= {"data/sound.py": "", "conftest.py": "raise RuntimeError('not ours')"}
    files["index.md"] = "# 本\n\n```toc\n" + "\n".join(
        file.removesuffix(".md") for file in files if file.startswith("chapter_")
    )
    sample = make_book({**files, "index.md": files["index.md"] + "\n```\n"}, CONFIG)
    loaded = book.load(sample)
    steps = planner.plan(loaded, loaded.sections, sample.frameworks)
    assert not [outcome for outcome in planner.run(loaded, steps) if outcome.failure]
    _plant(sample)
    return sample


def _plant(config: Config) -> None:
    folder = config.notebooks / "left" / "chapter_a"
    for plant in PLANTS:
        (config.root / f"data/{plant.name}.py").write_text(plant.after, "utf-8")
    for name, (change, *_) in EDITS.items():
        file = folder / f"{name}.ipynb"
        notebook = json.loads(file.read_text("utf-8"))
        change(notebook)
        file.write_text(json.dumps(notebook), "utf-8")
    source = config.root / "chapter_a/source-edited.md"
    source.write_text(source.read_text("utf-8").replace("second", "third"), "utf-8")
    (folder / "orphan.ipynb").write_bytes((folder / "sound.ipynb").read_bytes())
    (folder / "gone.ipynb").unlink()
    (folder / "broken.ipynb").write_text('{"cells": [', "utf-8")


@pytest.fixture(scope="module")
def verdict(config: Config) -> Verdict:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_ADDOPTS", "--collect-only")
        patch.setenv("PYTHONWARNINGS", "error")
        loaded = book.load(load(config.root))
        return verify.verify(loaded, loaded.sections, config.frameworks)


def only(verdict: Verdict, section: str) -> Problem:
    """Return the one problem of a section."""
    place = f"chapter_a/{section}"
    (checked,) = (
        notebook for notebook in verdict.notebooks if notebook.section.name == place
    )
    (problem,) = checked.problems
    return problem


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_cell_with_other_outputs_is_a_named_problem(
    verdict: Verdict, plant: Plant
) -> None:
    problem = only(verdict, plant.name)
    place = (problem.path, problem.line, problem.name)
    assert place == (f"chapter_a/{plant.name}.md", LINE, plant.problem)
    assert problem.severity == "error"
    assert re.search(plant.message, problem.message), problem.message
    assert problem.message.startswith("[Left] ")
    command = f"./build.sh run chapter_a/{plant.name} --framework left"
    assert command in problem.message


@pytest.mark.parametrize("name", EDITS)
def test_edited_notebook_is_a_named_problem(verdict: Verdict, name: str) -> None:
    _, expected, line, message = EDITS[name]
    problem = only(verdict, name)
    assert (problem.name, problem.line) == (expected, line)
    assert re.search(message, problem.message), problem.message
    assert f"chapter_a/{name} --framework left --force" in problem.message


@pytest.mark.parametrize(
    ("section", "name", "line", "path"),
    [
        ("source-edited", "stale", LINE, "chapter_a/source-edited.md"),
        ("gone", "missing-notebook", 0, "chapter_a/gone.md"),
        ("broken", "broken-notebook", 1, "notebooks/left/chapter_a/broken.ipynb"),
    ],
)
def test_problem_in_the_files_needs_no_execution(
    verdict: Verdict, section: str, name: str, line: int, path: str
) -> None:
    problem = only(verdict, section)
    assert (problem.name, problem.line, problem.path) == (name, line, path)


def test_notebook_of_no_section_is_an_orphan(verdict: Verdict) -> None:
    (problem,) = verdict.orphans
    place = "notebooks/left/chapter_a/orphan.ipynb"
    assert (problem.path, problem.name) == (place, "orphan")


def test_dead_kernel_is_noticed_before_the_time_limit(verdict: Verdict) -> None:
    seconds = {
        notebook.section.name: notebook.seconds or 0.0 for notebook in verdict.notebooks
    }
    loop = seconds["chapter_a/loop"]  # started on the same machine, and timed out
    assert 0 < seconds["chapter_a/killed"] < loop
    assert 0 < seconds["chapter_a/left"] < loop
    assert TIMEOUT < loop < 4 * TIMEOUT


def test_kernel_killed_by_others_leaves_the_record(verdict: Verdict) -> None:
    failed = {path.split("/")[-1] for path in verdict.failed}
    assert {"left.ipynb", "loop.ipynb", "changed.ipynb"} <= failed
    assert "killed.ipynb" not in failed


def test_unchanged_notebook_passes_in_its_own_environment(
    verdict: Verdict, config: Config
) -> None:
    sound = [
        notebook
        for notebook in verdict.notebooks
        if notebook.section.name.endswith("sound")
    ]
    assert [(notebook.framework.name, notebook.problems) for notebook in sound] == [
        ("left", ()),
        ("right", ()),
    ]
    assert all(notebook.seconds and notebook.cells == 3 for notebook in sound)
    outputs = [
        (config.notebooks / name / "chapter_a/sound.ipynb").read_text("utf-8")
        for name in ("left", "right")
    ]
    assert '"left True\\n"' in outputs[0]
    assert '"right True\\n"' in outputs[1]


def test_unchecked_cell_is_a_warning(verdict: Verdict) -> None:
    problem = only(verdict, "skipped")
    assert (problem.name, problem.line) == ("unchecked", LINE)
    assert problem.severity == "warning"


def test_broken_notebook_of_no_section_is_a_problem(make_book) -> None:
    config = make_book({"index.md": "# 本\n", "notebooks/old.ipynb": "{"})
    loaded = book.load(config)
    verdict = verify.verify(loaded, loaded.sections, config.frameworks)
    (problem,) = verdict.problems
    assert problem.name == "broken-notebook"
    assert (problem.path, problem.line) == ("notebooks/old.ipynb", 1)


def test_warning_of_unchecked_cell_can_be_silenced(config: Config) -> None:
    loaded = book.load(replace(config, silenced=frozenset({"unchecked"})))
    section = loaded.section("chapter_a/skipped")
    assert section
    verdict = verify.verify(loaded, [section], [config.framework("left")])
    assert verdict.problems == ()


def test_verdict_passes_if_all_its_notebooks_pass(
    verdict: Verdict, config: Config
) -> None:
    assert not verdict.passed
    loaded = book.load(config)
    chosen = [loaded.section(f"chapter_a/{name}") for name in ("sound", "skipped")]
    finished_names: list[str] = []
    part = verify.verify(
        loaded,
        [section for section in chosen if section],
        [config.framework("left")],
        progress=verify.VerificationProgress(
            finished=lambda section: finished_names.append(section.section.name)
        ),
    )
    assert part.passed
    assert sorted(finished_names) == ["chapter_a/skipped", "chapter_a/sound"]


def test_verification_leaves_no_files(verdict: Verdict, config: Config) -> None:
    assert not list(config.root.rglob("made.txt"))


def test_kernel_that_cannot_start_is_a_problem(config: Config) -> None:
    loaded = book.load(config)
    section = loaded.section("chapter_a/sound")
    assert section
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernelspec, "LIMITED_KERNEL", "echo no interpreter >&2; exit 7")
        verdict = verify.verify(loaded, [section], [config.framework("right")])
    (problem,) = verdict.problems
    assert problem.name == "no-kernel"


@pytest.mark.parametrize(
    ("change", "message"),
    [("PLUGIN", "no_such_plugin"), ("STARTUP_SECONDS", "pytest gave no result")],
)
def test_missing_result_of_pytest_is_a_problem(
    config: Config, monkeypatch: pytest.MonkeyPatch, change: str, message: str
) -> None:
    loaded = book.load(config)
    section = loaded.section("chapter_a/sound")
    assert section
    never = 0.1 - 3 * TIMEOUT
    value = never if change == "STARTUP_SECONDS" else message
    monkeypatch.setattr(nbval_runner, change, value)
    verdict = verify.verify(loaded, [section], [config.framework("left")])
    (problem,) = verdict.problems
    assert problem.name == "not-verified"
    assert message in problem.message

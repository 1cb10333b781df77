"""Notebooks run as Colab runs them, compared with the committed ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from tabbook import environments
from tabbook.base.config import Config, load
from tabbook.base.errors import BookError
from tabbook.cli import main as cli
from tabbook.environments import venv
from tabbook.execution import planner
from tabbook.notebooks import verified
from tabbook.notebooks.compile import compile_section
from tabbook.notebooks.prose import figures
from tabbook.notebooks.setup_cell import SETUP_CELL_ID
from tabbook.notebooks.verified import VerificationRecord
from tabbook.source import book
from tabbook.verification import colab
from tests.support.book_with_three_frameworks import SVG, MadeUpBook, make

pytestmark = pytest.mark.long

PNG = b"\x89PNG\r\n\x1a\n"

MakeBook = Callable[..., Config]


@pytest.fixture
def tiny(tmp_path: Path) -> MadeUpBook:
    return make(tmp_path)


def reused(config: Config) -> list[bool]:
    loaded = book.load(config)
    steps = planner.plan(loaded, loaded.sections, config.frameworks)
    return [step.reused is not None for step in steps]


def test_changed_setup_cell_makes_nothing_stale(tiny: MadeUpBook) -> None:
    verified.update(
        tiny.config, {"alpha/part/one.ipynb": VerificationRecord(3, 1.0, {})}, []
    )
    assert reused(tiny.config) == [True] * 4
    tiny.write("setup.py", "another_setup = BOOK_VERSIONS\n")
    assert reused(tiny.config) == [True] * 4
    loaded = book.load(tiny.config)
    planner.run(loaded, planner.plan(loaded, loaded.sections, tiny.config.frameworks))
    file = tiny.config.notebooks / "alpha/part/one.ipynb"
    second = nbformat.read(file, as_version=4).cells[1]
    assert (second.id, second.source) == (
        SETUP_CELL_ID,
        "another_setup = {'python': '3.11'}",
    )
    assert ("part/one", "alpha") in verified.load(loaded)


def test_added_setup_cell_makes_nothing_stale(tiny: MadeUpBook) -> None:
    tiny.edit("config.ini", "label = Beta Two", "label = Beta Two\ncolab = setup.py")
    assert reused(tiny.config) == [True] * 4
    loaded = book.load(tiny.config)
    planner.run(loaded, planner.plan(loaded, loaded.sections, tiny.config.frameworks))
    notebook = nbformat.read(tiny.config.notebooks / "beta/part/two.ipynb", 4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [1, 2]


def test_changed_cell_is_stale(tiny: MadeUpBook) -> None:
    tiny.edit("part/two.md", "last = 4", "last = 5")
    assert reused(tiny.config) == [True, True, True, False]


def test_only_matching_code_requests_a_gpu(tiny: MadeUpBook) -> None:
    code = "[colab]\ngpu_pattern =\n    beta_first\n    nobody\n[build]"
    tiny.edit("config.ini", "[build]", code)
    loaded = book.load(tiny.config)
    section = loaded.section("part/one")
    assert section
    asking = [
        framework.name
        for framework in tiny.config.frameworks
        if (notebook := compile_section(loaded, section, framework))
        and notebook.metadata.get("accelerator") == "GPU"
    ]
    assert asking == ["beta"]


def test_figure_is_drawn_again_only_when_it_changes(tiny: MadeUpBook) -> None:
    drawn = figures.draw(book.load(tiny.config))
    assert [figure.name[:6] for figure in drawn] == ["round-"]
    assert drawn[0].read_bytes().startswith(PNG)
    assert figures.draw(book.load(tiny.config)) == []
    tiny.write("round.svg", SVG.replace("4", "3"))
    again = figures.draw(book.load(tiny.config))
    assert [figure.name[:6] for figure in again] == ["round-"]
    assert again != drawn
    assert not drawn[0].exists()
    tiny.write("round.svg", "<svg")
    with pytest.raises(BookError, match=r"round\.svg: cannot be drawn"):
        figures.draw(book.load(tiny.config))


def test_figure_and_table_are_numbered(tiny: MadeUpBook) -> None:
    loaded = book.load(tiny.config)
    figures.draw(loaded)
    section = loaded.section("part/one")
    assert section
    notebook = compile_section(loaded, section, tiny.config.framework("alpha"))
    assert notebook
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    (figure,) = [text for text in texts if text.startswith("<img ")]
    start = '<img alt="丸い図" width="120" src="data:image/png;base64,'
    assert figure.startswith(start)
    assert figure.endswith('"><br>図1.1.1\u3000丸い図')
    assert texts[-1].startswith("表1.1.1\u3000数の表\n\n| 名 | 数 |\n")


COLAB_BOOK = """[project]
title = 本
lang = ja
[build]
notebooks = index.md chapter_*/*.md
resources = data
tabs = left, right
[tabbook]
timeout = 60
[framework-left]
label = Left
packages = ipykernel
colab = environments/left_colab.py
variables = OURS=1
[framework-right]
label = Right
"""
FIRST = (
    "import sys\nif 'google.colab' in sys.modules:\n"
    "    from google.colab import output\n    print('on', BOOK_VERSIONS)\n"
)
CELL = """# 節

```{.python .input}
%%tab left
print('first')
```

```{.python .input}
%%tab left
exec(open('../data/code.py').read())
```
"""
DRAW = (
    "from IPython.display import display\n"
    "display({'image/%s': '%s', 'text/plain': 'plot'}, raw=True)"
)
VARIABLE = "import os\nprint('OURS' in os.environ)"
PROFILE = "print('InlineBackend' in get_ipython().config)"


@pytest.fixture
def other(make_book: MakeBook, light_environments: None) -> Config:
    """Make a book with requirements of Colab for the left framework."""
    sample = make_book(
        {
            "index.md": "# 本\n\n```toc\nchapter_a/one\n```\n",
            "chapter_a/one.md": CELL,
            "data/code.py": "",
            "environments/left_colab.py": FIRST,
            "environments/left-colab.in": "ipykernel==7.0.0\n",
            "environments/left-colab.txt": "ipykernel==7.0.0\n",
        },
        COLAB_BOOK,
    )
    return sample


def checked(config: Config, before: str, after: str) -> list[str]:
    """Return the problems on Colab of a cell that changed since it was run."""
    code = config.root / "data/code.py"
    code.write_text(before, "utf-8")
    loaded = book.load(config)
    left = config.framework("left")
    steps = planner.plan(loaded, loaded.sections, [left], force=True)
    assert not [outcome for outcome in planner.run(loaded, steps) if outcome.failure]
    code.write_text(after, "utf-8")
    machines = colab.machines(loaded, [left])
    verdict = colab.check(loaded, loaded.sections, machines)
    return [str(problem) for problem in verdict.problems]


def test_equal_outputs_pass_whatever_the_setup_cell_prints(other: Config) -> None:
    assert checked(other, "print(1)", "print(1)") == []
    (machine,) = colab.machines(book.load(other), [other.framework("left")])
    assert machine.setup_output == "on {'python': '3.11', 'ipykernel': '7.4.0'}\n"
    described = "\n".join(colab.describe(other, machine))
    assert "Left: python 3." in described
    assert "the book: python 3.11, ipykernel 7.4.0" in described
    assert "cannot be installed here: ipykernel 7.0.0 (here: 7." in described


def test_other_output_is_reported_with_the_versions(other: Config) -> None:
    (problem,) = checked(other, "print('book')", "print('colab')")
    assert problem.startswith("chapter_a/one.md:8: error: [Left]")
    assert "-book" in problem
    assert "+colab" in problem
    assert "With python 3." in problem
    assert problem.endswith("[changed-output]")


def test_every_differing_cell_is_reported(other: Config) -> None:
    (other.root / "chapter_a/one.md").write_text(
        CELL.replace("print('first')", "exec(open('../data/code.py').read())"), "utf-8"
    )
    problems = checked(other, "print('book')", "print('colab')")
    assert [problem.split(":")[1] for problem in problems] == ["3", "8"]


def test_any_picture_equals_another_but_a_missing_one_is_reported(
    other: Config,
) -> None:
    svg, png = DRAW % ("svg+xml", "<svg/>"), DRAW % ("png", "aGk=")
    assert checked(other, svg, png) == []
    (problem,) = checked(other, svg, "")
    assert problem.endswith("[missing-output]")


def test_settings_of_the_book_do_not_reach_the_kernel(other: Config) -> None:
    (problem,) = checked(other, VARIABLE, VARIABLE)
    assert "-True\n    +False" in problem
    (problem,) = checked(other, PROFILE, PROFILE)
    assert "-True\n    +False" in problem


def test_kernels_are_forked_only_where_that_is_requested(other: Config) -> None:
    config = other.root / "config.ini"
    text = config.read_text("utf-8")
    config.write_text(
        text.replace("packages =", "preload = sched\npackages ="), "utf-8"
    )
    code = "import sys\nprint('sched' in sys.modules, 'google.colab' in sys.modules)"
    (problem,) = checked(load(other.root), code, code)
    assert "-True False\n    +False True" in problem
    command = ["-C", str(other.root), "colab-check", "--framework", "left"]
    assert cli.main([*command, "--forked-kernels"]) == 1
    (other.root / "data/code.py").write_text(f"{code[:-1]} and False)", "utf-8")
    assert cli.main([*command, "--forked-kernels"]) == 0


def test_path_of_a_warning_is_the_same_as_in_the_book(other: Config) -> None:
    (other.root / "chapter_a/one.md").write_text(
        CELL.replace("print('first')", "import warnings\nwarnings.warn('old')"), "utf-8"
    )
    assert checked(other, "print(1)", "print(1)") == []
    notebook = (other.root / "notebooks/left/chapter_a/one.ipynb").read_text("utf-8")
    assert "/tmp/ipykernel/" in notebook


def test_failing_setup_cell_is_reported(other: Config) -> None:
    setup = other.root / "environments/left_colab.py"
    setup.write_text(FIRST.replace("print('on'", "print(1 / 0"), "utf-8")
    (problem,) = checked(other, "print(1)", "print(1)")
    assert "ZeroDivisionError" in problem
    assert problem.endswith("[raised]")


def test_command_reports_and_sets_the_exit_status(
    other: Config, capfd: pytest.CaptureFixture[str]
) -> None:
    assert checked(other, "print(1)", "print(2)")
    command = ["-C", str(other.root), "colab-check", "--framework", "left"]
    assert cli.main(command) == 1
    shown = capfd.readouterr()
    assert "Left: python 3." in shown.out
    assert "failed: changed-output" in shown.out
    assert "+2" in shown.err
    (other.root / "data/code.py").write_text("print(1)", "utf-8")
    assert cli.main(command) == 0
    assert cli.main([*command[:-1], "right"]) == 1
    assert "right-colab.in: cannot be read" in capfd.readouterr().err


def test_versions_that_cannot_be_installed_are_replaced(
    other: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Colab's Python and release are not there: the book's own take their place."""
    install = venv.install
    asked = []

    def limited(
        environment: environments.Environment,
        file: Path,
        wanted: list[str],
        python: str,
    ) -> None:
        asked.append(
            (
                python,
                [requirement for requirement in wanted if "ipykernel" in requirement],
            )
        )
        if python == "3.99" or "ipykernel==7.0.0" in wanted:
            raise BookError("it is not there")
        install(environment, file, wanted, python)

    monkeypatch.setattr(venv, "install", limited)
    (other.root / "config.ini").write_text(
        COLAB_BOOK.replace("timeout = 60", "timeout = 20\ncolab_python = 3.99"), "utf-8"
    )
    config = load(other.root)
    (machine,) = colab.machines(book.load(config), [config.framework("left")])
    assert asked == [
        ("3.99", ["ipykernel==7.0.0"]),
        ("3.11", ["ipykernel==7.0.0"]),
        ("3.11", ["ipykernel==7.4.0"]),
    ]
    assert "python 3.99 (here: 3." in machine.replacements
    assert "ipykernel 7.0.0 (here: 7." in machine.replacements
    asked.clear()
    colab.machines(book.load(config), [config.framework("left")])
    assert asked == [], "what stands is taken as it is"
    requirements = config.root / "environments/left-colab.in"
    requirements.write_text("ipykernel==7.0.0\ncomm\n", "utf-8")
    colab.machines(book.load(config), [config.framework("left")])
    assert asked[-1] == ("3.11", ["ipykernel==7.4.0"]), "but not for other requirements"


def test_newest_releases_are_requested_without_versions(
    other: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def pin(requirements: Path, python: str) -> Path:
        asked.append((requirements.read_text("utf-8"), python))
        target = requirements.with_suffix(".txt")
        target.write_text("ipykernel==7.4.0\n", "utf-8")
        return target

    monkeypatch.setattr(environments, "pin", pin)
    (machine,) = colab.machines(
        book.load(other), [other.framework("left")], newest=True
    )
    assert asked == [("ipykernel\n", "3.11")]
    assert machine.environment.name == "left-newest"
    assert machine.requested == {"python": "3.11"}

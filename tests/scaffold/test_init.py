"""Start new books as a user would; ``test_walk`` runs one."""

from __future__ import annotations

import itertools
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tabbook import lint
from tabbook.base import config
from tabbook.base.engine import REPOSITORY
from tabbook.cli import main as cli
from tabbook.environments.pins import read_requirements
from tabbook.scaffold import LANGUAGES, offered
from tabbook.source import book

WORKFLOWS = (
    REPOSITORY / ".github/workflows",
    REPOSITORY / "tabbook/scaffold/templates/common/dot-github/workflows",
)

CHOICES = [*((name,) for name in offered()), tuple(offered())]
"""Each framework alone, and all of them."""


def init(folder: Path, *options: str) -> int:
    return cli.main(["init", str(folder), "--author", "Me", *options])


def test_pytorch_book_is_built_without_execution(tmp_path: Path) -> None:
    assert init(tmp_path, "--framework", "pytorch", "--language", "ja") == 0
    assert cli.main(["-C", str(tmp_path), "html", "--without-outputs"]) == 0
    page = (tmp_path / "_build/html/chapter_first/first-steps.html").read_text("utf-8")
    assert "backward" in page
    assert "演習" in page
    pins = (tmp_path / "environments/pytorch.in").read_text("utf-8")
    assert "torch==" in pins


@pytest.mark.parametrize(
    ("language", "names"),
    list(itertools.product(LANGUAGES, CHOICES)),
)
def test_every_choice_gives_a_book_without_problems(
    tmp_path: Path, language: str, names: tuple[str, ...]
) -> None:
    chosen = [option for name in names for option in ("-f", name)]
    assert init(tmp_path, "--language", language, *chosen) == 0
    loaded = book.load(config.load(tmp_path))
    assert [each.name for each in loaded.config.frameworks] == list(names)
    assert sorted(lint.lint(loaded)) == []
    assert loaded.config.problems == ()
    for name in names:
        assert all(
            name in {each.name for each in loaded.frameworks_of(section)}
            for section in loaded.sections
            if section.has_code
        )
        setup = (tmp_path / f"environments/{name}_colab.py").read_text("utf-8")
        compile(setup.replace("get_ipython()", "shell"), name, "exec")
        colab = read_requirements(tmp_path / f"environments/{name}-colab.in")
        assert {"ipykernel", "matplotlib", "numpy==2.1.3"} <= set(colab)
    assert loaded.config.colab_python == "3.13"


def test_folder_with_files_is_refused_and_the_advice_works(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.md").write_text("# Notes\n", "utf-8")
    assert init(tmp_path) == 1
    assert f"{tmp_path}: is not empty, it has 'notes.md'" in capfd.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["notes.md"]
    clone = tmp_path / "clone"
    subprocess.run(["git", "init", "--quiet", str(clone)], check=True)
    assert init(clone) == 0
    assert (clone / ".gitignore").read_text("utf-8").startswith("_build/\n.venvs/\n")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-f", "torch"], "no framework is called 'torch'; there are: python, pytorch"),
        (["--language", "fr"], "no templates are in the language 'fr'; there are: en"),
    ],
)
def test_unknown_choice_is_refused_before_anything_is_written(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    options: list[str],
    message: str,
) -> None:
    assert init(tmp_path / "new", *options) == 2
    assert message in capfd.readouterr().err
    assert not (tmp_path / "new").exists()


def test_init_asks_on_a_terminal(tmp_path: Path) -> None:
    answers = "ja\npytorch, jax\n私の本\n私\n"
    terminal, process_side = pty.openpty()
    folder = tmp_path / "new"
    with subprocess.Popen(
        [sys.executable, "-m", "tabbook", "init", str(folder)],
        cwd=REPOSITORY,
        stdin=process_side,
        stdout=process_side,
        stderr=process_side,
    ) as process:
        os.close(process_side)
        os.write(terminal, answers.encode())
        output = b""
        while True:
            try:
                part = os.read(terminal, 4096)
            except OSError:  # the process has ended
                break
            if not part:
                break
            output += part
        assert process.wait(60) == 0, output.decode()
    os.close(terminal)
    assert "frameworks (python, pytorch, tensorflow, jax, mxnet) [python]" in (
        output.decode()
    )
    written = config.load(folder)
    assert (written.title, written.author, written.language) == ("私の本", "私", "ja")
    assert [each.name for each in written.frameworks] == ["pytorch", "jax"]


def test_workflows_install_the_engine_from_the_named_place(tmp_path: Path) -> None:
    address = "git+https://example.org/tabbook"
    init(tmp_path / "named", "--engine", address)
    init(tmp_path / "unknown", "--engine", "")
    named = (tmp_path / "named/requirements.txt").read_text("utf-8")
    assert named.splitlines()[-1] == f"tabbook @ {address}"
    unknown = (tmp_path / "unknown/requirements.txt").read_text("utf-8")
    assert "# Write where tabbook comes from" in unknown
    # A name alone would install whatever an index has under it.
    assert all(line.startswith("#") for line in unknown.splitlines())
    for workflow in ("check", "pages"):
        file = tmp_path / "named/.github/workflows" / f"{workflow}.yml"
        assert "pip install -r requirements.txt" in file.read_text("utf-8")


@pytest.mark.parametrize(
    "workflow",
    [file for folder in WORKFLOWS for file in sorted(folder.glob("*.yml"))],
    ids=lambda file: f"{file.parents[1].name}-{file.stem}",
)
def test_workflows_pin_actions_by_digest_and_ask_for_little(workflow: Path) -> None:
    text = workflow.read_text("utf-8")
    used = re.findall(r"uses: (\S+)(.*)", text)
    assert used
    for action, comment in used:
        assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", action)
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment)
    assert "\npermissions:\n  contents: read\n" in text
    assert text.count("persist-credentials: false") == text.count("actions/checkout@")
    if "pull_request:" in text:
        assert re.search(r"push:\n    branches: \[main\]\n", text), "one run per change"

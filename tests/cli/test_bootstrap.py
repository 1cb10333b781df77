"""Test that build.sh installs the engine's environment once and starts Python once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tabbook.base.engine import REPOSITORY
from tabbook.base.stub_imports import stub_imports
from tabbook.environments.environment import RECORD
from tests.support.books import write_files


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository whose engine has an environment of one small package."""
    shutil.copy2(REPOSITORY / "build.sh", tmp_path)
    shutil.copy2(REPOSITORY / "pyproject.toml", tmp_path)
    (tmp_path / "README.md").touch()
    skipped = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "tabbook", tmp_path / "tabbook", ignore=skipped)
    pin(tmp_path, "six==1.16.0")
    return tmp_path


def pin(root: Path, text: str) -> None:
    file = root / "environments/book.txt"
    file.parent.mkdir(exist_ok=True)
    pinned = (REPOSITORY / "environments/book.txt").read_text("utf-8").splitlines()
    pins = (line for line in pinned if line.startswith("setuptools=="))
    builder = [line.rstrip(" \\") for line in pins]  # without its hashes
    file.write_text("\n".join([text, *builder, ""]), "utf-8")


def start(
    root: Path, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run build.sh; each Python process prints its imports to stderr."""
    environment = {**os.environ, "PYTHONPROFILEIMPORTTIME": "1", **variables}
    environment.pop("PYTHONPATH", None)
    return subprocess.run(
        [root / "build.sh", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def count_pythons(process: subprocess.CompletedProcess[str]) -> int:
    return process.stderr.count("imported package")


def record(root: Path) -> dict[str, dict[str, str]]:
    text = (root / ".venvs/book" / RECORD).read_text("utf-8")
    return dict(json.loads(text))


def test_engine_is_installed_once_and_again_when_pins_change(repository: Path) -> None:
    first = start(repository, "--help")
    assert (first.returncode, first.stderr.count("Traceback")) == (0, 0)
    assert first.stdout.startswith(f"usage: {repository}/build.sh")
    assert record(repository)["versions"]["six"] == "1.16.0"
    before = (repository / ".venvs/book.lock").stat().st_mtime_ns
    again = start(repository, "--help")
    assert (again.returncode, again.stdout) == (0, first.stdout)
    assert count_pythons(again) == 1
    assert (repository / ".venvs/book.lock").stat().st_mtime_ns == before
    pin(repository, "six==1.17.0")
    stale = start(repository, "--help")
    assert (stale.returncode, stale.stdout) == (0, first.stdout)
    assert record(repository)["versions"]["six"] == "1.17.0"
    (repository / ".venvs/book" / RECORD).write_text("{", "utf-8")
    assert start(repository, "--help").returncode == 0
    assert record(repository)["versions"]["six"] == "1.17.0"


def test_arguments_and_exit_status_are_passed_through(repository: Path) -> None:
    for _ in ("not installed", "installed"):
        process = start(repository, "-C", str(repository / "a b"), "lint")
        assert process.returncode == 1
        assert "a b/config.ini: there is no such file" in process.stderr


def test_missing_network_is_reported_in_one_message(
    repository: Path, tmp_path: Path
) -> None:
    pin(repository, "six==1.15.0")
    cache = str(tmp_path / "cache")
    process = start(repository, "--help", UV_OFFLINE="1", UV_CACHE_DIR=cache)
    assert process.returncode == 1
    assert "tabbook: the environment book could not be set up" in process.stderr
    assert "Traceback" not in process.stderr


def test_missing_pins_are_reported_in_one_message(repository: Path) -> None:
    (repository / "environments/book.txt").unlink()
    process = start(repository, "--help")
    assert process.returncode == 1
    assert "tabbook: " in process.stderr
    assert "book.txt: the pinned requirements of book cannot be read" in process.stderr
    assert "Traceback" not in process.stderr


def test_old_python_is_named_in_one_sentence(repository: Path, tmp_path: Path) -> None:
    old = tmp_path / "bin/python3"
    write_files(
        old.parent,
        {"python3": '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 || exit 2\n'},
    )
    old.chmod(0o755)
    process = start(repository, "lint", PATH=f"{old.parent}:{os.environ['PATH']}")
    assert (process.returncode, process.stdout) == (1, "")
    assert process.stderr == (
        f"{repository}/build.sh: python3 must be Python 3.11 or newer, and is "
        "Python 3.9.2\n"
    )


def test_advice_is_a_command_that_works_where_the_user_is() -> None:
    """The script and the book are named as the user named them."""
    usage = subprocess.run(
        ["../build.sh", "--help"],
        cwd=REPOSITORY / "environments",
        capture_output=True,
        text=True,
        check=False,
    )
    assert usage.stdout.startswith("usage: ../build.sh ")
    code = (
        "from tabbook.base.program import command_line, in_folder\n"
        "with in_folder('../a book'): print(command_line('run part/one'))"
    )
    process = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TABBOOK_PROGRAM": "../build.sh"},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.stdout == "../build.sh -C '../a book' run part/one\n"


def test_help_imports_no_slow_package() -> None:
    start(REPOSITORY, "--help")  # installs the engine if its requirements have changed
    process = start(REPOSITORY, "--help")
    names = {line.rpartition("|")[2].strip() for line in process.stderr.splitlines()}
    assert "tabbook.cli.main" in names
    slow = {"rich", "nbformat", "d2lbook", "sphinx", "asyncio", "unittest", "email"}
    assert {name.partition(".")[0] for name in names} & slow == set()
    assert count_pythons(process) == 1


def test_stub_is_removed_after_the_import() -> None:
    code = (
        "import sys; from tabbook.source.cells import d2lbook_reader\n"
        "assert 'nbconvert' not in sys.modules, 'imported, or the stub remains'\n"
        "import nbconvert; print(nbconvert.NotebookExporter.__name__)"
    )
    process = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (process.returncode, process.stdout) == (0, "NotebookExporter\n"), (
        process.stderr
    )


def test_stub_cannot_be_called() -> None:
    with stub_imports("no_such_module"):
        import no_such_module.below
        from no_such_module import anything
    with pytest.raises(NotImplementedError):
        anything()
    with pytest.raises(NotImplementedError):
        no_such_module.below.something()
    assert not [name for name in sys.modules if name.startswith("no_such_module")]

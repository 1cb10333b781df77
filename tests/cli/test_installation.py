"""Test the package as users install it: a wheel in a fresh virtual environment."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tabbook.base.engine import PACKAGE, REPOSITORY
from tabbook.environments import uv
from tabbook.environments.pins import normalized
from tests.support.books import write_files

pytestmark = pytest.mark.long

Run = Callable[..., subprocess.CompletedProcess[str]]

BOOK = {
    "config.ini": "[project]\ntitle = A book\nlang = en\n[tabbook]\n"
    f"python = {sys.version_info[0]}.{sys.version_info[1]}\n",
    "index.md": "# A book\n\n```toc\none\n```\n",
    "one.md": "# One\n\n![A dot](dot.svg)\n\n```{.python .input}\nprint(6 * 7)\n```\n",
    "dot.svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
    '<circle r="4"/></svg>',
    "environments/python.in": "ipykernel\n",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a wheel from a copy of the sources, as ``pip install PATH`` does."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE-CODE"):
        shutil.copy2(REPOSITORY / name, folder)
    skipped = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, folder / "tabbook", ignore=skipped)
    uv.run(["build", "--quiet", "--wheel", str(folder)], failure="no wheel")
    (built,) = (folder / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def tabbook(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Install the wheel into a fresh environment; return what runs its command."""
    folder = tmp_path_factory.mktemp("installed")
    environment = folder / "venv"
    uv.run(["venv", "--quiet", str(environment)], failure="no environment")
    python = environment / "bin/python"
    uv.run(
        ["pip", "install", "--quiet", "--python", str(python), str(wheel)],
        failure="the wheel cannot be installed",
    )
    variables = {**os.environ, "TABBOOK_HOME": str(folder / "home")}
    variables.pop("PYTHONPATH", None)

    def run(book: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [environment / "bin/tabbook", *arguments],
            cwd=book,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    files = {
        file.relative_to(REPOSITORY).as_posix()
        for file in PACKAGE.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert files - packed == set()


def test_every_imported_distribution_is_declared() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    declared = {
        re.split(r"[\[<>=~! ]", line)[0] for line in project["project"]["dependencies"]
    }
    # d2lbook is installed when a book is first read.
    known = declared | {"d2lbook", "tabbook"}
    distributions = importlib.metadata.packages_distributions()
    missing = {
        (module, tuple(distributions[module]))
        for file in PACKAGE.rglob("*.py")
        if "templates" not in file.parts
        for module in _imported(file)
        if module in distributions
        and known.isdisjoint(map(normalized, distributions[module]))
    }
    assert missing == set()


def test_declared_ranges_hold_the_pins() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    ranges = [Requirement(line) for line in project["project"]["dependencies"]]
    names = [each.name for each in ranges]
    assert sorted(set(names)) == sorted(names)
    text = (REPOSITORY / "environments/book.txt").read_text("utf-8")
    pins = dict(line.split("==") for line in text.split() if "==" in line)
    outside = {
        str(each): pins[each.name]
        for each in ranges
        if each.name in pins and not each.specifier.contains(pins[each.name])
    }
    assert outside == {}
    unpinned = set(names) - {normalized(name) for name in pins}
    assert unpinned == {"uv"}, "build.sh installs it"


def _imported(file: Path) -> Iterator[str]:
    """Yield the top-level modules that a file imports."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def test_installed_command_builds_a_book_outside_a_checkout(
    tabbook: Run, tmp_path: Path
) -> None:
    write_files(tmp_path, BOOK)
    usage = tabbook(tmp_path, "--help")
    assert usage.stdout.startswith("usage: tabbook [-h]")
    assert "bench" not in usage.stdout
    unpinned = tabbook(tmp_path)
    assert unpinned.stderr.endswith("run tabbook pin --framework python\n")
    for arguments in (
        unpinned.stderr.rpartition("run tabbook ")[2].split(),
        [],
        ["check", "--without", "accessibility"],
        ["zip"],
    ):
        process = tabbook(tmp_path, *arguments)
        assert process.returncode == 0, (arguments, process.stderr)
    page = (tmp_path / "_build/html/one.html").read_text("utf-8")
    assert "42" in page
    assert (tmp_path / ".venvs").is_dir()
    assert list((tmp_path / "notebooks/figures").glob("dot-*.png"))


def test_installed_command_starts_a_book(tabbook: Run, tmp_path: Path) -> None:
    started = tabbook(tmp_path, "init", "new", "--language", "ja", "-f", "pytorch")
    assert (started.returncode, started.stderr) == (0, "")
    assert started.stdout.endswith("  tabbook -C new pin\n  tabbook -C new\n")
    for arguments in (["lint"], ["html", "--without-outputs"]):
        process = tabbook(tmp_path, "-C", "new", *arguments)
        assert (process.returncode, process.stderr) == (0, "")
    page = tmp_path / "new/_build/html/chapter_first/first-steps.html"
    assert "torch.tensor" in page.read_text("utf-8")

"""Run d2lbook 1.0.3 itself, for tests and benchmarks that compare with it.

d2lbook has an environment of its own. Its kernels are those of the book: JUPYTER_PATH
chooses the framework whose kernel is called ``python3``.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tabbook import environments
from tabbook.base import config
from tabbook.base.config import Config, Framework
from tabbook.notebooks import store
from tabbook.notebooks.setup_cell import SETUP_CELL_ID
from tabbook.source import book
from tabbook.source.cells import dialect
from tabbook.source.section import Section
from tests.support.paths import ROOT as REPOSITORY

ENVIRONMENT = REPOSITORY / ".venvs" / "d2lbook"
PYTHON = "3.11"
"""The version of Python that the pins of d2lbook were resolved for."""

SOURCES = (
    *("config.ini", "terms.toml", "*.md", "chapter_*", "static", "environments"),
    "translations",
)
"""Files and folders that a copy of the book needs; ``.venvs`` is a link."""

LOGGED_ERROR = re.compile(
    r"^\[d2lbook:[^\]]*\] (?:ERROR|CRITICAL)|: (?:ERROR|CRITICAL|SEVERE):", re.M
)
"""A line of the log of d2lbook or Sphinx that reports an error."""


class D2lbookError(Exception):
    """d2lbook failed or logged an error; the message ends with its log."""


def copy(folder: Path) -> Path:
    """Copy this repository's book into a new folder; return the folder."""
    folder.mkdir(parents=True)
    for pattern in SOURCES:
        for source in REPOSITORY.glob(pattern):
            target = folder / source.name
            if source.is_dir():
                shutil.copytree(source, target)
            else:
                shutil.copy2(source, target)
    (folder / ".venvs").symlink_to(REPOSITORY / ".venvs")
    return folder


def write_evaluated(
    folder: Path, committed: Config, *, but: tuple[str, str] = ("", "")
) -> None:
    """Write what ``d2lbook build eval`` would, with the outputs that are committed.

    The files are newer than the sources, so d2lbook executes none of these notebooks.

    :param folder: the book that d2lbook is to build.
    :param committed: the book, here or elsewhere, whose notebooks hold the outputs;
        a notebook that it lacks has none.
    :param but: the section and the framework of a notebook that d2lbook is left to
        execute itself.
    """
    loaded = book.load(config.load(folder))
    default = loaded.config.default
    for framework in loaded.config.frameworks:
        suffix = "" if framework == default else f"_{framework.name}"
        for section in loaded.sections:
            if (section.name, framework.name) != but:
                text = _evaluated(section, framework, default.name, committed)
                file = loaded.config.output / f"eval{suffix}" / f"{section.name}.ipynb"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")


def _evaluated(
    section: Section, framework: Framework, default: str, committed: Config
) -> str:
    """Return an evaluated notebook; empty, as d2lbook leaves it, without any code."""
    notebook = dialect.for_framework(section.cells, framework.name, default)
    if notebook is None:
        return ""
    stored = store.load(committed, section, framework)
    executed = _code(stored) if stored else _code(notebook)
    for cell, other in zip(_code(notebook), executed, strict=True):
        cell.execution_count, cell.outputs = other.execution_count, other.outputs
    notebook.metadata["language_info"] = {"name": "python"}
    return str(nbformat.writes(notebook))


def _code(notebook: NotebookNode | None) -> list[NotebookNode]:
    """Return the cells of code without the set-up that Colab's notebooks begin with."""
    cells = notebook.cells if notebook else []
    return [c for c in cells if c.cell_type == "code" and c.get("id") != SETUP_CELL_ID]


def evaluate(folder: Path, framework: str) -> str:
    """Run ``d2lbook build eval`` for one framework, in that framework's environment.

    :returns: the log of d2lbook.
    :raises D2lbookError: d2lbook failed or logged an error.
    """
    settings = config.load(folder)
    environment = environments.prepare(settings, settings.framework(framework))
    jupyter = folder / "_build" / f"jupyter-{framework}"
    _write_kernel(environment.jupyter, jupyter)
    return _build(folder, "eval", framework, {"JUPYTER_PATH": str(jupyter)})


def _write_kernel(source: Path, target: Path) -> None:
    """Write a kernel specification that needs no provisioner of this engine."""
    (file,) = source.rglob("kernel.json")
    specification = json.loads(file.read_text(encoding="utf-8"))
    specification.pop("metadata", None)
    copied = target / file.relative_to(source)
    copied.parent.mkdir(parents=True, exist_ok=True)
    copied.write_text(json.dumps(specification), encoding="utf-8")


def notebooks(folder: Path, framework: str) -> str:
    """Run ``d2lbook build ipynb`` for one framework; see ``evaluate``."""
    return _build(folder, "ipynb", framework, {})


def saved_code(folder: Path, framework: str) -> str:
    """Run ``d2lbook build lib``, which writes the library of every framework."""
    return _build(folder, "lib", framework, {})


def html(folder: Path) -> str:
    """Run ``d2lbook build html --tab all`` on evaluated notebooks; see ``evaluate``."""
    return _build(folder, "html", "all", {})


def _build(folder: Path, command: str, tab: str, variables: dict[str, str]) -> str:
    environments.prepare_tool("d2lbook", PYTHON)
    path = [str(ENVIRONMENT / "bin"), str(_pandoc()), os.environ.get("PATH", "")]
    environment = {**os.environ, **variables, "PATH": os.pathsep.join(path)}
    for name in ("PYTHONWARNINGS", "PYTHONPATH", "VIRTUAL_ENV"):
        environment.pop(name, None)
    process = subprocess.run(
        ["d2lbook", "build", command, "--tab", tab],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if process.returncode or LOGGED_ERROR.search(process.stdout):
        raise D2lbookError(f"d2lbook build {command} --tab {tab}:\n{process.stdout}")
    return process.stdout


def _pandoc() -> Path:
    """Return the folder of the program that d2lbook's environment brings."""
    folders = sorted(ENVIRONMENT.glob("lib/python*/site-packages/pypandoc/files"))
    if not folders:
        raise D2lbookError(f"{ENVIRONMENT}: pypandoc_binary's pandoc is missing")
    return folders[-1]

"""Run d2lbook 1.0.3 itself, for the tests that compare with it and for benchmarks.

It lives in an environment of its own, and its kernels are the book's: JUPYTER_PATH
says which framework's is ``python3``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from tabbook import environments
from tabbook.base import config
from tests.support.paths import ROOT as REPOSITORY

ENVIRONMENT = REPOSITORY / ".venvs" / "d2lbook"
PYTHON = "3.11"
"""What its pins are for."""

SOURCES = ("config.ini", "terms.toml", "*.md", "chapter_*", "static", "environments")
"""What a copy of the book needs; ``.venvs`` is linked."""

TROUBLE = re.compile(
    r"^\[d2lbook:[^\]]*\] (?:ERROR|CRITICAL)|: (?:ERROR|CRITICAL|SEVERE):", re.M
)
"""A line of d2lbook's log, or of Sphinx's, that tells of an error."""


class D2lbookError(Exception):
    """d2lbook failed, or wrote of an error; the text is its log."""


def copy(folder: Path) -> Path:
    """Copy this repository's book into a new folder; return the folder."""
    folder.mkdir(parents=True)
    for pattern in SOURCES:
        for found in REPOSITORY.glob(pattern):
            target = folder / found.name
            if found.is_dir():
                shutil.copytree(found, target)
            else:
                shutil.copy2(found, target)
    (folder / ".venvs").symlink_to(REPOSITORY / ".venvs")
    return folder


def evaluate(book: Path, framework: str) -> str:
    """Run ``d2lbook build eval`` for one framework, in its own environment.

    :returns: d2lbook's log.
    :raises D2lbookError: it failed or told of an error.
    """
    settings = config.load(book)
    made = environments.prepare(settings, settings.framework(framework))
    return _build(book, "eval", framework, {"JUPYTER_PATH": str(made.jupyter)})


def notebooks(book: Path, framework: str) -> str:
    """Run ``d2lbook build ipynb`` for one framework; as ``evaluate``."""
    return _build(book, "ipynb", framework, {})


def html(book: Path) -> str:
    """Run ``d2lbook build html --tab all`` on what was evaluated; as ``evaluate``."""
    return _build(book, "html", "all", {})


def _build(book: Path, command: str, tab: str, variables: dict[str, str]) -> str:
    environments.prepare_tool("d2lbook", PYTHON)
    path = [str(ENVIRONMENT / "bin"), str(_pandoc()), os.environ.get("PATH", "")]
    environment = {**os.environ, **variables, "PATH": os.pathsep.join(path)}
    for name in ("PYTHONWARNINGS", "PYTHONPATH", "VIRTUAL_ENV"):
        environment.pop(name, None)
    done = subprocess.run(
        ["d2lbook", "build", command, "--tab", tab],
        cwd=book,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode or TROUBLE.search(done.stdout):
        raise D2lbookError(f"d2lbook build {command} --tab {tab}:\n{done.stdout}")
    return done.stdout


def _pandoc() -> Path:
    found = sorted(ENVIRONMENT.glob("lib/python*/site-packages/pypandoc/files"))
    if not found:
        raise D2lbookError(f"{ENVIRONMENT}: pypandoc_binary's pandoc is missing")
    return found[-1]

"""A book with a cell for each of two frameworks, which are Python itself."""

from __future__ import annotations

import json
from pathlib import Path

from tabbook.base.config import Config, load
from tabbook.execution import planner
from tabbook.source import book
from tests.support.books import HEAD, MakeBook
from tests.support.waiting import PATIENCE

ENDLESS = "import time\n\nwhile True:\n    time.sleep(0.1)"
"""A cell that does not end, and takes no processor from others meanwhile."""

LIMIT = 8
"""Seconds for an endless cell, in which others end on a machine four times slower."""

INDEX = "# 本\n\n```toc\nchapter_a/one\n```\n"
PROSE = "# 一\n\n{prose}\n\n"
CELL = "```{{.python .input}}\n%%tab {tab}\n{code}\n```\n\n"
CONFIG = (
    HEAD
    + """[tabbook]
timeout = {timeout}
memory = 4
[framework-left]
preload = {preload}
"""
)


def make(make_book: MakeBook, *, preload: str = "") -> Config:
    """Write the book.

    :param preload: module that the first framework's fork server imports; its kernels
        are fresh if there is none.
    """
    files = {
        "index.md": INDEX,
        "chapter_a/one.md": section(left="print('l')", right="print('r')"),
        "data/x.txt": "from a file",
    }
    return make_book(files, CONFIG.format(preload=preload, timeout=int(PATIENCE)))


def limit_cells(config: Config) -> Config:
    """Let cells run for ``LIMIT`` seconds only."""
    file = config.root / "config.ini"
    text = file.read_text("utf-8")
    limited = text.replace(f"timeout = {PATIENCE:.0f}", f"timeout = {LIMIT}")
    file.write_text(limited, encoding="utf-8")
    return load(config.root)


def section(prose: str = "本文です。", **code: str) -> str:
    """Return a section with prose and a cell of code per framework."""
    cells = [CELL.format(tab=tab, code=text) for tab, text in code.items()]
    return PROSE.format(prose=prose) + "".join(cells)


def write_section(config: Config, text: str) -> None:
    (config.root / "chapter_a/one.md").write_text(text, encoding="utf-8")


def build(config: Config, *, force: bool = False) -> dict[str, planner.Outcome]:
    """Run what is stale; return the outcome of each framework."""
    loaded = book.load(config)
    steps = planner.plan(loaded, loaded.sections, config.frameworks, force=force)
    outcomes = planner.run(loaded, steps)
    return {outcome.step.framework.name: outcome for outcome in outcomes}


def executed(outcomes: dict[str, planner.Outcome]) -> set[str]:
    """Return the frameworks whose notebook was executed, not reused."""
    return {name for name, outcome in outcomes.items() if outcome.seconds is not None}


def notebook_file(config: Config, framework: str = "left") -> Path:
    return config.notebooks / framework / "chapter_a/one.ipynb"


def streams(config: Config, framework: str) -> list[str]:
    """Return the text of each stream output of a notebook."""
    notebook = json.loads(notebook_file(config, framework).read_text("utf-8"))
    return [
        "".join(output["text"])
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if output["output_type"] == "stream"
    ]


def notebook_states(config: Config) -> dict[Path, tuple[bytes, int]]:
    """Return content and modification time of every committed notebook."""
    return {
        file: (file.read_bytes(), file.stat().st_mtime_ns)
        for file in config.notebooks.rglob("*.ipynb")
    }

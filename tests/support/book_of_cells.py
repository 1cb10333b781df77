"""A book of one framework, which is Python itself, and one section of given cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tabbook.base import config
from tabbook.base.config import Config
from tabbook.base.errors import Problem
from tabbook.environments.kernelspec import KernelStart
from tabbook.execution import planner
from tabbook.execution.planner import ExecutionProgress, Outcome
from tabbook.source import book
from tabbook.source.book import Book
from tabbook.verification import verify
from tabbook.verification.verdict import Verdict
from tests.support.books import MakeBook

INDEX = "# 本\n\n```toc\nchapter_a/one\n```\n"
CONFIG = """[project]
title = 本
lang = {language}
[build]
notebooks = index.md chapter_*/*.md
resources = data
tabs = left
[tabbook]
timeout = 60
[framework-left]
label = Left
preload = json
"""
FENCE = "```{{.python .input}}\n%%tab left\n{code}\n```\n\n"


@dataclass
class BookOfCells:
    """The book; warnings of its runs are collected."""

    root: Path
    warnings: list[Problem] = field(default_factory=list)

    @property
    def config(self) -> Config:
        return config.load(self.root)

    @property
    def book(self) -> Book:
        return book.load(self.config)

    @property
    def notebook_file(self) -> Path:
        return self.root / "notebooks/left/chapter_a/one.ipynb"

    @property
    def notebook(self) -> NotebookNode:
        return nbformat.read(self.notebook_file, as_version=4)

    def write(self, *codes: str) -> None:
        """Replace the section's cells."""
        text = "# 一\n\n" + "".join(FENCE.format(code=code) for code in codes)
        (self.root / "chapter_a/one.md").write_text(text, encoding="utf-8")

    def line(self, index: int) -> int:
        """Return the source line of a cell."""
        lines = (self.root / "chapter_a/one.md").read_text("utf-8").splitlines()
        fences = [at for at, line in enumerate(lines, 1) if line.startswith("```{")]
        return fences[index]

    def run(
        self, *, start: KernelStart = KernelStart.FORKED, force: bool = False
    ) -> Outcome:
        """Run the notebook if it is stale; return the outcome."""
        loaded = self.book
        steps = planner.plan(
            loaded, loaded.sections, loaded.config.frameworks, force=force
        )
        progress = ExecutionProgress(warned=self.warnings.extend)
        (outcome,) = planner.run(loaded, steps, start=start, progress=progress)
        return outcome

    def verify(self, *, start: KernelStart = KernelStart.FORKED) -> Verdict:
        loaded = self.book
        return verify.verify(
            loaded, loaded.sections, loaded.config.frameworks, start=start
        )

    def texts(self) -> list[str]:
        """Return the text of each cell's outputs."""
        cells = [cell for cell in self.notebook.cells if cell.cell_type == "code"]
        return [text_of(cell.outputs) for cell in cells]

    def problems(self) -> list[tuple[int, str]]:
        """Verify; return line and name of each problem."""
        return [(problem.line, problem.name) for problem in self.verify().problems]


def text_of(outputs: Sequence[NotebookNode]) -> str:
    """Return the texts of outputs, one after the other."""
    return "".join(
        output.get("text") or output.get("data", {}).get("text/plain", "")
        for output in outputs
    )


def make(make_book: MakeBook, *codes: str, language: str = "ja") -> BookOfCells:
    """Write the book with some cells."""
    files = {
        "index.md": INDEX,
        "chapter_a/one.md": "# 一\n",
        "data/x.txt": "from a file",
        "data/old.py": "import warnings\n\ndef warn():\n    warnings.warn('old')\n",
    }
    sample = BookOfCells(make_book(files, CONFIG.format(language=language)).root)
    sample.write(*codes)
    return sample

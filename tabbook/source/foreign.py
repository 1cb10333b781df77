"""Sources in other formats than d2lbook's: Jupyter notebooks, pages of MyST, Quarto."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from tabbook.base.config import FILE_NAME, Config
from tabbook.base.errors import BookError, Problem
from tabbook.base.files import read_text
from tabbook.source.d2lbook_reader import UnreadableError

NAME = "foreign-source"
"""The name of the problem."""

CELL = re.compile(
    r"\s*(?:`{3,}|~{3,}|:{3,})\s*\{(?:code-cell|python3?|r|julia)[\s,}].*"
)
"""A line that begins a cell of MyST or Quarto."""

FORMATS = frozenset({".ipynb", ".rst", ".qmd", ".rmd", ".py", ".txt", ".markdown"})
"""Endings of files that other programs take for sources."""

FRONT_MATTER_KEY = re.compile(r"(?:jupytext|kernelspec|jupyter|file_format)\s*:")
"""A key at the top of a page that other programs execute."""

CELL_ADVICE = (
    "write '```{.python .input}' at the beginning of the line, and '```' below the code"
)


def page_failure(
    lines: Sequence[str], outside: Sequence[bool]
) -> UnreadableError | None:
    """Return the error about the first thing that only other programs execute.

    :param lines: the lines of a source.
    :param outside: whether each line is outside of fences, or opens one.
    """
    for number, (line, searched) in enumerate(zip(lines, outside, strict=True), 1):
        if searched and CELL.fullmatch(line):
            reason = f"{line.strip()!r} is a cell of another program; {CELL_ADVICE}"
            return UnreadableError(number, reason, name=NAME)
    for number in _front_matter(lines):
        if FRONT_MATTER_KEY.match(lines[number - 1]):
            reason = (
                f"{lines[number - 1]!r} is for other programs; delete the lines from "
                "'---' to '---'"
            )
            return UnreadableError(number, reason, name=NAME)
    return None


def problems(config: Config) -> Iterator[Problem]:
    """Yield a problem for each pattern of config.ini that is not for Markdown."""
    lines = read_text(config.root / FILE_NAME).splitlines()
    for pattern in config.patterns:
        ending = PurePosixPath(pattern).suffix.lower()
        named = pattern if ending in FORMATS else _notebook(config, pattern)
        if named and NAME not in config.silenced:
            numbered = enumerate(lines, 1)
            line = next((number for number, text in numbered if pattern in text), 0)
            yield Problem(FILE_NAME, line, NAME, _pattern_advice(named))


def refuse(config: Config) -> None:
    """Refuse a book whose config.ini names sources in another format.

    :raises BookError: there is such a pattern.
    """
    if found := "\n".join(map(str, problems(config))):
        raise BookError(found)


def _notebook(config: Config, pattern: str) -> str:
    """Return a notebook that a pattern such as ``chapter_*/*`` finds, or nothing.

    The engine's own notebooks and its output are no sources.
    """
    if not pattern.endswith("*"):
        return ""
    found = glob.glob(pattern, root_dir=config.root, recursive=True)  # noqa: PTH207
    own = (f"{config.notebooks.name}/", f"{config.output.name}/")
    notebooks = (name for name in found if name.endswith(".ipynb"))
    return min((name for name in notebooks if not name.startswith(own)), default="")


def _front_matter(lines: Sequence[str]) -> range:
    """Return the numbers of the lines within the ``---`` that begin a page."""
    if not lines or lines[0].rstrip() != "---":
        return range(0)
    ends = (at for at, line in enumerate(lines[1:], 1) if line.rstrip() == "---")
    return range(2, next(ends, 0) + 1)


def _pattern_advice(pattern: str) -> str:
    return (
        f"[build] notebooks names {pattern!r}, and sources are Markdown files; write "
        "the text in a file that ends in '.md', each cell in a fence "
        "'```{.python .input}', and name that file"
    )

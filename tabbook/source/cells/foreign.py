"""Sources in other formats than d2lbook's: Jupyter notebooks, pages of MyST, Quarto."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tabbook.base.config import FILE_NAME, Config
from tabbook.base.errors import BookError, Problem
from tabbook.base.files import read_text
from tabbook.source.cells import dialect
from tabbook.source.cells.d2lbook_reader import UnreadableError

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


def refuse_page(text: str) -> None:
    """Refuse a source with something that only other programs execute.

    :raises UnreadableError: with its line.
    """
    source = list(dialect.lines(text))
    for line in source:
        shown = line.inside and (line.code or not line.opens)
        if not shown and CELL.fullmatch(line.text):
            reason = f"{line.text.strip()!r} is a cell of another program"
            raise UnreadableError(line.number, f"{reason}; {CELL_ADVICE}", name=NAME)


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
    if messages := "\n".join(map(str, problems(config))):
        raise BookError(messages)


def _notebook(config: Config, pattern: str) -> str:
    """Return a notebook that a pattern such as ``chapter_*/*`` finds, or nothing.

    The engine's own notebooks and its output are no sources.
    """
    if not pattern.endswith("*"):
        return ""
    paths = glob.glob(pattern, root_dir=config.root, recursive=True)  # noqa: PTH207
    own = (f"{config.notebooks.name}/", f"{config.products_path}/")
    notebooks = (name for name in paths if name.endswith(".ipynb"))
    return min((name for name in notebooks if not name.startswith(own)), default="")


def front_matter(text: str) -> tuple[int, int]:
    """Return line and height of the front matter of a page for other programs.

    :returns: the number of the line with a key of theirs, and how many lines stand
        from ``---`` to ``---``; zeros if a page begins with anything else.
    """
    if not text.startswith("---"):
        return 0, 0
    source = list(dialect.lines(text))
    rules = [line.number for line in source if line.text.rstrip() == "---"]
    if len(rules) < 2 or rules[0] != 1:
        return 0, 0
    keys = (line for line in source[1 : rules[1] - 1])
    numbers = (line.number for line in keys if FRONT_MATTER_KEY.match(line.text))
    line = next(numbers, 0)
    return line, rules[1] if line else 0


def _pattern_advice(pattern: str) -> str:
    return (
        f"[build] notebooks names {pattern!r}, and sources are Markdown files; write "
        "the text in a file that ends in '.md', each cell in a fence "
        "'```{.python .input}', and name that file"
    )

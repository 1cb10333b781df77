"""The cells of a page: texts, and the code of each framework with its outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markdown_it.token import Token
from nbformat import NotebookNode

from tabbook.base.config import Framework


@dataclass(frozen=True)
class TextCell:
    """A text with its tokens."""

    line: int
    """Line of the source that it begins on."""
    tokens: list[Token]
    metadata: dict[str, Any]
    """The tabs of the text, if it does not belong to all."""


@dataclass(frozen=True)
class CodeCell:
    """The code of one framework."""

    line: int
    """Line of the source that it begins on."""
    source: str
    outputs: list[NotebookNode]
    metadata: dict[str, Any]
    """Its tab, and the metadata that MyST-NB reads."""


PageCell = TextCell | CodeCell


@dataclass(frozen=True)
class ShownCode:
    """The visible parts of a cell in one framework."""

    framework: Framework
    source: str
    """Empty if it is hidden."""
    outputs: list[NotebookNode]
    state: str
    """State of the outputs in a draft; empty if they are those of the code."""
    folds: frozenset[str]
    """Folded parts: ``code``, ``output`` or both."""

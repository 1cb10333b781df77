"""The frameworks and languages with which a new book can begin."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
TEMPLATES = FOLDER / "templates"

LANGUAGES = ("en", "ja")
"""Languages with templates; the first is the default."""

PYTHON = "3.11"
"""Version of Python that all offered frameworks have wheels for."""

COLAB_PYTHON = "3.13"
"""Version of Python that Colab has, with the releases in ``colab.in``."""


@dataclass(frozen=True)
class OfferedFramework:
    """A framework in versions that are known to run."""

    name: str
    label: str
    packages: tuple[str, ...]
    """Distributions whose versions notebooks record."""
    preload: tuple[str, ...]
    modules: tuple[str, ...]
    """Modules that its notebooks import, for the cell that prepares Colab."""
    variables: tuple[str, ...] = ()
    gpu: tuple[str, ...] = ()
    """Pieces of code that ask Colab for a GPU."""

    def file(self, name: str) -> str:
        """Return the text of one of its files; empty if it has none of that name."""
        path = TEMPLATES / "frameworks" / self.name / name
        return path.read_text(encoding="utf-8") if path.is_file() else ""


@functools.cache
def offered() -> Mapping[str, OfferedFramework]:
    """Return the offered frameworks by name."""
    table = tomllib.loads((FOLDER / "catalogue.toml").read_text(encoding="utf-8"))
    return {name: _framework(name, entry) for name, entry in table.items()}


def _framework(name: str, entry: Mapping[str, Any]) -> OfferedFramework:
    lists = {
        key: tuple(value) for key, value in entry.items() if isinstance(value, list)
    }
    return OfferedFramework(name=name, label=entry["label"], **lists)


@functools.cache
def words(language: str) -> Mapping[str, str]:
    """Return the words of generated code and settings in a language."""
    text = (FOLDER / "words.toml").read_text(encoding="utf-8")
    table: Mapping[str, Mapping[str, str]] = tomllib.loads(text)
    return table[language]

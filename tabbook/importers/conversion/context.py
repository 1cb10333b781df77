"""Input and results of the conversion of one file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tabbook.importers.conversion.pictures import Pictures
from tabbook.importers.conversion.pieces import Losses

NOT_IN_NAMES = re.compile(r"[^\w.-]+")
"""Characters that d2lbook does not read in the name of a label."""


def label_name(name: str) -> str:
    """Return the name of a label as the dialect can write it."""
    return NOT_IN_NAMES.sub("-", name.strip()).strip("-")


def slug(heading: str) -> str:
    """Return the part of a heading's address that Jupyter, GitHub and Quarto share."""
    plain = re.sub(r"[^\w\s-]", "", heading).strip().lower()
    return re.sub(r"[\s-]+", "-", plain)


@dataclass(frozen=True)
class Known:
    """Targets of a file's references."""

    labels: Mapping[str, str] = field(default_factory=dict)
    """Names of sections by the labels in them, of the book and of imported files."""
    pages: Mapping[str, str] = field(default_factory=dict)
    """Names of sections by the absolute path of the file each is made of."""
    clashes: frozenset[str] = frozenset()
    """Labels that a formula shares with another place; the formula's is renamed."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """First headings by the names of sections."""
    keys: frozenset[str] = frozenset()
    """Keys of the entries of the bibliography."""
    anchors: frozenset[str] = frozenset()
    """Slugs of this file's headings that links lead to."""
    frameworks: Mapping[str, str] = field(default_factory=dict)
    """Names of frameworks by their names and labels in small letters."""
    language: str = "en"


@dataclass
class Context:
    """One file on its way into the book."""

    source: Path
    """The file (absolute path)."""
    section: str
    """Name of the section it becomes."""
    losses: Losses
    known: Known
    pictures: Pictures
    quarto: bool = False
    """Whether it is read by Quarto's rules: ``@fig-x`` is a reference."""
    dialect: bool = False
    """Whether d2lbook's marks are meant, as d2lbook has compiled the notebook."""
    language: str = "python"
    """The language of its cells; those of others do not run."""
    env: dict[str, Any] = field(default_factory=dict)
    """State that the parser keeps from text to text."""
    labels: dict[str, None] = field(default_factory=dict)
    """Labels that the section has, without those of formulas."""
    formulas: dict[str, None] = field(default_factory=dict)
    """Labels of its formulas, which may be those of other places too."""
    slugs: list[str] = field(default_factory=list)
    """Slugs of its headings."""
    cited: dict[str, None] = field(default_factory=dict)
    """Keys of the entries that it cites, in order."""
    linked: set[str] = field(default_factory=set)
    """Slugs of headings that links of the file lead to."""
    attachments: Mapping[str, bytes] = field(default_factory=dict)
    """Pictures of the notebook's cell that is read, by their names."""
    bibliography: list[str] = field(default_factory=list)
    """Files with the entries that the file cites, as it names them."""

    def formula_label(self, name: str) -> str:
        """Return the name of a formula's label, which no other place has."""
        safe = label_name(name)
        return f"eq_{safe}" if safe in self.known.clashes else safe

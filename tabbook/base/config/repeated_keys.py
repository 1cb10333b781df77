"""The keys of sections that config.ini may have several of: frameworks and editions."""

from __future__ import annotations

from typing import Any

from tabbook.base.config import kinds
from tabbook.base.config.key import EACH_EDITION, EACH_FRAMEWORK, Key

LABEL = Key(
    EACH_FRAMEWORK,
    "label",
    kinds.TEXT,
    "",
    "The tab's text, such as `PyTorch`; the framework's name by default.",
)
PACKAGES = Key(
    EACH_FRAMEWORK,
    "packages",
    kinds.WORDS,
    "",
    "Distributions whose versions notebooks record; the framework itself first.",
)
ENVIRONMENT = Key(
    EACH_FRAMEWORK,
    "environment",
    kinds.TEXT,
    "",
    "The pinned requirements; `environments/NAME.txt` by default.",
)
VARIABLES = Key(
    EACH_FRAMEWORK,
    "variables",
    kinds.VARIABLES,
    "",
    "Environment variables of the kernels, `NAME=VALUE`, one a line.",
)
PRELOAD = Key(
    EACH_FRAMEWORK,
    "preload",
    kinds.MODULES,
    "",
    "Modules to import once in a fork server, from which the kernels are forked.",
)
COLAB = Key(
    EACH_FRAMEWORK,
    "colab",
    kinds.FILE,
    "",
    "Code of the notebooks' first cell, which prepares Colab.",
)

EDITION_TITLE = Key(
    EACH_EDITION, "title", kinds.TEXT, "", "The edition's title; the book's by default."
)
EDITION_EXCLUSIONS = Key(
    EACH_EDITION,
    "exclusions",
    kinds.PATHS,
    "",
    "Globs of Markdown files that the edition leaves out, besides those of `[build]`.",
)
EDITION_SOLUTIONS = Key(
    EACH_EDITION,
    "solutions",
    kinds.SOLUTIONS,
    "folded",
    "Solutions of exercises: `shown`, `folded` or `left out`.",
)
EDITION_BLANKS = Key(
    EACH_EDITION,
    "blanks",
    kinds.SWITCH,
    "no",
    "Whether code between `### BEGIN SOLUTION` and `### END SOLUTION` becomes a stub.",
)
EDITION_SITE = Key(
    EACH_EDITION,
    "site",
    kinds.URL,
    "",
    "Address of the edition's published pages.",
    inherited=False,
)

KEYS: tuple[Key[Any], ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, Key)
)
"""These keys, in the order of their declaration."""

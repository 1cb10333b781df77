"""Read config.ini into ``Config``."""

from __future__ import annotations

import re
from pathlib import Path

from tabbook.base.config import editions, keys
from tabbook.base.config.dropped import dropped_frameworks
from tabbook.base.config.file import ConfigFile, parse_file
from tabbook.base.config.model import Config, Framework, Library
from tabbook.base.config.unknown import unknown_keys

ONLY_FRAMEWORK = "python"
"""Name of the one framework of a book without tabs."""


def load(root: Path) -> Config:
    """Read and validate ``root``/config.ini.

    :raises BookError: the file is missing, cannot be parsed or has an invalid value.
    """
    root = root.resolve()
    file = parse_file(root)
    tabs = keys.TABS.read(file)
    dropped = dropped_frameworks(file, tabs)
    return Config(
        root=root,
        name=_slug(keys.NAME.read(file)) or _slug(root.name) or "book",
        title=keys.TITLE.read(file),
        author=keys.AUTHOR.read(file),
        copyright=keys.COPYRIGHT.read(file),
        language=keys.LANGUAGE.read(file),
        release=keys.RELEASE.read(file),
        index=keys.INDEX.read(file).removesuffix(".md"),
        patterns=keys.PATTERNS.read(file),
        exclusions=keys.EXCLUSIONS.read(file) + keys.NON_NOTEBOOKS.read(file),
        resources=keys.RESOURCES.read(file),
        output=root / keys.OUTPUT.read(file),
        tabbed=bool(tabs),
        frameworks=tuple(_framework(file, tab) for tab in tabs or (ONLY_FRAMEWORK,)),
        timeout=keys.TIMEOUT.read(file),
        memory=keys.MEMORY.read(file),
        jobs=keys.JOBS.read(file),
        python=keys.PYTHON.read(file),
        colab_python=keys.COLAB_PYTHON.read(file),
        gpu=keys.GPU.read(file),
        repository=keys.REPOSITORY.read(file),
        branch=keys.BRANCH.read(file),
        site=keys.SITE.read(file),
        colour=keys.COLOUR.read(file),
        colour_dark=keys.COLOUR_DARK.read(file),
        macros=keys.MACROS.read(file),
        terms=keys.TERMS.read(file),
        facts=keys.FACTS.read(file),
        bibfiles=keys.BIBFILES.read(file),
        logo=keys.LOGO.read(file),
        favicon=keys.FAVICON.read(file),
        styles=keys.STYLES.read(file),
        save_patterns=keys.SAVE_PATTERNS.read(file),
        version_file=keys.VERSION_FILE.read(file),
        outdated_library=_outdated_library(file),
        output_scripts=keys.OUTPUT_SCRIPTS.read(file),
        silenced=frozenset(keys.SILENCE.read(file)),
        dropped=dropped,
        editions=tuple(editions.editions(file)),
        problems=tuple(
            unknown_keys(file, (*tabs, *sorted(dropped)), editions.names(file))
        ),
    )


def _framework(file: ConfigFile, name: str) -> Framework:
    environment = keys.ENVIRONMENT.read(file, name) or f"environments/{name}.txt"
    return Framework(
        name=name,
        label=keys.LABEL.read(file, name) or name,
        environment=file.path.parent / environment,
        packages=keys.PACKAGES.read(file, name),
        variables=keys.VARIABLES.read(file, name),
        preload=keys.PRELOAD.read(file, name),
        colab=keys.COLAB.read(file, name),
        library=_library(file, name),
    )


def _library(file: ConfigFile, name: str) -> Library | None:
    """Return the library of a framework; None for a book without tabs, as d2lbook."""
    section = keys.LIBRARY + name
    if not keys.TABS.read(file) or not file.parser.has_section(section):
        return None
    return Library(
        **{
            key.name: key.read(file, name)
            for key in keys.KEYS
            if key.section == keys.EACH_LIBRARY
        }
    )


def _outdated_library(file: ConfigFile) -> str:
    """Return the key of the library that d2lbook 1.0.3 fails on; empty for none."""
    if keys.SAVE_FILENAME.read(file) and keys.SAVE_MARK.read(file):
        return keys.SAVE_FILENAME.name
    return keys.SAVE_FOLDER.name if keys.SAVE_FOLDER.read(file) else ""


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower()

"""Read config.ini into ``Config``."""

from __future__ import annotations

import re
from pathlib import Path

from tabbook.base.config import editions, keys, library
from tabbook.base.config.dropped import dropped_frameworks
from tabbook.base.config.file import ConfigFile, parse_file
from tabbook.base.config.model import Config, Framework
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
        output=keys.OUTPUT.read(file),
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
        tie_numbers=keys.TIE_NUMBERS.read(file),
        least_coverage=keys.LEAST_COVERAGE.read(file),
        bibfiles=keys.BIBFILES.read(file),
        logo=keys.LOGO.read(file),
        favicon=keys.FAVICON.read(file),
        styles=keys.STYLES.read(file),
        save_patterns=library.SAVE_PATTERNS.read(file),
        version_file=library.VERSION_FILE.read(file),
        outdated_library=library.outdated_key(file),
        output_scripts=keys.OUTPUT_SCRIPTS.read(file),
        silenced=frozenset(keys.SILENCE.read(file)),
        dropped=dropped,
        dropped_labels=frozenset(_label(file, name) for name in dropped),
        editions=tuple(editions.editions(file)),
        problems=tuple(
            unknown_keys(file, (*tabs, *sorted(dropped)), editions.names(file))
        ),
    )


def _framework(file: ConfigFile, name: str) -> Framework:
    environment = keys.ENVIRONMENT.read(file, name) or f"environments/{name}.txt"
    return Framework(
        name=name,
        label=_label(file, name),
        environment=file.path.parent / environment,
        packages=keys.PACKAGES.read(file, name),
        variables=keys.VARIABLES.read(file, name),
        preload=keys.PRELOAD.read(file, name),
        colab=keys.COLAB.read(file, name),
        library=library.of_framework(file, name) if keys.TABS.read(file) else None,
    )


def _label(file: ConfigFile, name: str) -> str:
    return keys.LABEL.read(file, name) or name


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower()

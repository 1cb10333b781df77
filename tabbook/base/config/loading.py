"""Read config.ini into ``Config``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tabbook.base.config import editions, keys, library, repeated_keys
from tabbook.base.config.dropped import dropped_frameworks
from tabbook.base.config.file import ConfigFile, parse_file
from tabbook.base.config.key import Key
from tabbook.base.config.model import Config, Framework
from tabbook.base.config.unknown import unknown_keys

ONLY_FRAMEWORK = "python"
"""Name of the one framework of a book without tabs."""


FIELDS: dict[str, Key[Any]] = {
    "title": keys.TITLE,
    "author": keys.AUTHOR,
    "copyright": keys.COPYRIGHT,
    "language": keys.LANGUAGE,
    "release": keys.RELEASE,
    "patterns": keys.PATTERNS,
    "resources": keys.RESOURCES,
    "output": keys.OUTPUT,
    "timeout": keys.TIMEOUT,
    "memory": keys.MEMORY,
    "jobs": keys.JOBS,
    "python": keys.PYTHON,
    "colab_python": keys.COLAB_PYTHON,
    "gpu": keys.GPU,
    "repository": keys.REPOSITORY,
    "branch": keys.BRANCH,
    "site": keys.SITE,
    "colour": keys.COLOUR,
    "colour_dark": keys.COLOUR_DARK,
    "cover": keys.COVER,
    "cover_map": keys.COVER_MAP,
    "macros": keys.MACROS,
    "terms": keys.TERMS,
    "facts": keys.FACTS,
    "tie_numbers": keys.TIE_NUMBERS,
    "least_coverage": keys.LEAST_COVERAGE,
    "bibfiles": keys.BIBFILES,
    "logo": keys.LOGO,
    "favicon": keys.FAVICON,
    "styles": keys.STYLES,
    "scripts": keys.SCRIPTS,
    "translations": keys.TRANSLATIONS,
    "output_scripts": keys.OUTPUT_SCRIPTS,
    "source_scripts": keys.SOURCE_SCRIPTS,
    "origins": keys.ORIGINS,
    "save_patterns": library.SAVE_PATTERNS,
    "version_file": library.VERSION_FILE,
}
"""Fields of ``Config`` that are the value of one key."""


def load(root: Path) -> Config:
    """Read and validate ``root``/config.ini.

    :raises BookError: the file is missing, cannot be parsed or has an invalid value.
    """
    root = root.resolve()
    file = parse_file(root)
    origin = _origin(file)
    if origin is not None:
        file = file.translating(parse_file(origin.root))
    tabs = keys.TABS.read(file)
    dropped = dropped_frameworks(file, tabs)
    known = (*tabs, *sorted(dropped))
    return Config(
        **{name: key.read(file) for name, key in FIELDS.items()},
        root=root,
        name=_slug(keys.NAME.read(file)) or _slug(root.name) or "book",
        index=keys.INDEX.read(file).removesuffix(".md"),
        exclusions=keys.EXCLUSIONS.read(file) + keys.NON_NOTEBOOKS.read(file),
        tabbed=bool(tabs),
        frameworks=tuple(_framework(file, tab) for tab in tabs or (ONLY_FRAMEWORK,)),
        outdated_library=library.outdated_key(file),
        silenced=frozenset(keys.SILENCE.read(file)),
        dropped=dropped,
        origin=origin,
        dropped_labels=frozenset(_label(file, name) for name in dropped),
        editions=tuple(editions.editions(file)),
        problems=tuple(unknown_keys(file, known, editions.names(file))),
    )


def _origin(file: ConfigFile) -> Config | None:
    """Return the configuration of the book that a file's book translates, if any."""
    folder = keys.TRANSLATION_OF.read(file)
    if folder is None:
        return None
    if folder == file.path.parent or keys.TRANSLATION_OF.read(parse_file(folder)):
        raise file.error(
            keys.TRANSLATION_OF.section,
            keys.TRANSLATION_OF.name,
            "names a translation; name the folder of the original book",
        )
    return load(folder)


def _framework(file: ConfigFile, name: str) -> Framework:
    environment = (
        repeated_keys.ENVIRONMENT.read(file, name) or f"environments/{name}.txt"
    )
    return Framework(
        name=name,
        label=_label(file, name),
        environment=(file.origin or file).path.parent / environment,
        packages=repeated_keys.PACKAGES.read(file, name),
        variables=repeated_keys.VARIABLES.read(file, name),
        preload=repeated_keys.PRELOAD.read(file, name),
        colab=repeated_keys.COLAB.read(file, name),
        library=library.of_framework(file, name) if keys.TABS.read(file) else None,
    )


def _label(file: ConfigFile, name: str) -> str:
    return repeated_keys.LABEL.read(file, name) or name


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower()

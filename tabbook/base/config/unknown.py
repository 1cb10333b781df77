"""Warnings about sections and keys of config.ini that nothing reads."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator

from tabbook.base.config import keys, library
from tabbook.base.config.file import FILE_NAME, ConfigFile
from tabbook.base.config.key import EACH, EACH_EDITION, LIBRARY
from tabbook.base.errors import Problem, suggestion

D2LBOOK_KEYS = {
    "translation": "origin_repo origin_lang translator terminology",
    "build": "rsts dependencies eval_notebook source_dir html_dir "
    "warning_is_error sphinx_extensions sphinx_configs origin_repo",
    "html": "header_links",
    "pdf": "main_font sans_font mono_font post_latex latex_logo latex_url style",
    "library": "version",
    "deploy": "google_analytics_tracking_id github_repo s3_bucket other_file_s3urls",
    "colab": "github_repo exclusions libs libs_header replace_svg_url",
    "sagemaker": "github_repo kernel libs libs_header",
    "slides": "top_left top_right github_repo",
}
"""Keys that d2lbook 1.0.3 reads and the engine does not, by section."""


def unknown_keys(
    file: ConfigFile, tabs: tuple[str, ...], editions: tuple[str, ...] = ()
) -> Iterator[Problem]:
    """Yield a warning for each unknown section, and for each unknown key of others."""
    known = known_keys(tabs, editions)
    reported = set()
    for section, key in file.entries():
        if section in reported or key in known.get(section, ()):
            continue
        if section not in known:
            reported.add(section)
            if hint := _section_hint(section, known):
                yield _warning(file.line(section), f"unknown [{section}]{hint}")
        elif key and (hint := _key_hint(section, key, known[section])):
            message = f"unknown key {key!r} in [{section}]{hint}"
            yield _warning(file.line(section, key), message)


def known_keys(
    tabs: tuple[str, ...], editions: tuple[str, ...] = ()
) -> dict[str, list[str]]:
    """Return the names of the keys of each section of a book with some tabs."""
    names: dict[str, list[str]] = {}
    for key in (*keys.KEYS, *library.KEYS):
        sections = [key.section]
        if key.section in EACH:
            owners = editions if key.section == EACH_EDITION else tabs
            sections = [EACH[key.section] + owner for owner in owners]
        for section in sections:
            names.setdefault(section, []).append(key.name)
    for section, words in D2LBOOK_KEYS.items():
        names.setdefault(section, []).extend(words.split())
    return names


def _section_hint(section: str, known: Collection[str]) -> str:
    """Return the advice on an unknown section; empty if it is the author's own.

    A library may be that of a framework which the book leaves out.
    """
    if not section.startswith(LIBRARY):
        return _hint(section, known)
    names = [name.removeprefix(LIBRARY) for name in known if name.startswith(LIBRARY)]
    similar = difflib.get_close_matches(
        section.removeprefix(LIBRARY), names, cutoff=0.7
    )
    return f"; did you mean {LIBRARY + similar[0]!r}?" if similar else ""


def _key_hint(section: str, key: str, known: Collection[str]) -> str:
    """Return the advice on an unknown key; empty if it is the author's own."""
    if not section.startswith(LIBRARY):
        return _hint(key, known)
    return suggestion(key, known, otherwise="", likeness=0.8)


def _warning(line: int, message: str) -> Problem:
    return Problem(FILE_NAME, line, "unknown-key", message, "warning")


def _hint(name: str, known: Collection[str]) -> str:
    known_names = f"; known: {', '.join(known)}"
    return suggestion(name, known, otherwise=known_names, likeness=0.5)

"""The words that readers see, one table per language in ``locale/``.

A table holds a section per feature, such as ``[slides]``, and a text per key. English
stands in for a language without a table and for a key that a table lacks.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path

FALLBACK = "en"
LOCALE = Path(__file__).parent / "locale"


@functools.cache
def texts(language: str, feature: str) -> Mapping[str, str]:
    """Return the texts of one feature by key.

    :param language: a language tag, such as ``ja`` or ``ja-JP``.
    :param feature: a section of the tables, such as ``slides``.
    :raises KeyError: English has no such section.
    """
    language = language.partition("-")[0].lower()
    return {**_table(FALLBACK)[feature], **_table(language).get(feature, {})}


@functools.cache
def _table(language: str) -> Mapping[str, Mapping[str, str]]:
    file = LOCALE / f"{language}.toml"
    if not file.is_file():
        return {}
    return tomllib.loads(file.read_text(encoding="utf-8"))

"""Tests of the language tables: the same texts in every language."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tabbook.base import translations

TABLES = {
    file.stem: tomllib.loads(file.read_text(encoding="utf-8"))
    for file in translations.LOCALE.glob("*.toml")
}
PLACEHOLDER = re.compile(r"\{\w*\}|%\(\w+\)s")
FULL_WIDTH = re.compile("[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
TABBOOK = Path(translations.__file__).parents[1]


def keys(table: dict[str, dict[str, str]]) -> set[tuple[str, str]]:
    return {(feature, key) for feature, texts in table.items() for key in texts}


@pytest.mark.parametrize("language", sorted(TABLES))
def test_every_language_has_the_same_texts(language: str) -> None:
    assert keys(TABLES[language]) == keys(TABLES[translations.FALLBACK])


@pytest.mark.parametrize("language", sorted(TABLES))
def test_every_language_has_the_same_placeholders(language: str) -> None:
    for feature, texts in TABLES[translations.FALLBACK].items():
        for key, text in texts.items():
            translated = TABLES[language][feature][key]
            expected = sorted(PLACEHOLDER.findall(text))
            assert sorted(PLACEHOLDER.findall(translated)) == expected, (feature, key)


def test_english_table_has_no_full_width_character() -> None:
    file = translations.LOCALE / "en.toml"
    assert not FULL_WIDTH.search(file.read_text(encoding="utf-8"))


def test_unknown_language_falls_back_to_english() -> None:
    assert translations.texts("de", "labels") == translations.texts("en", "labels")


def test_region_of_a_language_tag_is_ignored() -> None:
    assert translations.texts("ja-JP", "labels") == translations.texts("ja", "labels")


def test_every_text_is_read_by_the_engine() -> None:
    files = [
        file
        for pattern in ("*.py", "*.html", "*.js")
        for file in TABBOOK.rglob(pattern)
    ]
    source = "\n".join(file.read_text(encoding="utf-8") for file in files)
    features = {feature for feature, _ in keys(TABLES["en"])}
    assert {name for name in features if f'"{name}"' not in source} == set()

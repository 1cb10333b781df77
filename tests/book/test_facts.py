"""The chapter's facts: they cover every section and none holds by accident."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import pytest

from tabbook.base.config import load
from tabbook.source import book
from tabbook.verification import facts, facts_file
from tabbook.verification.facts import Evidence
from tabbook.verification.facts_file import Fact
from tests.support.paths import ROOT

BOOK = book.load(load(ROOT))
TABLES = [
    facts_file.read(file, str(file.relative_to(ROOT)))
    for file in facts_file.find(BOOK.config)
]
FACTS = [
    pytest.param(table.section, fact, id=f"{table.path}:{fact.line}")
    for table in TABLES
    for fact in table.facts
]
FEWEST_FACTS = 6


@cache
def evidence(name: str) -> dict[str, Evidence]:
    section = BOOK.section(name)
    assert section, f"no section {name}"
    return facts.evidence(BOOK, section)


def falsify(text: str) -> str:
    """Return printed text with every value changed."""
    other = {"True": "False", "False": "True"}
    text = re.sub("True|False", lambda match: other[match[0]], text)
    return "".join(
        line.translate(str.maketrans("0123456789(", "1234567890<")) + "!\n"
        for line in text.splitlines()
    )


def test_every_fact_holds() -> None:
    assert [str(problem) for problem in facts.check(BOOK).problems] == []


@pytest.mark.parametrize(("section", "fact"), FACTS)
def test_fact_fails_when_every_value_changes(section: str, fact: Fact) -> None:
    notebooks = evidence(section)
    for name, notebook in notebooks.items():
        if fact.claim in notebook.prose:
            wrong = tuple((source, falsify(text)) for source, text in notebook.cells)
            changed = {**notebooks, name: replace(notebook, cells=wrong)}
            assert facts.complaints(fact, changed), name


def test_every_section_with_code_has_facts() -> None:
    counts = {table.section: len(table.facts) for table in TABLES}
    for section in BOOK.sections:
        if section.has_code:
            assert counts.get(section.name, 0) >= FEWEST_FACTS, section.name

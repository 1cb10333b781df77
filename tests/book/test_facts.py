"""The chapter's facts: they cover every section and none holds by accident."""

from __future__ import annotations

from tabbook.base.config import load
from tabbook.source import book, fact_files
from tabbook.verification.facts import facts, facts_file
from tests.support.paths import ROOT

BOOK = book.load(load(ROOT))
TABLES = [
    facts_file.read(file, str(file.relative_to(ROOT)))
    for file in fact_files.find(BOOK.config)
]
FEWEST_FACTS = 6


def test_every_fact_holds_and_would_not_hold_otherwise() -> None:
    report = facts.check(BOOK)
    assert [str(problem) for problem in report.problems] == []
    assert report.weak == 0


def test_every_section_with_code_has_facts() -> None:
    counts = {table.section: len(table.facts) for table in TABLES}
    for section in BOOK.sections:
        if section.has_code:
            assert counts.get(section.name, 0) >= FEWEST_FACTS, section.name

"""The translations of this book are complete and up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabbook.base import config
from tabbook.source import book
from tabbook.verification import check
from tests.support.paths import ROOT

TRANSLATIONS = config.load(ROOT).translations


@pytest.mark.parametrize("folder", TRANSLATIONS, ids=lambda folder: folder.name)
def test_translation_has_no_problem(folder: Path) -> None:
    translation = book.load(config.load(folder))
    reports = list(check.run(translation, without=("links", "accessibility")))
    assert [str(each) for each in reports if each.problems or each.failure] == []
    by_name = {each.name: each.summary for each in reports}
    assert not by_name["facts"].startswith("0 facts")

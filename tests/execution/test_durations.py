"""The record of how long notebooks took."""

from __future__ import annotations

import json
import math

import pytest

from tabbook.execution.durations import Durations
from tests.support.books import MakeBook


def test_durations_are_read_back(make_book: MakeBook) -> None:
    config = make_book({"index.md": "# 本\n"})
    durations = Durations(config)
    durations.add("a", "left", 1.26)
    durations.save()
    assert Durations(config).expected("a", "left") == 1.3
    assert Durations(config).expected("b", "left") == math.inf


@pytest.mark.parametrize("text", ["", "{", "[1]", "1"])
def test_broken_record_counts_as_empty(make_book: MakeBook, text: str) -> None:
    config = make_book({"index.md": "# 本\n"})
    config.output.mkdir(parents=True, exist_ok=True)
    (config.output / "seconds.json").write_text(text, "utf-8")
    config.notebooks.mkdir()
    (config.notebooks / "verified.json").write_text(text, "utf-8")
    assert Durations(config).expected("a", "left") == math.inf


def test_first_run_goes_by_the_committed_records(make_book: MakeBook) -> None:
    config = make_book({"index.md": "# 本\n"})
    config.notebooks.mkdir()
    entries = {"left/a.ipynb": {"seconds": 7.5}, "left/b.ipynb": {}, "left/c.ipynb": 1}
    (config.notebooks / "verified.json").write_text(json.dumps(entries), "utf-8")
    durations = Durations(config)
    assert durations.expected("a", "left") == 7.5
    assert durations.expected("b", "left") == math.inf
    durations.add("a", "left", 2)
    assert durations.expected("a", "left") == 2

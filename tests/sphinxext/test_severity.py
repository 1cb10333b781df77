"""Warnings of a build that are printed and do not stop it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabbook import sphinxext
from tabbook.base.errors import BookError
from tabbook.sphinxext import severity
from tests.support.book_with_three_frameworks import MadeUpBook, make


@pytest.fixture
def tiny(tmp_path: Path) -> MadeUpBook:
    """Return a book with a problem that is declared as a warning."""
    sample = make(tmp_path)
    sample.edit("part/two.md", "文。", ":ref:`sec_nowhere`")
    return sample


def test_declared_warning_is_printed_by_every_build(
    tiny: MadeUpBook, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        sphinxext.build(tiny.config)
        printed = capsys.readouterr().err
        assert printed.startswith("part/two.md:4: WARNING: ")
        assert printed.count("sec_nowhere'") == 1
    assert "sec_nowhere" in tiny.article("part/two").text


def test_declared_error_beside_it_still_fails(tiny: MadeUpBook) -> None:
    tiny.edit("part/two.md", "sec_nowhere`", "sec_nowhere`と[**強調")
    with pytest.raises(BookError, match="unbalanced-slide-mark"):
        sphinxext.build(tiny.config)


def test_unknown_names_and_errors_are_fatal() -> None:
    lines = "a.md:1: WARNING: x [tabbook.stale-outputs]\na.md:1: ERROR: y [docutils]"
    named = "a.md:2: WARNING: z [tabbook.long-sentence]"
    of_sphinx = "a.md:2: WARNING: z [myst.x]"
    assert severity.fatal(f"{lines}\n{named}\n{of_sphinx}") == lines

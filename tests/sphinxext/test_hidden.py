"""Cells that d2lbook's marks hide are left out of pages."""

from __future__ import annotations

from pathlib import Path

from tabbook import sphinxext
from tabbook.source import book
from tests.support.book_with_three_frameworks import make


def test_pages_leave_hidden_code_and_outputs_out(tmp_path: Path) -> None:
    made = make(tmp_path)
    made.edit("part/one.md", "alpha_first = 1", "#@hide_code\nalpha_first = 1")
    made.edit("part/one.md", "beta_first = 1", "# Hide outputs\nbeta_first = 1")
    made.edit("part/one.md", "gamma_first = 1", "gamma_first = 1  #@hide")
    made.execute()
    sphinxext.build(book.load(made.config))
    text = made.article("part/one").text
    assert "alpha_first = 1" not in text
    assert "<alpha> #@hide_code" in text  # an output names its cell's first word
    assert "beta_first = 1" in text
    assert "Hide outputs" not in text
    assert "<beta> #" not in text
    assert "gamma_first" not in text
    assert "shared = 3" in text

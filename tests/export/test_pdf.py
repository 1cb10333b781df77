"""The PDF of a made-up book with a drawing, formulas, a table and Japanese text."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabbook.export import pdf
from tabbook.source import book
from tests.support.book_with_three_frameworks import make


@pytest.mark.filterwarnings("ignore::DeprecationWarning:sphinx")
def test_pdf_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    tiny = make(tmp_path)
    loaded = book.load(tiny.config)
    framework = tiny.config.framework("beta")
    file = pdf.make(loaded, framework)
    first = file.read_bytes()
    assert b"%PDF" in first
    file.unlink()
    assert pdf.make(loaded, framework).read_bytes() == first

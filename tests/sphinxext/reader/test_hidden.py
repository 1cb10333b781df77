"""What marks in cells hide is left out of pages, and what they fold is closed there."""

from __future__ import annotations

from pathlib import Path

from tabbook import sphinxext
from tabbook.source import book
from tests.support.book_with_three_frameworks import make


def test_pages_leave_hidden_code_and_outputs_out(tmp_path: Path) -> None:
    sample = make(tmp_path)
    sample.edit("part/one.md", "alpha_first = 1", "#@hide_code\nalpha_first = 1")
    sample.edit("part/one.md", "beta_first = 1", "# Hide outputs\nbeta_first = 1")
    sample.edit("part/one.md", "gamma_first = 1", "gamma_first = 1  #@hide")
    sample.execute()
    sphinxext.build(book.load(sample.config))
    text = sample.article("part/one").text
    assert "alpha_first = 1" not in text
    assert "<alpha> #@hide_code" in text  # an output names its cell's first word
    assert "beta_first = 1" in text
    assert "Hide outputs" not in text
    assert "<beta> #" not in text
    assert "gamma_first" not in text
    assert "shared = 3" in text


def test_pages_fold_what_marks_name(tmp_path: Path) -> None:
    sample = make(tmp_path)
    sample.edit("part/one.md", "alpha_first = 1", "alpha_first = 1\n#@fold_code")
    sample.edit("part/one.md", "gamma_first = 1", "gamma_first = 1\n#@fold_output")
    sample.edit("part/one.md", "shared = 3", "shared = 3\n#@fold")
    sample.execute()
    assert sphinxext.build(sample.config).warnings == ""
    folds = sample.article("part/one").select(".cell > details.fold")
    assert [" ".join(fold.text.split()) for fold in folds] == [
        "コード alpha_first = 1",
        "出力 <gamma> gamma_first_",
        *(f"コードと出力 shared = 3 <{name}> shared_" for name in ("alpha", "beta")),
        "コードと出力 shared = 3 <gamma> shared_",
    ]
    assert not any(fold.has_attr("open") for fold in folds)
    assert "コードと出力" not in sample.html()["search-index.js"].decode()
    notebook = (sample.root / "notebooks/alpha/part/one.ipynb").read_text("utf-8")
    assert "#@fold_code" in notebook

"""Pages of a book while it is written: what they show before the code has run."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from tabbook import sphinxext
from tabbook.base.errors import BookError
from tabbook.execution import planner
from tabbook.notebooks import store
from tabbook.source import book
from tabbook.sphinxext import Draft, Failed
from tabbook.sphinxext.reader import drafts
from tests.support.book_with_three_frameworks import MadeUpBook, make


@pytest.fixture
def tiny(tmp_path: Path) -> MadeUpBook:
    return make(tmp_path)


def cells(*sources: str) -> list[nbformat.NotebookNode]:
    """Return cells that printed their own code; those in brackets printed nothing."""
    written = []
    for source in sources:
        output = nbformat.v4.new_output("stream", text=source)
        outputs = [] if source.startswith("(") else [output]
        written.append(nbformat.v4.new_code_cell(source, outputs=outputs))
    return written


def said(before: str, today: str, failed: int | None = None) -> list[tuple[str, str]]:
    failure = None if failed is None else Failed("key", failed, "E\nwrong")
    drafted = drafts.outputs(cells(*before.split()), today.split(), failure)
    return [
        ("".join(output.get("text", "error") for output in outputs), state)
        for outputs, state in drafted
    ]


@pytest.mark.parametrize(
    ("before", "today", "shown"),
    [
        ("a b c", "a x c", ["a running", "b running", "c running"]),
        ("a b c", "a new b c", ["a running", " running", "b running", "c running"]),
        ("a b c", "a c", ["a running", "c running"]),
        ("(a b", "(a x", [" ", "b running"]),
        ("(a b", "(x b", [" running", "b running"]),
        ("", "a", [" running"]),
        ("a a b", "a b", ["a running", "b running"]),
    ],
)
def test_draft_keeps_outputs_with_their_cells(
    before: str, today: str, shown: list[str]
) -> None:
    assert [" ".join(words) for words in said(before, today)] == shown


def test_draft_shows_error_at_failed_cell_and_marks_others_old() -> None:
    assert said("a (b c d", "a (b x d new", failed=2) == [
        ("a", "old"),
        ("", ""),
        ("error", "failed"),
        ("d", "old"),
        ("", ""),
    ]


def draft(tiny: MadeUpBook, **failed: Failed) -> str:
    """Return a page of the draft."""
    by_name = {("part/one", name): item for name, item in failed.items()}
    pages = sphinxext.build(tiny.config, mode=Draft(by_name))
    assert pages.warnings == ""
    assert pages.folder == tiny.root / "_build/html-preview"
    return (pages.folder / "part/one.html").read_text(encoding="utf-8")


def key_of(tiny: MadeUpBook, name: str) -> str:
    loaded = book.load(tiny.config)
    section, framework = loaded.section("part/one"), tiny.config.framework(name)
    assert section
    steps = planner.plan(loaded, [section], [framework])
    return store.key(tiny.config, framework, steps[0].compiled)


def test_stale_outputs_are_allowed_in_draft_only(
    tiny: MadeUpBook,
) -> None:
    sphinxext.build(tiny.config)
    before = tiny.html()
    assert "data-state" not in draft(tiny)
    tiny.edit("part/one.md", "alpha_second = 2", "alpha_second = 22")
    assert draft(tiny).count('data-state="running"') == 3
    with pytest.raises(BookError, match="was run with other code"):
        sphinxext.build(tiny.config)
    assert tiny.html() == before
    # It runs: only now the book has it, and no trace of the draft.
    tiny.execute()
    assert "data-state" not in draft(tiny)
    sphinxext.build(tiny.config)
    for text in tiny.html().values():
        assert b"data-state" not in text
        assert b"live.js" not in text


def test_draft_shows_error_only_for_same_code(tiny: MadeUpBook) -> None:
    draft(tiny)
    tiny.edit("part/one.md", "alpha_second = 2", "alpha_second = 22")
    failed = Failed(key_of(tiny, "alpha"), 1, "Traceback\nNameError: <wrong>")
    text = draft(tiny, alpha=failed)
    assert text.count('data-state="failed"') == 1
    assert "NameError: <wrong>" in BeautifulSoup(text, "html.parser").text
    assert text.count('data-state="old"') == 2
    # Running again, and failed again, are two changes of the page.
    assert draft(tiny).count('data-state="running"') == 3
    assert draft(tiny, alpha=failed) == text
    tiny.edit("part/one.md", "alpha_second = 22", "alpha_second = 23")
    assert 'data-state="failed"' not in draft(tiny, alpha=failed)


def test_file_saved_during_build_is_read_by_next_build(tiny: MadeUpBook) -> None:
    sphinxext.build(tiny.config)
    loaded = book.load(tiny.config)
    tiny.edit("part/one.md", "共有の文。", "あとの文。")
    sphinxext.build(loaded)
    assert sphinxext.build(tiny.config).read == ("part/one",)
    assert "あとの文。" in tiny.article("part/one").text
    assert sphinxext.build(tiny.config).read == ()


def test_notebook_written_during_build_is_read_by_next_build(
    tiny: MadeUpBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    sphinxext.build(tiny.config)
    tiny.edit("part/one.md", "共有の文。", "別の文。")
    load = store.load

    def and_run(*of: object) -> nbformat.NotebookNode | None:
        read = load(*of)  # type: ignore[arg-type]
        output = nbformat.v4.new_output("stream", text="just arrived")
        tiny.execute(extra=output)
        return read

    monkeypatch.setattr(store, "load", and_run)
    sphinxext.build(tiny.config)
    monkeypatch.undo()
    assert "just arrived" not in tiny.article("part/two").text
    assert "part/one" in sphinxext.build(tiny.config).read
    assert "just arrived" in tiny.article("part/one").text

"""What a source means: d2lbook's reader, with lines, and without its failures."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from nbformat import NotebookNode

from tabbook.source.cells import dialect
from tabbook.source.cells.d2lbook_reader import UnreadableError
from tabbook.source.cells.slide_marks import without_slide_marks
from tabbook.source.section import Section
from tests.support.tables import examples

HERE = Path(__file__).parent / "tables"
DEFAULT = "mxnet"
CELL = "```{.python .input}\n%%tab mxnet\nx = 1\n```"


def shown(book: NotebookNode | None) -> str:
    """Return cells as the tables have them: line, kind, tabs of a text, source."""
    if book is None:
        return "none"
    lines = []
    for cell in book.cells:
        tabs = cell.metadata.get("tab", []) if cell.cell_type == "markdown" else []
        lines.append(f"-- {cell.metadata.line} {cell.cell_type} {','.join(tabs)}")
        lines += cell.source.rstrip().split("\n")
    return "\n".join(line.rstrip() for line in lines)


@pytest.mark.parametrize(
    ("source", "tab", "expected"), examples(*sorted(HERE.glob("*.txt")), parts=3)
)
def test_cells(source: str, tab: str, expected: str) -> None:
    book = dialect.read(source)
    notebook = dialect.for_framework(book, tab, DEFAULT) if tab else book
    assert shown(notebook) == expected


@pytest.mark.parametrize("end", ["", "\n", "\n\n\n"])
def test_last_line_needs_no_line_break(end: str) -> None:
    cells = dialect.read(f"文\n\n{CELL}{end}").cells
    assert [cell.cell_type for cell in cells] == ["markdown", "code"]


@pytest.mark.parametrize("text", ["", "\n", "\n\n\n", "\ufeff"])
def test_file_without_text_has_no_cells(text: str) -> None:
    assert dialect.read(text).cells == []


def test_line_ends_and_byte_order_mark_are_ignored() -> None:
    text = f"# 題\n\n{CELL}\n"
    strange = "\ufeff" + text.replace("\n", "\r\n")
    assert shown(dialect.read(strange)) == shown(dialect.read(text))
    assert list(dialect.lines(strange)) == list(dialect.lines(text))


def test_lines_are_counted_as_in_an_editor() -> None:
    text = f"a\x0cb\u2028c\n\n{CELL}\n"
    assert [line.number for line in dialect.lines(text)][-1] == text.count("\n")
    assert dialect.read(text).cells[1].metadata.line == 3


@pytest.mark.parametrize(
    "empty", [":begin_tab:`mxnet`\n:end_tab:", "```\n```", "```{.python .input}\n\n```"]
)
def test_empty_texts_and_cells_are_no_cells(empty: str) -> None:
    cells = dialect.read(f"{CELL}\n\n{empty}\n").cells
    assert [cell.cell_type for cell in cells] == ["code"]


def test_cells_that_were_read_are_not_changed() -> None:
    book = dialect.read(f"{CELL}\n\n:begin_tab:`mxnet`\n文\n:end_tab:\n")
    before = copy.deepcopy(book)
    for tab in (DEFAULT, "pytorch"):
        dialect.for_framework(book, tab, DEFAULT)
    dialect.code_lines(book.cells[0], DEFAULT, DEFAULT)
    assert book == before


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("- 項目\n\n    続き\n", 3),
        ("文\n\n```{.python .input n=one}\nx\n```\n", 3),
        (f"{CELL}\n\n```{{.json .output}}\n{{\n```\n", 6),
        ("```{.json .output}\n[]\n```\n", 0),
    ],
)
def test_unreadable_source_is_reported_with_its_line(source: str, line: int) -> None:
    with pytest.raises(UnreadableError) as caught:
        dialect.read(source)
    assert caught.value.line == line
    assert "d2lbook" in caught.value.reason
    assert (f"line {line}:" in str(caught.value)) == bool(line)


def test_tab_characters_in_a_branch_are_reported() -> None:
    book = dialect.read(
        "```{.python .input}\n%%tab mxnet\nif tab.selected('mxnet'):\n\tx\n```\n"
    )
    with pytest.raises(UnreadableError, match="mxnet"):
        dialect.for_framework(book, DEFAULT, DEFAULT)


def test_code_lines_keep_their_numbers() -> None:
    source = (
        "文\n\n```{.python .input}\n%%tab mxnet, pytorch\nx = 1\n\n"
        "if tab.selected('mxnet'):\n    y = 1\n\n    z = 1\n"
        "if tab.selected('pytorch'):\n    y = 1\nprint(x)\n```\n"
    )
    cell = dialect.read(source).cells[1]
    lines = source.split("\n")
    for tab, at in {"mxnet": [5, 8, 10, 13], "pytorch": [5, 12, 13]}.items():
        numbered = dialect.code_lines(cell, tab, DEFAULT)
        assert [number for number, text in numbered if text] == at
        assert all(
            lines[number - 1].strip() == text.strip() for number, text in numbered
        )


@pytest.mark.parametrize(
    ("tab", "source", "expected"),
    [
        ("mxnet", CELL, True),
        ("pytorch", CELL, False),
        ("mxnet", CELL.replace("mxnet", "all"), True),
        ("pytorch", CELL.replace("mxnet", "all"), False),
        (
            "pytorch",
            CELL.replace("mxnet", "all") + "\n\n:begin_tab:`pytorch`\n文",
            True,
        ),
        ("mxnet", "文", False),
        ("mxnet", f"```{{.python .input}}\n{dialect.LOAD}\n```", False),
        ("mxnet", "```{.python .input}\nx = 1\n```", True),
        ("pytorch", f"```{{.python .input}}\nx = 1\n```\n\n{CELL}", False),
        ("pytorch", CELL.replace("mxnet", "mxnet , pytorch"), True),
        ("pytorch", f"````\n{CELL.replace('mxnet', 'pytorch')}\n````\n\n{CELL}", False),
    ],
)
def test_has_code_agrees_with_the_cells_of_the_notebook(
    tab: str, source: str, expected: bool
) -> None:
    book = dialect.read(source)
    notebook = dialect.for_framework(book, tab, DEFAULT)
    cells = notebook.cells if notebook else []
    assert Section("x", source).runs_in(tab, DEFAULT) is expected
    assert any(cell.cell_type == "code" for cell in cells) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[**あ**]と(**い**)", "あとい"),
        ("[~~あ~~]と(~~い~~)う", "とう"),
        ("[**あ**](x.html)", "[**あ**](x.html)"),
        ("**太字**", "**太字**"),
    ],
)
def test_slide_marks(text: str, expected: str) -> None:
    assert without_slide_marks(text) == expected


@pytest.mark.parametrize("text", ["[**あ", "あ**)", "(**あ(**い**)**)", "(**)"])
def test_unmatched_slide_marks_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not enclosed|overlapped"):
        without_slide_marks(text)

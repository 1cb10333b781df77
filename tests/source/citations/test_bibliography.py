"""The bibliography: .bib files, what citations read, entries of the list."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tabbook.source import book
from tabbook.source.citations import bibfile, reference_style
from tabbook.source.citations.bibliography import Bibliography
from tabbook.source.citations.citations import citations
from tests.support.books import MakeBook
from tests.support.paths import ROOT
from tests.support.tables import examples

HERE = Path(__file__).parent / "tables"
CONFIG = """[project]
title = Book
lang = {language}
[build]
notebooks = index.md
[pdf]
bibfile = refs.bib
"""


def bibliography(
    make_book: MakeBook, bib: str, text: str = "", language: str = "en"
) -> Bibliography:
    files = {"index.md": f"# Book\n\n{text}\n", "refs.bib": bib}
    config = make_book(files, CONFIG.format(language=language))
    return book.load(config).bibliography


@pytest.mark.parametrize(
    ("bib", "text", "expected"), examples(HERE / "english.txt", parts=3)
)
def test_english(make_book: MakeBook, bib: str, text: str, expected: str) -> None:
    check(bibliography(make_book, bib, text), expected)


@pytest.mark.parametrize(
    ("bib", "text", "expected"), examples(HERE / "japanese.txt", parts=3)
)
def test_japanese(make_book: MakeBook, bib: str, text: str, expected: str) -> None:
    check(bibliography(make_book, bib, text, "ja"), expected)


def check(cited: Bibliography, expected: str) -> None:
    """Compare lines: what each citation of the book reads, one after the other."""
    (section,) = cited.sections
    read = [
        cited.text(citation.kind, citation.keys).replace("\u00a0", " ")
        for citation in citations(section)
    ]
    assert read == expected.splitlines()


@pytest.mark.parametrize(("bib", "expected"), examples(HERE / "references.txt"))
def test_entry_of_a_list(tmp_path: Path, bib: str, expected: str) -> None:
    file = tmp_path / "refs.bib"
    file.write_text(bib, "utf-8")
    entries = bibfile.read(file).entries.values()
    ordered = reference_style.in_order(list(entries))
    shown = [
        reference_style.reference(entry).replace("\u00a0", " ") for entry in ordered
    ]
    assert shown == expected.splitlines()


def test_files_are_beside_the_section_or_in_the_books_folder(
    make_book: MakeBook,
) -> None:
    mark = ":bibliography:`refs.bib`"
    files = {
        "index.md": "# Book\n",
        "one/a.md": f"# A\n\n{mark}\n",
        "two/b.md": f"# B\n\n{mark}\n",
        "one/refs.bib": "@misc{one, title={One}}\n",
        "refs.bib": "@misc{two, title={Two}}\n",
    }
    config = make_book(files, "[project]\ntitle = B\n[build]\nnotebooks = **/*.md\n")
    loaded = book.load(config).bibliography
    listed = {key: section.name for key, section in loaded.listed_on.items()}
    assert listed == {"one": "one/a", "two": "two/b"}


def test_of_two_files_with_one_key_the_first_counts(make_book: MakeBook) -> None:
    files = {
        "index.md": "# Book\n\n:bibliography:`a.bib b.bib`\n",
        "a.bib": "@misc{x, title={First}}\n",
        "b.bib": "@misc{x, title={Second}}\n@misc{y, title={Other}}\n",
    }
    loaded = book.load(make_book(files, CONFIG.format(language="en"))).bibliography
    assert loaded.reference("x") == "First."
    assert set(loaded.entries) == {"x", "y"}


def test_ids_differ_for_keys_that_look_alike(make_book: MakeBook) -> None:
    bib = "".join(
        f"@misc{{{key}, title={{T}}}}\n" for key in ("A.B", "A-B", "日", "本")
    )
    anchors = bibliography(make_book, bib).anchors
    assert anchors["A.B"] == "ref-a-b"
    assert len(set(anchors.values())) == 4
    assert all(anchor.isascii() for anchor in anchors.values())


def test_more_than_26_entries_of_one_author_and_year(make_book: MakeBook) -> None:
    keys = [f"k{number:02}" for number in range(28)]
    bib = "".join(
        f"@misc{{{key}, author={{A}}, title={{{key}}}, year=2020}}\n" for key in keys
    )
    cited = bibliography(make_book, bib, f":cite:`{','.join(keys)}`")
    assert cited.text("cite", ["k25"]) == "(A, 2020z)"
    assert cited.text("cite", ["k26"]) == "(A, 2020aa)"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("@misc{a, title={日本語}}\n".encode("cp932"), 1),
        (b"@misc{b, title={B}}\n\n@misc{a, title={\xff}}\n", 3),
        ("@misc{a, title={T}}\n".encode("utf-16"), 1),
    ],
)
def test_other_encodings_are_named_with_their_line(
    tmp_path: Path, content: bytes, line: int
) -> None:
    file = tmp_path / "refs.bib"
    file.write_bytes(content)
    first, *_ = bibfile.read(file).problems
    assert first.line == line and "UTF-8" in first.message


def test_byte_order_mark_and_line_ends_of_windows(tmp_path: Path) -> None:
    file = tmp_path / "refs.bib"
    file.write_bytes("\ufeff@misc{a,\r\n title={T}}\r\n@misc{b, x}\r\n".encode())
    read = bibfile.read(file)
    assert list(read.entries) == ["a", "b"]
    assert [problem.line for problem in read.problems] == [3]


@pytest.mark.parametrize(
    "content", ["", "\n", "% only a comment\n", "@", "@misc{", "}{"]
)
def test_files_without_entries(tmp_path: Path, content: str) -> None:
    file = tmp_path / "refs.bib"
    file.write_text(content, "utf-8")
    assert bibfile.read(file).entries == {}


PIECES = (
    *("@article{", "@misc{k", "@book(", "@string{s = ", "@comment{", "@", "key,", "\n"),
    *(
        "author = ",
        "title = ",
        "year = ",
        "{",
        "}",
        '"',
        ",",
        "#",
        "s",
        "2020",
        "$",
        "\\",
    ),
    *(
        "\\'e",
        "{\\o}",
        "\\url{",
        "Abe, A. and B",
        "山田 太郎",
        " and ",
        "%",
        "~",
        "--",
        ")",
    ),
)


@pytest.mark.parametrize("seed", range(40))
def test_any_file_is_read_and_shown(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    file = tmp_path / "refs.bib"
    style = reference_style.reference_style("en")
    for number in range(20):
        text = "".join(draw.choices(PIECES, k=draw.randint(0, 40)))
        file.write_text(f"{text}\n@misc{{last{number}, title={{T}}}}", "utf-8")
        read = bibfile.read(file)
        for entry in reference_style.in_order(list(read.entries.values())):
            assert reference_style.reference(entry)
            assert list(reference_style.citation(style, "t", [entry]))
        lines = text.count("\n") + 2
        assert all(1 <= problem.line <= lines for problem in read.problems)


def test_edited_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "refs.bib"
    file.write_text("@misc{a, title={T}}\n", "utf-8")
    assert list(bibfile.read(file).entries) == ["a"]
    file.write_text("@misc{longer, title={T}}\n", "utf-8")
    assert list(bibfile.read(file).entries) == ["longer"]


def test_book_without_citations_imports_no_pybtex(make_book: MakeBook) -> None:
    config = make_book({"index.md": "# Book\n\nText.\n"})
    code = (
        "import sys; from pathlib import Path; from tabbook.base import config\n"
        "from tabbook.lint import lint; from tabbook.source import book\n"
        "lint(book.load(config.load(Path(sys.argv[1]))))\n"
        "print([name for name in sys.modules if 'btex' in name])\n"
    )
    command = [sys.executable, "-c", code, str(config.root)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"

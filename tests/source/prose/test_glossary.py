"""Tests of the file of terms, the glossary and the links to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabbook import sphinxext
from tabbook.base.config import FILE_NAME
from tabbook.base.errors import BookError
from tabbook.notebooks.compile import compile_section
from tabbook.source import book
from tabbook.source.prose import glossary, terms
from tabbook.source.prose.terms import Finder, Phrase, Term, Words
from tests.support.book_with_three_frameworks import MadeUpBook, make

TERMS = """
[[term]]
japanese = "枠組み"
english = "framework"
reading = "わくぐみ"
meaning = "部品をそろえた`もの`。"
avoid = ["フレーム"]

[[term]]
japanese = "数式"
english = "formula (maths)"
reading = "すうしき"
meaning = "数を表す文。"

[[term]]
japanese = "日本語"
english = "Japanese"
reading = "にほんご"
meaning = "ことばの1つ。"

[[term]]
japanese = "文"
english = "sentence"
reading = "ぶん"
meaning = "意味のまとまり。"

[[term]]
japanese = "ユーザー"
english = "user"
avoid = ["ユーザ"]

[[term]]
japanese = "未使用"
english = "unused"
reading = "みしよう"
meaning = "どこにも現れない。"

[[phrase]]
write = "できる"
avoid = ["ことができ"]
"""
PAGE = "# 用語集\n\n日本語と数式の表です。\n\n```glossary\n:sorted:\n```\n"


@pytest.fixture
def worded(tmp_path: Path) -> MadeUpBook:
    sample = make(tmp_path)
    sample.write("terms.toml", TERMS)
    sample.write("glossary.md", PAGE)
    sample.edit("index.md", "part/two\n", "part/two\nglossary\n")
    sample.write(
        FILE_NAME,
        sample.config.root.joinpath(FILE_NAME).read_text("utf-8")
        + "[tabbook]\nterms = terms.toml\n",
    )
    return sample


def test_glossary_lists_meaning_and_first_use_in_order(worded: MadeUpBook) -> None:
    assert sphinxext.build(worded.config).warnings == ""
    article = worded.article("glossary")
    assert [element.text for element in article.select("dt")] == [
        "数式（formula (maths)）",
        "日本語（Japanese）",
        "文（sentence）",
        "未使用（unused）",
        "枠組み（framework）",
    ]
    assert [element.text.strip() for element in article.select("dd")] == [
        "数を表す文。（初出：第一節）",
        "ことばの1つ。（初出：第一節）",
        "意味のまとまり。（初出：第一節）",
        "どこにも現れない。",
        "部品をそろえたもの。（初出：第一節）",
    ]
    assert article.select("dd a")[0]["href"] == "part/one.html"
    ids = [str(element["id"]) for element in article.select("dt span[id]")]
    assert ids[0] == "term-formula-maths"


def test_first_use_on_a_page_links_to_the_entry(worded: MadeUpBook) -> None:
    sphinxext.build(worded.config)
    links = worded.article("part/one").select(".term > a")
    assert [(link.text, link["href"]) for link in links] == [
        ("日本語", "../glossary.html#term-japanese"),
        ("文", "../glossary.html#term-sentence"),
        ("数式", "../glossary.html#term-formula-maths"),
        ("枠組み", "../glossary.html#term-framework"),  # in the tab of alpha
        ("枠組み", "../glossary.html#term-framework"),  # and of beta
    ]
    assert "日本語の行がここで折れ" in worded.article("part/one").text
    assert not worded.article("glossary").select(".term")


def test_terms_in_headings_code_and_links_are_not_linked(worded: MadeUpBook) -> None:
    worded.edit("part/two.md", "文。", "`数式`と[数式](https://a.b)です。\n\n## 数式")
    sphinxext.build(worded.config)
    assert not worded.article("part/two").select(".term")


def test_changed_term_rewrites_every_page_and_the_glossary(worded: MadeUpBook) -> None:
    sphinxext.build(worded.config)
    worded.edit("terms.toml", "意味のまとまり。", "ことばのまとまり。")
    assert "glossary" in sphinxext.build(worded.config).read
    assert "ことばのまとまり" in worded.article("glossary").text
    worded.edit("terms.toml", 'japanese = "数式"', 'japanese = "共有"')
    sphinxext.build(worded.config)
    links = [element.text for element in worded.article("part/one").select(".term > a")]
    assert links == ["日本語", "文", "枠組み", "枠組み", "共有"]


def test_glossary_is_updated_when_the_first_use_moves(worded: MadeUpBook) -> None:
    sphinxext.build(worded.config)
    worded.edit("part/two.md", "文。", "未使用です。")
    assert sphinxext.build(worded.config).read == ("glossary", "part/two")
    assert "どこにも現れない。（初出：第二の節）" in worded.article("glossary").text


def test_nothing_is_linked_without_a_glossary_page(worded: MadeUpBook) -> None:
    worded.edit("glossary.md", "```glossary\n:sorted:\n```\n", "")
    sphinxext.build(worded.config)
    assert not worded.article("part/one").select(".term")


def test_notebooks_show_the_glossary_as_a_list(worded: MadeUpBook) -> None:
    fence = "```glossary\n:sorted:\n```"
    worded.edit("part/two.md", "文。", fence)
    loaded = book.load(worded.config)
    section = loaded.section("part/two")
    assert section == glossary.page(loaded) or section
    notebook = compile_section(loaded, section, worded.config.framework("beta"))
    assert notebook
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "- **枠組み**（framework）：部品をそろえた`もの`。" in text
    assert ":sorted:" not in text


FINDER = Finder(
    {"層": "a", "隠れ層": "b", "パラメータ": "c", "学習率": "d", "MLP": "e"}
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("隠れ層と層。", ["隠れ層", "層"]),
        ("出力層の深層学習。", []),
        ("ハイパーパラメータ", []),
        ("パラメータの学習率と層", ["パラメータ", "学習率", "層"]),
        ("MLPとMLPs", ["MLP"]),
        ("", []),
    ],
)
def test_finder_prefers_long_terms_and_skips_compounds(
    text: str, expected: list[str]
) -> None:
    assert [match[0] for match in FINDER.find(text)] == expected


def test_form_to_avoid_within_a_correct_one_is_not_reported() -> None:
    words = Words(
        (Term("ユーザー", "user", avoid=("ユーザ",)),), (Phrase("", ("することが",)),)
    )
    assert list(words.avoided("ユーザーがユーザにすることがある")) == [
        ("ユーザ", "ユーザー"),
        ("することが", ""),
    ]
    assert list(Words().avoided("何もない")) == []


def test_entries_are_sorted_as_in_dictionaries() -> None:
    readings = ["ばいあす", "がくしゅう", "かくれそう", "はいぱー", "がくしゅうりつ"]
    words = Words(tuple(Term(reading, reading, reading, "x") for reading in readings))
    assert [term.reading for term in words.explained] == [
        "がくしゅう",
        "がくしゅうりつ",
        "かくれそう",
        "ばいあす",
        "はいぱー",
    ]


def test_term_about_a_dropped_framework_is_left_out() -> None:
    terms_given = (
        Term("文脈", "context", "ぶ", "Betaの装置。"),
        Term("層", "layer", "そ", "x"),
    )
    (kept,) = Words(terms_given, dropped=frozenset({"Beta"})).explained
    assert kept.japanese == "層"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[term]\n", r"terms\.toml:1: is not TOML"),
        ("[[trem]]\nx = 1\n", "unknown tables trem"),
        ('[[term]]\njapanese = "a"\n', "missing.*: english;"),
        ('[[term]]\njapanese = "a"\nenglish = "b"\nnoun = "c"\n', ": noun;"),
        ('[[term]]\njapanese = "a"\nenglish = 1\n', ": english;"),
        ('[[phrase]]\nwrite = "a"\navoid = "b"\n', ": avoid;"),
        ('[[phrase]]\nwrite = "a"\navoid = [""]\n', ": avoid;"),
    ],
)
def test_broken_file_of_terms_is_one_error(
    worded: MadeUpBook, text: str, message: str
) -> None:
    worded.write("terms.toml", text)
    with pytest.raises(BookError, match=message) as caught:
        terms.load(worded.config)
    assert str(caught.value).startswith(str(worded.root / "terms.toml"))


def test_missing_file_of_terms_is_reported_by_name(worded: MadeUpBook) -> None:
    (worded.root / "terms.toml").unlink()
    with pytest.raises(BookError, match=r"\[tabbook\] terms = 'terms.toml'"):
        _ = worded.config

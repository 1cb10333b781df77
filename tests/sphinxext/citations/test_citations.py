"""Citations on pages: text, links to the list of references, and links back."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

from tabbook import sphinxext
from tabbook.base.config import Config
from tabbook.lint import lint
from tabbook.source import book
from tests.support import book_with_citations as cites
from tests.support.books import MakeBook

PAGES = ("chapter_a/one", "chapter_a/two", "chapter_a/references")


@pytest.fixture(scope="module")
def built(make_book: MakeBook) -> Config:
    """Return a book that is built once and only looked at."""
    sample = cites.make(make_book)
    assert lint(book.load(sample)) == []
    assert sphinxext.build(sample).warnings == ""
    return sample


@pytest.fixture
def sample(make_book: MakeBook) -> Config:
    """Return a book for a test that edits it."""
    sample = cites.make(make_book)
    assert sphinxext.build(sample).warnings == ""
    return sample


def texts(page: BeautifulSoup) -> list[str]:
    return [cited.text for cited in page.select(".citation")]


def references(sample: Config) -> list[str]:
    page = cites.page(sample, "chapter_a/references")
    return [
        item.text.replace("\u00a0", " ") for item in page.select(".references > li")
    ]


def test_citations_read_as_natbib_writes_them(built: Config) -> None:
    assert texts(cites.page(built, "chapter_a/one")) == [
        "(Abe, 2020a)",
        "(Abe, 2020a)",
        "Bee and Müller (2021)",
        "(Tee et al., 2020; Bee and Müller, 2021; Abe, 2020a)",
        "Wee (n.d.)",
        "Wee (n.d.)",
        "山田・鈴木 (2019)",
        "(Abe, 2020a)",
        "Abe (2020a)",
        "Bee and Müller (2021)",
    ]
    assert (
        ":cite:`A.2020`" in cites.page(built, "chapter_a/one").select_one("code").text
    )


def test_no_mark_is_left_and_titles_are_text(built: Config) -> None:
    page = cites.page(built, "chapter_a/one")
    assert page.title and page.title.text.startswith("One after (Abe, 2020a)")
    for code in page.select("code"):
        code.decompose()
    assert ":cite" not in page.text and ":bibliography" not in str(page)
    image = page.select_one("figure img")
    assert image and ":cite" not in image["alt"]


def test_every_link_of_a_citation_leads_to_its_entry_and_back(built: Config) -> None:
    ids = {
        f"{name}.html": [
            str(tag["id"]) for tag in cites.page(built, name).select("[id]")
        ]
        for name in PAGES
    }
    for name, present in ids.items():
        assert len(present) == len(set(present)), name
    for name in PAGES:
        page = cites.page(built, name)
        links = page.select(".citation a, .cited-in a")
        assert links
        for link in links:
            path, _, anchor = str(link["href"]).partition("#")
            target = posixpath.join("chapter_a", unquote(path)) if path else name
            assert anchor in ids[target.removesuffix(".html") + ".html"], link


def test_list_holds_what_is_cited_in_order_with_the_pages_that_cite(
    built: Config,
) -> None:
    assert references(built) == [
        "Ann Abe. On X and ℓ1. Journal of Examples, 2020a. URL: "
        "https://example.org/a_b(c). Cited in: One after (Abe, 2020a), Two",
        "Ann Abe. Second. Journal of Examples, 2020b. Cited in: Two",
        "Bob Bee and Mo Müller. Bees. B & C, 2021. Cited in: One after (Abe, 2020a)",
        "T. Tee, U. Uu, and V. Vee. Trees_x. Pub, 2020. "
        "Cited in: One after (Abe, 2020a)",
        "W. Wee. No year. Cited in: One after (Abe, 2020a)",
        "山田太郎、鈴木花子. 日本語の論文. 例の雑誌, 2019. "
        "Cited in: One after (Abe, 2020a)",
    ]
    page = cites.page(built, "chapter_a/references")
    assert page.select_one(".references math"), "the formula in a title is set"


def test_a_citation_shows_its_entry_as_a_tooltip(built: Config) -> None:
    link = cites.page(built, "chapter_a/two").select_one(".citation a")
    assert link and "Journal of Examples, 2020a" in str(link["title"])


def test_japanese_book_has_full_width_marks(make_book: MakeBook) -> None:
    sample = cites.make(make_book, cites.CONFIG.replace("lang = en", "lang = ja"))
    assert sphinxext.build(sample).warnings == ""
    shown = texts(cites.page(sample, "chapter_a/one"))
    assert shown[0] == "（Abe、2020a）"
    assert shown[3] == "（Tee et al.、2020；Bee and Müller、2021；Abe、2020a）"
    assert "山田・鈴木（2019）" in shown
    assert references(sample)[1].endswith("引用：Two")


# --- Builds after a change ------------------------------------------------------------


def test_edited_entry_changes_every_page_that_cites_it(sample: Config) -> None:
    cites.edit(sample, "refs.bib", "Abe, Ann}, title={On", "Ito, Ann}, title={On")
    result = sphinxext.build(sample)
    # A figure of the first section cites: its alternative text changes too.
    read = ("chapter_a/one", "chapter_a/references")
    assert (result.warnings, result.read) == ("", read)
    assert texts(cites.page(sample, "chapter_a/two")) == ["Ito (2020)", "(Abe, 2020)"]
    assert texts(cites.page(sample, "chapter_a/one"))[1] == "(Ito, 2020)"
    assert any(text.startswith("Ann Ito. On X") for text in references(sample))


def test_new_citation_is_listed(sample: Config) -> None:
    cites.edit(sample, "chapter_a/two.md", "# Two\n", "# Two\n\n:cite:`unused`\n")
    result = sphinxext.build(sample)
    assert (result.warnings, result.read) == ("", ("chapter_a/two",))
    assert any(
        "Never cited. P, 1999. Cited in: Two" in text for text in references(sample)
    )


def test_lost_citation_is_no_longer_listed(sample: Config) -> None:
    cites.edit(sample, "chapter_a/two.md", ":cite:`Second.2020`", "")
    assert sphinxext.build(sample).warnings == ""
    assert not any("Second" in text for text in references(sample))
    assert texts(cites.page(sample, "chapter_a/one"))[0] == "(Abe, 2020)"


def test_incremental_build_equals_a_fresh_one(sample: Config) -> None:
    cites.edit(sample, "refs.bib", "Bee, Bob", "Dee, Bob")
    sphinxext.build(sample)
    before = {name: str(cites.page(sample, name)) for name in PAGES}
    sphinxext.build(sample, fresh=True)
    assert {name: str(cites.page(sample, name)) for name in PAGES} == before


def test_unchanged_bib_file_leaves_the_pages_fresh(sample: Config) -> None:
    assert sphinxext.build(sample).written == 0
    (sample.root / "refs.bib").touch()
    assert sphinxext.build(sample).written == 0


# --- Other forms of the book ----------------------------------------------------------


def test_book_without_a_list_shows_text_without_dead_links(make_book: MakeBook) -> None:
    config = cites.CONFIG + "[pdf]\nbibfile = refs.bib\n"
    sample = cites.make(make_book, config, references="# References\n")
    assert {problem.name for problem in lint(book.load(sample))} == {
        "citation-without-list"
    }
    assert sphinxext.build(sample).warnings == ""
    page = cites.page(sample, "chapter_a/two")
    assert texts(page) == ["Abe (2020a)", "(Abe, 2020b)"]
    assert page.select(".citation a") == []


def test_book_without_any_bib_file_shows_the_keys(make_book: MakeBook) -> None:
    sample = cites.make(make_book, references="# References\n", refs=None)
    assert sphinxext.build(sample).warnings == ""
    assert texts(cites.page(sample, "chapter_a/two")) == ["A.2020", "(Second.2020)"]


def test_list_that_a_later_edit_adds_is_linked(make_book: MakeBook) -> None:
    config = cites.CONFIG + "[pdf]\nbibfile = refs.bib\n"
    sample = cites.make(make_book, config, references="# References\n")
    sphinxext.build(sample)
    cites.edit(
        sample, "chapter_a/references.md", "s\n", "s\n\n:bibliography:`refs.bib`\n"
    )
    assert sphinxext.build(sample).warnings == ""
    assert len(cites.page(sample, "chapter_a/two").select(".citation a")) == 2


def test_unknown_key_is_a_warning_that_silence_hides(make_book: MakeBook) -> None:
    two = cites.TWO.replace("Second.2020", "Second.2021")
    sample = cites.make(make_book, two=two)
    warnings = sphinxext.build(sample).warnings
    assert re.search(r"two\.md:5: .*'Second.2021'.*unknown-citation", warnings)
    edited = sample.root / "config.ini"
    silence = "[tabbook]\nsilence = unknown-citation\n"
    edited.write_text(edited.read_text("utf-8") + silence, "utf-8")
    again = cites.reloaded(sample)
    assert sphinxext.build(again).warnings == ""
    assert texts(cites.page(again, "chapter_a/two")) == ["Abe (2020)", "(Second.2021)"]


def test_page_of_references_as_d2lbook_writes_it(make_book: MakeBook) -> None:
    text = (
        "```eval_rst\n\n.. only:: html\n\n   Works\n   =====\n\n```\n\n"
        ":bibliography:`../refs.bib`\n"
    )
    sample = cites.make(make_book, references=text)
    assert lint(book.load(sample)) == []
    assert sphinxext.build(sample).warnings == ""
    page = cites.page(sample, "chapter_a/references")
    assert [heading.contents[0] for heading in page.select("h1, h2")] == ["Works"]
    assert len(references(sample)) == 6


def test_two_lists_share_a_book(make_book: MakeBook) -> None:
    two = cites.TWO + "\n## References\n\n:bibliography:`../refs.bib`\n"
    sample = cites.make(make_book, two=two)
    assert sphinxext.build(sample).warnings == ""
    links = cites.page(sample, "chapter_a/two").select(".citation a")
    assert all(str(link["href"]).startswith("#ref-") for link in links)
    assert len(references(sample)) == 6


@pytest.mark.parametrize("mark", ["text above\n{}", "{}\ntext below", "- {}", "> {}"])
def test_list_may_stand_within_other_text(make_book: MakeBook, mark: str) -> None:
    text = mark.format(":bibliography:`../refs.bib`")
    sample = cites.make(make_book, references=f"# References\n\n{text}\n")
    assert sphinxext.build(sample).warnings == ""
    page = cites.page(sample, "chapter_a/references")
    assert page.select("p ul") == [] and len(page.select(".references > li")) == 6


def test_list_within_tabs_has_its_ids_once(make_book: MakeBook) -> None:
    mark = ":begin_tab:`left, right`\n:bibliography:`../refs.bib`\n:end_tab:\n"
    sample = cites.make(make_book, two=f"{cites.TWO}\n{mark}", references="# None\n")
    assert sphinxext.build(sample).warnings == ""
    ids = [tag["id"] for tag in cites.page(sample, "chapter_a/two").select("[id]")]
    assert len(ids) == len(set(ids)) and "ref-a-2020" in ids


def test_solutions_cite_on_the_page_that_folds_them(make_book: MakeBook) -> None:
    sample = cites.make(make_book)
    (sample.root / "chapter_a/two-solutions.md").write_text(
        "# Solutions\n\n## Exercise 1\n\n:cite:`unused`\n", "utf-8"
    )
    assert sphinxext.build(sample).warnings == ""
    assert "(U, 1999)" in texts(cites.page(sample, "chapter_a/two"))
    assert any(
        "Never cited. P, 1999. Cited in: Two" in text for text in references(sample)
    )


def test_broken_bib_file_stops_no_page(make_book: MakeBook) -> None:
    sample = cites.make(make_book, refs=cites.BIB + "@book{open, title={Never closed\n")
    assert {problem.severity for problem in lint(book.load(sample))} == {"warning"}
    assert sphinxext.build(sample).warnings == ""

"""Citations in notebooks: text, links, and lists of references."""

from __future__ import annotations

from tabbook.base.config import Config
from tabbook.notebooks import store
from tabbook.notebooks.compile import compile_section
from tabbook.source import book
from tests.support import book_with_citations as cites
from tests.support.books import MakeBook

CODE = "\n```{.python .input}\n%%tab all\n3\n```\n"


def prose(sample: Config, name: str, framework: str = "left") -> str:
    """Return the Markdown of a notebook."""
    loaded = book.load(cites.reloaded(sample))
    section = loaded.section(name)
    assert section
    notebook = compile_section(loaded, section, loaded.config.framework(framework))
    assert notebook
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return "\n\n".join(cells)


def test_without_an_address_citations_are_text(make_book: MakeBook) -> None:
    text = prose(cites.make(make_book), "chapter_a/one")
    assert "# One after (Abe, 2020a)" in text
    assert "See (Abe, 2020a) and Bee and Müller (2021)." in text
    assert "All: (Tee et al., 2020; Bee and Müller, 2021; Abe, 2020a)." in text
    assert "Code `` :cite:`A.2020` `` stays." in text
    assert "| x | Abe (2020a) |" in text
    assert "Table 1.1: The caption (Abe, 2020a)" in text
    assert 'alt="Figure Bee and Müller (2021)"' in text
    assert "Figure 1.1: Figure Bee and Müller (2021)" in text
    assert "Both cite Wee (n.d.)." in text and "山田" not in text


def test_citations_link_to_the_published_list(make_book: MakeBook) -> None:
    config = cites.CONFIG + "[tabbook]\nsite = https://example.org/book\n"
    text = prose(cites.make(make_book, config), "chapter_a/two", "right")
    address = "https://example.org/book/chapter_a/references.html"
    assert f"- An item Abe ([2020a]({address}#ref-a-2020))" in text
    assert f"> A quotation ([Abe, 2020b]({address}#ref-second-2020))" in text


def test_repository_of_config_gives_the_address(make_book: MakeBook) -> None:
    config = cites.CONFIG + "[tabbook]\nrepository = Owner/name\n"
    text = prose(cites.make(make_book, config), "chapter_a/two")
    assert "](https://owner.github.io/name/chapter_a/references.html#ref-" in text


def test_notebook_of_the_list_is_linked_if_there_is_one(make_book: MakeBook) -> None:
    mark = ":begin_tab:`left`\nText.\n:end_tab:\n"
    references = cites.REFERENCES + CODE + mark
    sample = cites.make(make_book, references=references)
    assert "[Abe, 2020b](references.ipynb)" in prose(sample, "chapter_a/two")
    assert "(Abe, 2020b)" in prose(sample, "chapter_a/two", "right")


def test_notebook_lists_what_its_framework_cites(make_book: MakeBook) -> None:
    sample = cites.make(make_book, references=cites.REFERENCES + CODE)
    lines = prose(sample, "chapter_a/references").splitlines()
    begin = next(at for at, line in enumerate(lines) if line.startswith("- "))
    assert lines[begin : begin + 3] == [
        r"- Ann Abe. On X and $\ell _1$. *Journal of Examples*, 2020a. URL: "
        r"[https://example.org/a\_b(c)](https://example.org/a_b%28c%29).",
        "- Ann Abe. Second. *Journal of Examples*, 2020b.",
        "- Bob Bee and Mo\u00a0Müller. Bees. *B & C*, 2021.",
    ]
    assert len(lines) == begin + 5 and "山田" not in lines[-1]


def test_edited_bib_file_changes_prose_and_no_key(make_book: MakeBook) -> None:
    sample = cites.make(make_book)
    loaded = book.load(sample)
    section, framework = loaded.section("chapter_a/one"), sample.framework("left")
    assert section
    before = compile_section(loaded, section, framework)
    cites.edit(sample, "refs.bib", "Bee, Bob", "Dee, Bob")
    again = book.load(sample)
    after = compile_section(again, section, framework)
    assert before and after and "Dee and Müller (2021)" in str(after)
    assert store.key(sample, framework, before) == store.key(sample, framework, after)
    assert not store.settled(sample, section, framework, after)
    committed = store.load(sample, section, framework)
    assert store.reuse(sample, framework, after, committed)

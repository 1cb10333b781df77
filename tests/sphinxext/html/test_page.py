"""The page, from a made-up book whose outputs nobody ran."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import nbformat
import pytest
from bs4 import Tag

from tabbook import sphinxext
from tabbook.base.errors import BookError
from tests.support.book_with_three_frameworks import INDEX, ONE, TWO, MadeUpBook, make
from tests.support.paths import ROOT as REPOSITORY


@pytest.fixture
def tiny(tmp_path: Path) -> MadeUpBook:
    return make(tmp_path)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> MadeUpBook:
    """Return a book that is built once and only looked at."""
    sample = make(tmp_path_factory.mktemp("book"))
    result = sphinxext.build(sample.config)
    assert result.warnings == ""
    assert result.read == ("index", "part/one", "part/two")
    return sample


def tab_sets(article: Tag) -> list[list[tuple[str, str, str]]]:
    """Return framework, label and text of every panel of every tab set."""
    return [
        [
            (str(panel["data-framework"]), str(panel["aria-label"]), panel.text)
            for panel in element.select(".panel")
        ]
        for element in article.select(".tabs")
    ]


# --- Tabs ---------------------------------------------------------------------------


def test_neighbouring_cells_become_one_tab_set_in_configured_order(
    built: MadeUpBook,
) -> None:
    first = tab_sets(built.article("part/one"))[0]
    assert [tab[:2] for tab in first] == [
        ("alpha", "Alpha"), ("beta", "Beta Two"), ("gamma", "gamma"),
    ]  # fmt: skip
    for name, _, text in first:
        assert f"{name}_first = 1" in text


def test_outputs_follow_their_cell(built: MadeUpBook) -> None:
    for tabs in tab_sets(built.article("part/one")):
        for name, _, text in tabs:
            for source in re.findall(r"^(\w+) = \d", text, re.M):
                assert f"<{name}> {source}_" in text
    assert "colab_setup" not in built.article("part/one").text


def test_tab_set_shows_only_its_frameworks(built: MadeUpBook) -> None:
    second = tab_sets(built.article("part/one"))[1]
    assert [tab[0] for tab in second] == ["alpha", "beta"]


def test_text_and_code_of_framework_share_panel(built: MadeUpBook) -> None:
    alpha, beta = tab_sets(built.article("part/one"))[1]
    assert "二つの枠組みの文。図1.1.1。" in alpha[2]
    assert "alpha_second" in alpha[2]
    assert "二つの枠組みの文。図1.1.1。" in beta[2]
    assert "alpha_second" not in beta[2]


def test_shared_code_shows_output_of_each_framework(built: MadeUpBook) -> None:
    third = tab_sets(built.article("part/one"))[2]
    assert [tab[0] for tab in third] == ["alpha", "beta", "gamma"]
    assert all(f"<{name}> shared_" in text for name, _, text in third)


def test_shared_text_ends_tab_set(built: MadeUpBook) -> None:
    article = built.article("part/one")
    assert len(article.select(".tabs")) == 3
    shared = article.find("p", string="共有の文。")
    assert isinstance(shared, Tag)
    assert not shared.find_parent(class_="tabs")


def test_ids_are_unique_and_internal_links_resolve(
    built: MadeUpBook,
) -> None:
    for name in ("index", "part/one", "part/two"):
        page = built.page(name)
        ids = [tag["id"] for tag in page.select("[id]")]
        assert len(ids) == len(set(ids))
        for link in page.select("article a[href]"):
            path, _, anchor = str(link["href"]).partition("#")
            target = os.path.normpath(Path(name).parent / path) if path else ""
            if target.endswith(".ipynb"):
                assert (built.root / "_build/html" / target).is_file()
                continue
            other = built.page(target.removesuffix(".html")) if path else page
            assert not anchor or other.find(id=anchor)


def test_book_of_one_framework_has_no_tabs(tiny: MadeUpBook) -> None:
    tiny.edit("config.ini", "tabs = alpha, beta, gamma", "tabs = alpha")
    tiny.edit("config.ini", "[framework-beta]\nlabel = Beta Two\n", "")
    tiny.write("index.md", INDEX.replace("part/two\n", ""))
    (tiny.root / "part/two.md").unlink()
    tiny.edit("part/one.md", ":ref:`sec_two`", "")
    tiny.execute()
    sphinxext.build(tiny.config)
    article = tiny.article("part/one")
    assert not article.select(".tabs")
    assert "<alpha> alpha_first_" in article.text


def test_untabbed_book_has_no_tabs(tiny: MadeUpBook) -> None:
    tiny.write("config.ini", "[project]\ntitle = T\nlang = ja\n")
    tiny.write("environments/python.txt", "")
    (tiny.root / "part/two.md").unlink()
    (tiny.root / "part/one.md").unlink()
    tiny.write("index.md", "# T\n\n```{.python .input}\nplain = 1\n```\n")
    tiny.execute()
    sphinxext.build(tiny.config)
    assert not tiny.article("index").select(".tabs")
    assert "<python> plain_" in tiny.article("index").text


# --- Marks --------------------------------------------------------------------------


def test_references_have_same_text_as_in_notebooks(built: MadeUpBook) -> None:
    links = {a.text: str(a["href"]) for a in built.article("part/one").select("p a")}
    assert links["図1.1.1"] == "#fig-x"
    assert links["表1.1.1"] == "#tab-x"
    assert links["(1.1.1)"] == "#equation-eq-x"
    assert links["第二の節"] == "two.html#sec-two"


def test_figure_has_number_width_and_alternative_text(built: MadeUpBook) -> None:
    figure = built.article("part/one").find("figure")
    assert isinstance(figure, Tag)
    assert figure.select("figcaption")[0].text.strip("\n#") == "図1.1.1　丸い図"
    image = figure.select("img")[0]
    assert image["alt"] == "丸い図"
    assert "120px" in str(image.get("style", image.get("width", "")))
    assert (built.root / "_build/html/part" / str(image["src"])).resolve().exists()


def test_table_has_number(built: MadeUpBook) -> None:
    caption = built.article("part/one").select("table caption")[0]
    assert caption.text.strip("\n#") == "表1.1.1　数の表"


def test_formulas_are_mathml_and_numbered(built: MadeUpBook) -> None:
    article = built.article("part/one")
    assert len(article.select("math")) == 2
    assert article.select(".math-block .eqno")[0].text == "(1.1.1)"


def test_line_breaks_add_no_space_in_japanese(built: MadeUpBook) -> None:
    text = built.article("part/one").text
    assert "日本語の行がここで折れ、codeでも折れる。English line\ngoes on." in text


def test_slide_marks_are_removed(built: MadeUpBook) -> None:
    text = built.article("part/one").text
    assert "目立つ文と数式" in text
    assert "スライドだけ" not in text
    assert "**" not in text


def test_load_ext_cell_is_dropped(built: MadeUpBook) -> None:
    assert "interact_select" not in built.article("part/one").text


def test_toc_becomes_toctree(built: MadeUpBook) -> None:
    links = built.article("index").select(".toctree-wrapper > ul > li > a")
    assert [str(link["href"]) for link in links] == ["part/one.html", "part/two.html"]


def test_stderr_differs_from_stdout(tiny: MadeUpBook) -> None:
    tiny.execute(extra=nbformat.v4.new_output("stream", name="stderr", text="careful"))
    sphinxext.build(tiny.config)
    assert (
        tiny.article("part/two").select(".output.stderr")[0].text.strip() == "careful"
    )


def test_page_is_japanese_and_loads_from_no_other_host(built: MadeUpBook) -> None:
    page = built.page("part/two")
    assert page.html and page.html["lang"] == "ja"
    assert page.find(string="前へ")
    assert not page.find(string=re.compile("Previous|On this page|Back to top"))
    for tag in page.select("script[src], link[href], img[src]"):
        assert not str(tag.get("src") or tag.get("href")).startswith(("http", "//"))


# --- Warnings and errors --------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "line", "named"),
    [
        (":numref:`sec_nowhere`", 14, "unresolved-reference"),
        ("![x](../none.svg)", 14, "missing-figure"),
    ],
)
def test_warning_names_file_and_line(
    tiny: MadeUpBook, wrong: str, line: int, named: str
) -> None:
    tiny.write("part/two.md", TWO + "\n一行。\n二行。\n\n" + wrong + "\n")
    for _ in range(2):  # and again: a page that was complained of is read again
        warnings = sphinxext.build(tiny.config).warnings
        assert re.fullmatch(rf"part/two\.md:{line}: WARNING: .*{named}\]", warnings)


def test_error_names_file_and_line(tiny: MadeUpBook) -> None:
    tiny.write("part/two.md", TWO + "\n一行。\n[**never closed\n")
    for _ in range(2):
        with pytest.raises(BookError, match=r"^part/two\.md:11: .*slide-mark\]"):
            sphinxext.build(tiny.config)


def test_syntax_of_myst_is_text(tiny: MadeUpBook) -> None:
    text = TWO + "\n{strong}`x` と ((y)) と % z\n\n```{note}\n注\n```\n"
    tiny.write("part/two.md", text)
    assert sphinxext.build(tiny.config).warnings == ""
    shown = tiny.page("part/two").get_text()
    assert "{strong}x" in shown and "注" in shown


def test_warning_in_tab_names_line(tiny: MadeUpBook) -> None:
    text = TWO + "\n:begin_tab:`alpha`\n文。\n\n:numref:`sec_nowhere2`\n:end_tab:\n"
    tiny.write("part/two.md", text)
    warnings = sphinxext.build(tiny.config).warnings
    assert warnings.startswith("part/two.md:14: WARNING: ")


def test_warning_below_figures_and_tables_names_line(tiny: MadeUpBook) -> None:
    lines = (ONE + "\n:numref:`sec_nowhere2`\n").strip("\n").splitlines()
    tiny.write("part/one.md", "\n".join(lines))
    warnings = sphinxext.build(tiny.config).warnings
    assert warnings.startswith(f"part/one.md:{len(lines)}: WARNING: ")


def test_silenced_warning_is_not_reported(tiny: MadeUpBook) -> None:
    tiny.edit("part/two.md", "文。", ":ref:`sec_nowhere`")
    with (tiny.root / "config.ini").open("a", encoding="utf-8") as file:
        file.write("[tabbook]\nsilence = unresolved-reference\n")
    assert sphinxext.build(tiny.config).warnings == ""


def test_lenient_build_returns_warnings(tiny: MadeUpBook) -> None:
    tiny.edit("part/two.md", "文。", ":ref:`sec_nowhere`")
    for _ in range(2):
        result = sphinxext.build(tiny.config, strict=False)
        assert result.warnings.startswith("part/two.md:4: WARNING: ")
    assert "sec_nowhere" in tiny.article("part/two").text


@pytest.mark.parametrize("strict", [True, False])
def test_stale_outputs_name_command(tiny: MadeUpBook, strict: bool) -> None:
    sphinxext.build(tiny.config)
    before = tiny.html()
    tiny.edit("part/two.md", "last = 4", "last = 5")
    (tiny.root / "notebooks/gamma/part/one.ipynb").unlink()
    for _ in range(2):
        with pytest.raises(BookError) as caught:
            sphinxext.build(tiny.config, strict=strict)
        said = str(caught.value)
        assert "notebooks/beta/part/two.ipynb was run with other code" in said
        assert "`./build.sh run part/two --framework beta`" in said
        assert "notebooks/gamma/part/one.ipynb is missing" in said
        assert "`./build.sh run part/one --framework gamma`" in said
        assert "alpha" not in said
    assert tiny.html() == before


def test_broken_notebook_is_reported_once(tiny: MadeUpBook) -> None:
    tiny.write("notebooks/beta/part/two.ipynb", "{")
    with pytest.raises(BookError, match=r"two\.ipynb:1: is not a notebook"):
        sphinxext.build(tiny.config)


def test_build_without_outputs_needs_no_notebooks(tiny: MadeUpBook) -> None:
    for file in (tiny.root / "notebooks").rglob("*.ipynb"):
        file.unlink()
    assert sphinxext.build(tiny.config, without_outputs=True).warnings == ""
    article = tiny.article("part/one")
    assert "alpha_first = 1" in article.text
    assert not article.select(".cell_output")
    with pytest.raises(BookError):
        sphinxext.build(tiny.config)


# --- Building again -------------------------------------------------------------------


def test_unchanged_book_writes_no_file(tiny: MadeUpBook) -> None:
    sphinxext.build(tiny.config)
    before = tiny.states()
    result = sphinxext.build(tiny.config)
    assert (result.read, result.written) == ((), 0)
    assert tiny.states() == before


def test_unchanged_pages_do_not_import_sphinx(tiny: MadeUpBook) -> None:
    sphinxext.build(tiny.config)
    code = (
        "import sys; from pathlib import Path; from tabbook import sphinxext\n"
        "from tabbook.base import config\n"
        "sphinxext.build(config.load(Path(sys.argv[1])))\n"
        "sys.exit('sphinx.application' in sys.modules)"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(tiny.root)], check=True, cwd=REPOSITORY
    )


def test_prose_edit_reads_one_page(tiny: MadeUpBook) -> None:
    sphinxext.build(tiny.config)
    tiny.edit("part/two.md", "文。", "別の文。")
    result = sphinxext.build(tiny.config)
    assert result.read == ("part/two",)
    assert "別の文。" in tiny.article("part/two").text


def test_changed_notebook_reads_one_page(tiny: MadeUpBook) -> None:
    sphinxext.build(tiny.config)
    tiny.edit("notebooks/beta/part/two.ipynb", "<beta> last_", "<beta> other_")
    result = sphinxext.build(tiny.config)
    assert result.read == ("part/two",)
    assert "<beta> other_" in tiny.article("part/two").text


def test_changed_heading_reads_pages_that_refer_to_it(tiny: MadeUpBook) -> None:
    sphinxext.build(tiny.config)
    tiny.edit("part/two.md", "# 第二の節", "# 新しい名")
    result = sphinxext.build(tiny.config)
    assert set(result.read) >= {"part/one", "part/two"}
    assert "新しい名" in tiny.article("part/one").text


def test_changed_config_reads_every_page(tiny: MadeUpBook) -> None:
    sphinxext.build(tiny.config)
    tiny.edit("config.ini", "Beta Two", "Beta Three")
    sphinxext.build(tiny.config)
    assert "Beta Three" in tiny.article("part/two").text


def test_failed_build_keeps_old_pages(tiny: MadeUpBook) -> None:
    sphinxext.build(tiny.config)
    before = tiny.html()
    tiny.edit("part/one.md", "共有の文。", "共有の文。[**強調")
    tiny.edit("part/two.md", "文。", "別の文。")
    with pytest.raises(BookError):
        sphinxext.build(tiny.config)
    assert tiny.html() == before
    tiny.edit("part/one.md", "[**強調", "")
    sphinxext.build(tiny.config)
    assert "別の文。" in tiny.article("part/two").text


def test_build_recovers_from_killed_build(tiny: MadeUpBook) -> None:
    sphinxext.build(tiny.config)
    good = tiny.html()
    (tiny.root / "_build/sphinx/unfinished").touch()
    (tiny.root / "_build/html/index.html").write_text("half", encoding="utf-8")
    assert sphinxext.build(tiny.config).read == ("index", "part/one", "part/two")
    assert tiny.html() == good


def test_deleted_page_is_built_again(tiny: MadeUpBook) -> None:
    sphinxext.build(tiny.config)
    good = tiny.html()
    (tiny.root / "_build/html/part/one.html").unlink()
    sphinxext.build(tiny.config)
    assert tiny.html() == good


def test_fresh_build_is_reproducible(tiny: MadeUpBook) -> None:
    sphinxext.build(tiny.config)
    good = tiny.html()
    tiny.edit("part/two.md", "文。", "別の文。")
    sphinxext.build(tiny.config)
    tiny.edit("part/two.md", "別の文。", "文。")
    sphinxext.build(tiny.config)
    assert tiny.html() == good
    assert len(sphinxext.build(tiny.config, fresh=True).read) == 3
    assert tiny.html() == good


def test_page_of_deleted_section_is_removed(tiny: MadeUpBook) -> None:
    sphinxext.build(tiny.config)
    (tiny.root / "part/two.md").unlink()
    tiny.edit("part/one.md", ":ref:`sec_two`", "")
    tiny.edit("index.md", "part/two\n", "")
    sphinxext.build(tiny.config)
    assert not (tiny.root / "_build/html/part/two.html").exists()


# --- Plain Sphinx ---------------------------------------------------------------------


def test_sphinx_build_works_with_short_conf_py(tiny: MadeUpBook) -> None:
    conf = (REPOSITORY / "conf.py").read_text(encoding="utf-8")
    tiny.write("conf.py", conf.replace("str(HERE)", repr(str(REPOSITORY))))
    command = [sys.executable, "-m", "sphinx", "-W", "-j", "2", ".", "_build/html"]
    done = subprocess.run(
        command, cwd=tiny.root, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "<gamma> gamma_first_" in tiny.article("part/one").text
    (tiny.root / "notebooks/gamma/part/one.ipynb").unlink()
    done = subprocess.run(
        command, cwd=tiny.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "part/one --framework gamma" in done.stderr
    shown = tiny.article("part/one").select(".output.stderr")[0].text
    assert "part/one --framework gamma" in textwrap.dedent(shown)

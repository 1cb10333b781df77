"""An instructor's afternoon: a new book is changed in every way README names."""

from __future__ import annotations

import shlex
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tabbook.cli import main as cli
from tests.support.books import write_files
from tests.support.walk import Walk

CHAPTER = {
    "chapter_second/index.md": "# A Second Chapter\n:label:`chap_second`\n\n"
    "```toc\n:maxdepth: 2\n\nsums\n```\n",
    "chapter_second/sums.md": "# Sums\n:label:`sec_sums`\n\n"
    "After :numref:`sec_first-steps` we add numbers.\n\n"
    "```{.python .input}\n%%tab python\nprint('total:', sum(range(10)))\n```\n",
}

FACT = """section = "chapter_second/sums"

[[fact]]
claim = "we add numbers"
cell = "total:"
says = { total = "45" }
"""


MATERIAL = {
    "counting.ipynb": nbformat.writes(
        new_notebook(
            cells=[
                new_markdown_cell("# Counting\n\nSee [the page](page.md)."),
                new_code_cell("print('count:', len('four'))"),
            ]
        )
    ),
    "page.md": "(a-page)=\n# A Page\n\n:::{note}\nOf MyST.\n:::\n\n"
    "```{code-cell} ipython3\n:tags: [hide-input]\nprint('two:', 1 + 1)\n```\n",
    "plot.qmd": "---\ntitle: A Plot\n---\n\n```{python}\n#| echo: false\n"
    "print('plotted')\n```\n\n::: {.callout-tip}\nOf Quarto.\n:::\n",
}
"""Files of other programs."""


def notebooks(walk: Walk) -> set[str]:
    """Return the names of the committed notebooks."""
    folder = walk.root / "notebooks/python"
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*.ipynb")}


COVER = 'cover = chapter_first/first-steps: print("sum of squares:"\n'


def start(walk: Walk) -> None:
    """Start a book, and run the commands that init names."""
    assert cli.main(["init", str(walk.root), "--title", "Mine", "--author", "Me"]) == 0
    lines = walk.capfd.readouterr().out.splitlines()
    commands = [shlex.split(line)[1:] for line in lines if line.startswith("  ")]
    assert [command[:2] for command in commands] == [["-C", str(walk.root)]] * 2
    errors = "".join(walk.run(*command[2:]) for command in commands)
    assert errors.count("error") == errors.count("warning") == 0, errors


def bring_material(walk: Walk, folder: Path, site: Path) -> None:
    """Import a notebook and pages of other programs; run and prove the book."""
    write_files(folder, MATERIAL)
    walk.run("import", *(str(folder / name) for name in MATERIAL))
    assert "checked" in walk.run("lint")
    assert "running 3 notebooks" in walk.run()
    walk.prove()
    counting, page, plot = (
        (site / f"chapter_imported/{name}.html").read_text("utf-8")
        for name in ("counting", "page", "plot")
    )
    assert "count: 4" in counting
    assert 'href="page.html"' in counting
    assert "two: 2" in page
    assert "<strong>Tip</strong>" in plot
    assert "print(" not in plot


@pytest.mark.slow
def test_book_of_ones_own_is_changed_in_every_way(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "a book"
    walk, site = Walk(root, capfd), root / "_build/site"
    start(walk)
    page = (root / "_build/html/chapter_first/first-steps.html").read_text("utf-8")
    assert "sum of squares: 14.0" in page
    assert "<img" in page
    proof = walk.prove()
    assert "verify: 2 notebooks: no problems" in proof
    assert "facts: 2 facts in 1 file: no problems" in proof
    assert walk.run("colab-check").count("same outputs") == 2
    assert (site / "downloads.html").is_file()

    # A second chapter, with a fact.
    write_files(root, {**CHAPTER, "facts/sums.toml": FACT})
    walk.edit(
        "index.md",
        "chapter_first/index\n",
        "chapter_first/index\nchapter_second/index\n",
    )
    ran = walk.run()
    assert "chapter_second/sums" in ran
    assert ran.count("reused") == 2
    walk.prove()
    assert "total: 45" in (site / "chapter_second/sums.html").read_text("utf-8")

    # A section is renamed.
    (root / "chapter_second/sums.md").rename(root / "chapter_second/additions.md")
    walk.edit("chapter_second/index.md", "\nsums\n", "\nadditions\n")
    walk.edit("facts/sums.toml", "second/sums", "second/additions")
    walk.run()
    assert "chapter_second/additions.ipynb" in notebooks(walk)
    assert "chapter_second/sums.ipynb" not in notebooks(walk)
    walk.prove()
    assert not (site / "chapter_second/sums.html").exists()

    # A section is removed, with its solutions and facts.
    for name in ("first-steps.md", "first-steps-solutions.md"):
        (root / "chapter_first" / name).unlink()
    (root / "facts/first-steps.toml").unlink()
    walk.edit("chapter_first/index.md", "\nfirst-steps\n", "\n")
    walk.edit("index.md", "chapter_first/index\n", "")
    walk.edit("config.ini", COVER, "")
    (root / "chapter_first/index.md").unlink()
    walk.edit("chapter_second/additions.md", "After :numref:`sec_first-steps` we", "We")
    walk.edit("facts/sums.toml", "we add", "We add")
    walk.run()
    assert notebooks(walk) == {"chapter_second/additions.ipynb"}
    walk.prove()

    bring_material(walk, tmp_path / "material", site)

    # Another language, title and colour: nothing is run again.
    walk.edit("config.ini", "lang = en", "lang = ja")
    walk.edit("config.ini", "title = Mine", "title = 私の本")
    walk.edit("config.ini", "colour = #17557f", "colour = #7a1f5c")
    assert "reused" in walk.run()
    walk.run("publish", "--without", "pdf")
    page = (site / "chapter_second/additions.html").read_text("utf-8")
    assert 'lang="ja"' in page
    assert "私の本" in page
    assert "#7a1f5c" in page

    # The students' edition beside the book.
    walk.run("publish", "--edition", "student", "--without", "pdf")
    assert (root / "_build/site-student/chapter_second/additions.html").is_file()
    assert (site / "chapter_second/additions.html").read_text("utf-8") == page

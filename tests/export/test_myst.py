"""The book as MyST, which MyST's programs build and which can be imported again."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import yaml
from nbformat import NotebookNode
from nbformat.v4 import new_output
from sphinx.application import Sphinx

from tabbook import importers
from tabbook.base import config as configuration
from tabbook.base.config import Framework
from tabbook.cli.main import main
from tabbook.source import book
from tabbook.source.section import Section
from tabbook.sphinxext.session import sphinx_session
from tests.support.books import MakeBook, store_outputs, write_files

CONFIG = """[project]
title = Book
author = Somebody
lang = en
[build]
notebooks = index.md chapter_*/*.md
tabs = left{more}
[tabbook]
macros =
  \\newcommand{{\\R}}{{\\mathbb{{R}}}}
"""

SECTION = r"""# First
:label:`sec_first`

See :numref:`sec_second`, :numref:`fig_dot`, :numref:`tbl_small`, :eqref:`eq_x`.

Or [this](#sec_first).

![A *dot*](../static/dot.png)
:width:`50px`
:label:`fig_dot`

:Small `a | b`

| A | B |
| --- | ---: |
| $x$ | `c` |
:label:`tbl_small`

$$
x = y
$$
:eqlabel:`eq_x`

## Boxes
:label:`sec_boxes`

> **Note**
>
> Some text.
>
> - One
> - Two

> **Own title**
>
> More.
> :label:`own`

> A quotation stays one.

```{.python .input}
#@fold_code
x = 1
print(x)
```

Text[^1] after it, :cite:`doe` and :citet:`doe`.

[^1]: A note.

```{.python .input}
# raises: ValueError
raise ValueError('no')
```

```python
shown = 1
```

## References

:bibliography:`../refs.bib`
"""

SECOND = (
    "# Second\n:label:`sec_second`\n\nH~2~O, $\\R$, a@b, @c, \\$5.\n\n% no comment\n"
)

FILES = {
    "index.md": "# Book\n\n```toc\nchapter_a/index\n```\n",
    "chapter_a/index.md": "# Chapter\n\n```toc\nfirst\nsecond\n```\n",
    "chapter_a/first.md": SECTION,
    "chapter_a/second.md": SECOND,
    "refs.bib": "@book{doe, author = {Doe, A.}, title = {One}, publisher = {P}, "
    "year = 2020}\n",
}

TABS = """# First

```{.python .input}
%%tab left
print('left')
```

```{.python .input}
%%tab right
print('right')
```

:begin_tab:`left`
Only left.
:label:`one`
:end_tab:

:begin_tab:`right`
Only right.
:label:`one`
:end_tab:

```{.python .input}
%%tab all
print('both')
```
"""


def exported(root: Path, *options: str, capfd: pytest.CaptureFixture[str]) -> Path:
    """Run the command; return the folder that it prints."""
    assert main(["-C", str(root), "myst", *options]) == 0
    return Path(capfd.readouterr().out.splitlines()[-1])


def test_sphinx_builds_the_export_without_a_warning(
    make_book: MakeBook, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    root = make_book(FILES, CONFIG.format(more="")).root
    (root / "static").mkdir()
    (root / "static/dot.png").write_bytes(b"dot")
    folder = exported(root, capfd=capfd)
    settings = yaml.safe_load((folder / "_config.yml").read_text("utf-8"))
    text = (folder / "index.md").read_text("utf-8")
    toc = "\n```{toctree}\nchapter_a/index\nchapter_a/first\nchapter_a/second\n```\n"
    (folder / "index.md").write_text(text + toc, "utf-8")
    warnings = io.StringIO()
    with sphinx_session():
        Sphinx(
            folder,
            None,
            tmp_path / "html",
            tmp_path / "doctrees",
            "html",
            {
                "extensions": ["myst_nb", "sphinxcontrib.bibtex"],
                "source_suffix": {".md": "myst-nb"},
                "bibtex_bibfiles": settings["bibtex_bibfiles"],
                "myst_enable_extensions": settings["parse"]["myst_enable_extensions"],
                "nb_execution_mode": "off",
                "numfig": True,
            },
            status=None,
            warning=warnings,
        ).build()
    assert warnings.getvalue() == ""
    page = (tmp_path / "html/chapter_a/first.html").read_text("utf-8")
    assert 'href="second.html#sec-second"' in page
    assert '<span class="caption-number">Table 1 </span>' in page
    assert "admonition note" in page
    assert "tag_hide-input" in page
    assert "\\mathbb{R}" in (tmp_path / "html/chapter_a/second.html").read_text("utf-8")


def test_section_to_myst_to_section(
    make_book: MakeBook, capfd: pytest.CaptureFixture[str]
) -> None:
    root = make_book(FILES, CONFIG.format(more="")).root
    (root / "static").mkdir()
    (root / "static/dot.png").write_bytes(b"dot")
    folder = exported(root, capfd=capfd)
    index = {"index.md": "# Book\n\n```toc\n\n```\n"}
    other = make_book(index, CONFIG.format(more=""))
    imported = importers.import_files(
        book.load(other),
        [
            importers.Source(str(folder / f"chapter_a/{name}.md"))
            for name in ("first", "second")
        ],
        folder="chapter_a",
    )
    moved = SECTION.replace("static/", "static/first/").replace(
        "> :label:", "> :label:"
    )
    assert (other.root / "chapter_a/first.md").read_text("utf-8") == moved
    second = (other.root / "chapter_a/second.md").read_text("utf-8")
    assert second == SECOND.replace("@c", "\\@c").replace("\\R", "\\mathbb{R}").replace(
        "% no", "\\% no"
    )
    assert [problem.name for problem in imported.problems] == ["changed-form"]


def test_tab_sets_show_committed_outputs(
    make_book: MakeBook, capfd: pytest.CaptureFixture[str]
) -> None:
    files = {
        "index.md": "# Book\n\n```toc\nchapter_a/first\n```\n",
        "chapter_a/first.md": TABS,
    }
    root = make_book(files, CONFIG.format(more=", right")).root

    def fill(
        notebook: NotebookNode, section: Section, framework: Framework
    ) -> dict[str, str]:
        for cell in notebook.cells:
            if cell.cell_type == "code":
                text = f"printed by {framework.name}\n"
                cell.outputs = [new_output("stream", text=text)]
        cell.outputs.append(new_output("display_data", {"image/svg+xml": "<svg/>"}))
        return {}

    list(store_outputs(root, fill))
    folder = exported(root, capfd=capfd)
    page = (folder / "chapter_a/first.md").read_text("utf-8")
    assert page.count("{tab-set}") == 1, "what differs stands beside each other"
    left, right = page.split("{tab-item}")[1:]
    assert "print('left')\n```\n\n```text\nprinted by left\n```" in left
    assert "(one)=\nOnly left." in left
    assert "print('both')" in left
    assert "Only right." in right
    assert "(one)=" not in right
    picture = "outputs/chapter_a/first/right-1-1.svg"
    assert f"![](../{picture})" in page
    assert (folder / picture).read_text("utf-8") == "<svg/>"
    alone = exported(root, "--framework", "right", capfd=capfd)
    assert alone.name == "right"
    page = (alone / "chapter_a/first.md").read_text("utf-8")
    assert "```{code-cell} ipython3\nprint('right')\n```" in page
    assert "left" not in page
    described = yaml.safe_load((alone / "myst.yml").read_text("utf-8"))
    assert described["project"]["toc"][1] == {"file": "chapter_a/first.md"}
    write_files(root, {"chapter_a/first.md": TABS.replace("'both'", "'new'")})
    exported(root, capfd=capfd)
    assert "printed" not in (folder / "chapter_a/first.md").read_text("utf-8")
    assert not (folder / picture).exists()
    assert configuration.load(root).output == root / "_build"

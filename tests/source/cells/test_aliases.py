"""Aliases of config.ini are replaced in notebooks exactly as d2lbook replaces them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tabbook.base import config as configuration
from tabbook.base.errors import BookError
from tabbook.lint import lint
from tabbook.notebooks import store
from tabbook.notebooks.compile import compile_section
from tabbook.source import book
from tests.support import d2lbook_runner as d2lbook
from tests.support.books import MakeBook, write_files

CONFIG = """[project]
title = Aliases
[build]
notebooks = *.md chapter_*/*.md
tabs = alpha, beta
eval_notebook = False
[library-alpha]
lib_file = lib/alpha.py
lib_name = torch
simple_alias = ones, zeros -> empty, concat -> cat, matmul(, full -> full_like
    rand
fluent_alias = reshape, numpy -> detach().numpy, reduce_sum -> sum
args_alias =
    normal(a_m, a_s, size, dtype=None) -> t.normal(a_m, a_s, size=size, dtype=dtype)
    pick(a_x, a_y) -> a_x[a_y]
    rest(a_x, a_y) -> a_x %% a_y
reverse_alias =
    d2l.Module -> nn.Module
    old, name -> new
[library-beta]
lib_file = lib/beta.py
lib_name = jax.numpy
simple_alias = ones
[library-gamma]
lib_name = left.out
"""

CODE = (
    "import sys, d2l\nd2l.ones(2)",
    "d2l.zeros((2, 3)); d2l.concat([a, b]); d2l.matmul(x, y); d2l.rand(2)",
    "d2l.ones_like(x) + d2l.onesie",
    "# d2l.ones in a comment\n'd2l.ones'",
    "y = d2l.reshape(x, (2, 3))",
    "d2l.reduce_sum(d2l.reshape(d2l.ones(6), (2, 3)), axis=0)",
    "d2l.numpy(d2l.reshape(x, -1))[0]",
    "class A(d2l.Module):\n    def f(self):\n        return d2l.reshape(self.x, -1)",
    "print('old, name')",
    "d2l.normal(0, 1, size=(2,), dtype=float)\nd2l.normal(0, 1, size=3)",
    "d2l.pick(x, d2l.rest(7, y))",
    "%%time\nd2l.reshape(x, 2)",
    "def f(x):  #@save\n    return d2l.reshape(d2l.ones(1), 1)\n",
    "from b import c\nimport a\nd2l.reshape(x, 1)   \n\n\n",
)
CELL = "```{{.python .input}}\n%%tab {tab}\n{code}\n```\n"


def sections(*codes: str) -> dict[str, str]:
    cells = [CELL.format(tab="all", code=code) for code in codes]
    cells.append(CELL.format(tab="beta", code="d2l.ones(3)"))
    return {
        "index.md": "# Book\n\n```toc\nchapter_a/one\n```\n",
        "chapter_a/one.md": "# One\n\n" + "\n".join(cells),
    }


def notebook_code(folder: Path, framework: str) -> list[str]:
    """Return the code of the notebook that the engine compiles."""
    loaded = book.load(configuration.load(folder))
    (section,) = loaded.select(["chapter_a/one"])
    notebook = compile_section(loaded, section, loaded.config.framework(framework))
    assert notebook
    return store.sources(notebook)


def d2lbook_code(folder: Path, framework: str) -> list[str]:
    """Return the code of the notebook that ``d2lbook build ipynb`` writes."""
    d2lbook.notebooks(folder, framework)
    suffix = "" if framework == "alpha" else f"_{framework}"
    file = folder / f"_build/ipynb{suffix}/chapter_a/one.ipynb"
    notebook = json.loads(file.read_text(encoding="utf-8"))
    return [
        "".join(cell["source"])
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("aliases")
    branch = "if tab.selected('alpha'):\n    d2l.ones(1)\nelse:\n    d2l.zeros(2)"
    cells = CELL.format(tab="alpha, beta", code=branch) + (
        CELL.format(tab="alpha", code="d2l.ones(4)").replace("%%tab alpha\n", "")
    )
    files = sections(*CODE)
    files["chapter_a/one.md"] += cells
    write_files(root, {"config.ini": CONFIG, **files})
    return root


@pytest.mark.parametrize("framework", ["alpha", "beta"])
def test_notebooks_have_the_code_of_d2lbook(folder: Path, framework: str) -> None:
    code = notebook_code(folder, framework)
    assert code == d2lbook_code(folder, framework)
    assert "d2l.ones(" not in code[0]


def test_alias_is_replaced_in_the_tab_that_has_it(folder: Path) -> None:
    assert notebook_code(folder, "alpha")[0].endswith("torch.ones(2)")
    assert notebook_code(folder, "beta")[0].endswith("jax.numpy.ones(2)")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("!pip list\nd2l.reshape(x, 1)", "cannot read '!pip list' in this cell"),
        ("d2l.normal(0, 1, shape=2)", "the arguments that its alias names"),
    ],
)
def test_alias_that_d2lbook_cannot_replace_is_named_everywhere(
    make_book: MakeBook, code: str, message: str
) -> None:
    loaded = book.load(make_book(sections("x = 1", code), CONFIG))
    (problem,) = lint(loaded)
    assert str(problem).startswith("chapter_a/one.md:8: error: alpha: d2lbook")
    assert message in problem.message
    assert problem.name == "unreadable-alias"
    (section,) = loaded.select(["chapter_a/one"])
    with pytest.raises(BookError, match=r"chapter_a/one\.md:8: d2lbook") as caught:
        loaded.notebook_of(section, loaded.config.default)
    assert message in str(caught.value)


def test_advice_on_a_line_that_is_not_python_works(make_book: MakeBook) -> None:
    loaded = book.load(make_book(sections("!pip list", "d2l.reshape(x, 1)"), CONFIG))
    assert lint(loaded) == []


def test_advice_on_arguments_works(make_book: MakeBook) -> None:
    loaded = book.load(make_book(sections("d2l.normal(0, 1, size=2)"), CONFIG))
    assert lint(loaded) == []


def test_book_without_tabs_has_no_aliases(make_book: MakeBook) -> None:
    text = "[project]\ntitle = a\n[library-python]\nlib_name = torch\n"
    assert make_book({}, text + "simple_alias = ones\n").default.library is None

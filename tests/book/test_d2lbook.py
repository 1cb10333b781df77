"""The promise to those who use d2lbook: it builds our sources, to the same code."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import nbformat
import pytest

from tabbook.base import config
from tabbook.notebooks.compile import compile_section
from tabbook.notebooks.setup_cell import SETUP_CELL_ID
from tabbook.source import book
from tabbook.source.book import Book
from tests.support import d2lbook_runner as d2lbook
from tests.support.paths import ROOT

pytestmark = pytest.mark.slow

CONFIG = """[project]
name = sample
title = 本
[build]
notebooks = index.md chapter_*/*.md
resources = static
tabs = left, right, middle
"""
INDEX = "# 本\n\n```toc\nchapter_a/one\nchapter_a/two\nchapter_a/three\n```\n"
ONE = """# 一
:label:`sec_one`

```{.python .input}
%load_ext d2lbook.tab
tab.interact_select(['left', 'right', 'middle'])
```

(**文**です。)

```{.python .input}
%%tab left
from b import c
import a

x = 1
```

```{.python .input}
%%tab right, middle
import sys; x = 1;

```

```{.python .input}
# @tab all
def f():
    if tab.selected('left'):
        return 1
    if tab.selected('right'):
        y = '''
        z
        '''

        return y
    if tab.selected("left") or tab.selected("middle"):
        return 3
print(f())
```

:begin_tab:`left,right`
文です。

```python
shown = 1
```
:end_tab:
:begin_tab:`middle`
文です。
:end_tab:

~~~{.python .input  n=3}
%%tab middle

%matplotlib inline
!ls
~~~

````
```{.python .input}
%%tab left
shown = 2
```
````

```{.python .input}
without_a_tab = 1
```

```{.python .input #name}
%%tab left
    indented = 1
```
"""
TWO = """# 二

```{.python .input}
%%tab all
x = 1
```
"""
THREE = """# 三

文だけです。

:begin_tab:`right`
文です。
:end_tab:
"""
EXECUTED = "chapter_builders-guide/parameters"
"""The section whose first notebook d2lbook executes."""

KNOWN = re.compile(
    # Its own set-up names a bibliography that no book has to have.
    r"could not open bibtex file"
    # Solutions stand in no table of contents: to d2lbook they are pages of their own.
    r"|-solutions\.rst: WARNING: document isn't included in any toctree"
    # Fences that tabbook fills; d2lbook shows their text.
    r"|Pygments lexer name '(glossary|verification)' is not known"
)
"""What d2lbook may say of this book."""


def prepare(folder: Path, source: str) -> Path:
    """Return a folder with one of the books, which d2lbook is not to run."""
    if source == "repository":
        d2lbook.copy(folder)
        file = folder / config.FILE_NAME
        text = file.read_text("utf-8")
    else:
        (folder / "chapter_a").mkdir(parents=True)
        (folder / "static").mkdir()
        for name, section in {"one": ONE, "two": TWO, "three": THREE}.items():
            (folder / f"chapter_a/{name}.md").write_text(section, "utf-8")
        (folder / "index.md").write_text(INDEX, "utf-8")
        text = CONFIG
    text = text.replace("[build]\n", "[build]\neval_notebook = False\n")
    (folder / config.FILE_NAME).write_text(text, "utf-8")
    return folder


def theirs(loaded: Book, section: str, framework: str) -> list[str]:
    """Return the code that d2lbook wrote; an empty file is a notebook that is not."""
    default = loaded.config.default.name == framework
    folder = "ipynb" if default else f"ipynb_{framework}"
    file = loaded.config.output / folder / f"{section}.ipynb"
    if not file.stat().st_size:
        return []
    notebook = nbformat.reads(file.read_text("utf-8"), as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def ours(loaded: Book, section: str, framework: str) -> list[str]:
    chosen, tab = loaded.section(section), loaded.config.framework(framework)
    notebook = compile_section(loaded, chosen, tab) if chosen else None
    code = (
        [cell for cell in notebook.cells if cell.cell_type == "code"]
        if notebook
        else []
    )
    return [cell.source for cell in code[1 if tab.colab else 0 :]]


@pytest.mark.parametrize("source", ["sample", "repository"])
def test_compiled_code_equals_that_of_d2lbook(tmp_path: Path, source: str) -> None:
    folder = prepare(tmp_path / "book", source)
    loaded = book.load(config.load(folder))
    compared = 0
    for framework in loaded.config.frameworks:
        d2lbook.notebooks(folder, framework.name)
        for section in loaded.sections:
            code = ours(loaded, section.name, framework.name)
            assert code == theirs(loaded, section.name, framework.name), section.path
            compared += len(code)
    assert compared >= 10


@pytest.mark.kernels
def test_d2lbook_builds_the_repository(tmp_path: Path) -> None:
    """d2lbook executes one notebook and writes the pages of all.

    The code of every section equals ours (tested above), and ``tabbook verify`` proves
    the committed outputs of ours: executing all of it again here proves nothing more.
    """
    folder = d2lbook.copy(tmp_path / "book")
    loaded = book.load(config.load(folder))
    default = loaded.config.default.name
    d2lbook.write_evaluated(folder, config.load(ROOT), but=(EXECUTED, default))
    log = d2lbook.evaluate(folder, default)
    assert re.search(r"\b1 notebooks are outdated", log)
    assert f"{EXECUTED}.md" in log
    log = d2lbook.html(folder)
    for section in loaded.sections:
        assert (folder / "_build/html" / f"{section.name}.html").is_file()
    warned = [line for line in log.splitlines() if "WARNING" in line]
    assert [line for line in warned if not KNOWN.search(line)] == []


def test_d2lbook_runs_every_notebook_without_a_gpu() -> None:
    """It refuses to execute code that it takes for a GPU's where there is none."""
    resource = importlib.import_module("d2lbook.resource")
    loaded = book.load(config.load(ROOT))
    for section in loaded.sections:
        for framework in loaded.frameworks_of(section):
            notebook = compile_section(loaded, section, framework)
            if notebook:
                code = [c for c in notebook.cells if c.id != SETUP_CELL_ID]
                own = nbformat.v4.new_notebook(cells=code)
                needed = resource.get_notebook_gpus(own, 2)
                assert needed == 0, f"{section.name} [{framework.name}]"


def test_runner_raises_the_errors_of_d2lbook(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "book", "sample")
    with pytest.raises(
        d2lbook.D2lbookError, match=r"nowhere doesn't exist|nowhere is not"
    ):
        d2lbook.notebooks(folder, "nowhere")

"""A small book in three frameworks, with outputs that no kernel printed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup, Tag
from nbformat import NotebookNode

from tabbook.base import config
from tabbook.base.config import Framework
from tabbook.notebooks.setup_cell import SETUP_CELL_ID
from tabbook.source.section import Section
from tests.support.books import store_outputs, write_files

FRAMEWORKS = ("alpha", "beta", "gamma")

CONFIG = """
[project]
title = 小さな本
author = 著者
copyright = 2026
lang = ja
[build]
notebooks = *.md part/*.md
tabs = alpha, beta, gamma
[framework-alpha]
label = Alpha
colab = setup.py
[framework-beta]
label = Beta Two
"""

INDEX = """
# 表紙

```toc
:maxdepth: 2

part/one
part/two
```
"""

ONE = """
# 第一節
:label:`sec_one`

日本語の行が
ここで折れ、`code`
でも折れる。English line
goes on. (**目立つ文**)と数式$x^2$。
(~~スライドだけ~~)

```{.python .input}
%load_ext d2lbook.tab
tab.interact_select(['alpha', 'beta', 'gamma'])
```

```{.python .input}
%%tab gamma
gamma_first = 1
```

```{.python .input}
%%tab alpha
alpha_first = 1
```

```{.python .input}
%%tab beta
beta_first = 1
```

:numref:`fig_x`と:numref:`tab_x`と:eqref:`eq_x`と:ref:`sec_two`。

:begin_tab:`alpha, beta`
二つの枠組みの文。:numref:`fig_x`。
:end_tab:

```{.python .input}
%%tab alpha
alpha_second = 2
```

共有の文。

```{.python .input}
%%tab all
shared = 3
```

## 図と表

![丸い図](../round.svg)
:width:`120px`
:label:`fig_x`

:数の表
| 名 | 数 |
|:--|--:|
| a | 1 |
:label:`tab_x`

$$\\sum_{i=1}^n \\mathbf{w}_i$$
:eqlabel:`eq_x`
"""

TWO = """
# 第二の節
:label:`sec_two`

文。

```{.python .input}
%%tab beta
last = 4
```
"""

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="4"/></svg>'

EXERCISES = """
## 演習

1. 最初の演習。
1. 次の演習。

:begin_tab:`alpha`
アルファの議論。
:end_tab:
"""
"""What a section has below its text where solutions follow."""

SOLUTIONS = """
# 第二の節：演習の解答

ここから先は秘密の解答です。

```{.python .input}
%%tab beta
secret_setup = 1
```

## 演習1

秘密の説明です。:numref:`sec_one`を見ます。

```{.python .input}
%%tab alpha
secret_alpha = 1
```

```{.python .input}
%%tab beta
secret_beta = 1
```

## 演習2

```{.python .input}
%%tab beta
secret_last = 2
```
"""
"""The solutions of ``EXERCISES`` below the section ``TWO``."""


@dataclass(frozen=True)
class MadeUpBook:
    """A book in a folder, which a test reads, edits and builds."""

    root: Path

    def write(self, name: str, text: str) -> None:
        """Write a file, without the line breaks that its text begins with."""
        write_files(self.root, {name: text.lstrip("\n")})

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace text that a file holds."""
        text = (self.root / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    @property
    def config(self) -> config.Config:
        """Read the configuration anew."""
        return config.load(self.root)

    def execute(self, *, extra: NotebookNode | None = None) -> None:
        """Store outputs that name the framework and the cell they come from.

        :param extra: another output of every cell.
        """

        def fill(
            notebook: NotebookNode, section: Section, framework: Framework
        ) -> dict[str, str]:
            for cell in notebook.cells:
                if cell.cell_type == "code":
                    text = f"<{framework.name}> {cell.source.split(' ')[0]}_"
                    result = nbformat.v4.new_output(
                        "execute_result", {"text/plain": text}, execution_count=1
                    )
                    outputs = [result, extra] if extra else [result]
                    cell.outputs = [] if cell.id == SETUP_CELL_ID else outputs
                    cell.execution_count = 1
            return {"python": "3"}

        list(store_outputs(self.root, fill))

    def page(self, name: str) -> BeautifulSoup:
        """Return a page that was built."""
        file = self.root / "_build/html" / f"{name}.html"
        return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")

    def article(self, name: str) -> Tag:
        """Return what a built page says, without its navigation."""
        article = self.page(name).find("article")
        assert article
        return article

    def states(self) -> dict[Path, tuple[int, int]]:
        """Return what a new version of each file would change; locks are left out.

        A lock names the process that holds it.
        """
        return {
            path: (path.stat().st_mtime_ns, path.stat().st_ino)
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and path.name != "lock"
        }

    def html(self) -> dict[str, bytes]:
        """Return every file of the built pages."""
        folder = self.root / "_build/html"
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }


def make(root: Path) -> MadeUpBook:
    """Write the book into a folder, with outputs; return it."""
    made_up_book = MadeUpBook(root)
    texts = {
        "config.ini": CONFIG,
        "setup.py": "colab_setup = True\n",
        **{f"environments/{name}.txt": f"{name}==1\n" for name in FRAMEWORKS},
        "index.md": INDEX,
        "part/one.md": ONE,
        "part/two.md": TWO,
        "round.svg": SVG,
    }
    write_files(root, {name: text.lstrip("\n") for name, text in texts.items()})
    made_up_book.execute()
    return made_up_book

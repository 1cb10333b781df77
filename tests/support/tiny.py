"""A made-up book whose outputs nobody ran, for the tests of pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup, Tag

from tabbook.base import config
from tabbook.notebooks import store
from tabbook.notebooks.compile import compile_section
from tabbook.notebooks.setup_cell import SETUP_CELL_ID
from tabbook.source import book

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


@dataclass(frozen=True)
class Tiny:
    """A book in a folder of its own."""

    root: Path

    def write(self, name: str, text: str) -> None:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.lstrip("\n"), encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    @property
    def config(self) -> config.Config:
        return config.load(self.root)

    def execute(self, *, extra: nbformat.NotebookNode | None = None) -> None:
        """Store outputs which say the framework and the cell they come from."""
        found = book.load(self.config)
        for section in found.sections:
            for framework in found.frameworks_of(section):
                made = compile_section(found, section, framework)
                assert made
                for cell in made.cells:
                    if cell.cell_type == "code":
                        said = f"<{framework.name}> {cell.source.split(' ')[0]}_"
                        output = nbformat.v4.new_output(
                            "execute_result",
                            data={"text/plain": said},
                            execution_count=1,
                        )
                        shown = [output, extra] if extra else [output]
                        cell.outputs = [] if cell.id == SETUP_CELL_ID else shown
                        cell.execution_count = 1
                run = store.with_key(self.config, framework, made, {"python": "3"})
                store.save(
                    self.config, store.path(self.config, section, framework), run
                )

    def page(self, name: str) -> BeautifulSoup:
        file = self.root / "_build/html" / f"{name}.html"
        return BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")

    def article(self, name: str) -> Tag:
        found = self.page(name).find("article")
        assert found
        return found

    def states(self) -> dict[Path, tuple[int, int]]:
        return {
            path: (path.stat().st_mtime_ns, path.stat().st_ino)
            for path in sorted(self.root.rglob("*"))
            if path.is_file()
        }

    def html(self) -> dict[str, bytes]:
        folder = self.root / "_build/html"
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }


def make(root: Path) -> Tiny:
    tiny = Tiny(root)
    tiny.write("config.ini", CONFIG)
    tiny.write("setup.py", "colab_setup = True\n")
    for name in ("alpha", "beta", "gamma"):
        tiny.write(f"environments/{name}.txt", f"{name}==1\n")
    tiny.write("index.md", INDEX)
    tiny.write("part/one.md", ONE)
    tiny.write("part/two.md", TWO)
    tiny.write("round.svg", SVG)
    tiny.execute()
    return tiny

"""A book in two frameworks whose sections cite, with one list of references."""

from __future__ import annotations

from pathlib import Path

from bs4 import BeautifulSoup

from tabbook.base import config as configuration
from tabbook.base.config import Config
from tests.support.books import MakeBook, store_outputs

CONFIG = """[project]
title = Book
author = Author
lang = en
[build]
notebooks = index.md chapter_a/*.md
tabs = left, right
"""

INDEX = "# Book\n\n```toc\nchapter_a/one\nchapter_a/two\nchapter_a/references\n```\n"

ONE = """# One after :cite:`A.2020`

See :cite:`A.2020` and :citet:`B.2021`. All: :citep:`T.2020, B.2021 ,A.2020`.
Code `` :cite:`A.2020` `` stays.

```{.python .input}
%%tab left
1
```

```{.python .input}
%%tab right
1
```

:begin_tab:`left, right`
Both cite :citet:`Weird`.
:end_tab:

:begin_tab:`right`
Right alone cites :citet:`山田2019`.
:end_tab:

: The caption :cite:`A.2020`

| a | b |
|---|---|
| x | :citet:`A.2020` |
:label:`tab_x`

![Figure :citet:`B.2021`](../dot.svg)
:label:`fig_x`
"""

TWO = """# Two

- An item :citet:`A.2020`

> A quotation :cite:`Second.2020`

```{.python .input}
%%tab left
2
```

```{.python .input}
%%tab right
2
```
"""

REFERENCES = "# References\n\n:bibliography:`../refs.bib`\n"

BIB = r"""
@string{jml = "Journal of Examples"}
@article{A.2020, author={Abe, Ann}, title={On {X} and $\ell_1$}, year=2020,
  journal=jml, url={https://example.org/a_b(c)}}
@article{Second.2020, author={Abe, Ann}, title={Second}, year=2020, journal=jml}
@article{B.2021, author={Bee, Bob and M{\"u}ller, Mo}, title={Bees}, year=2021,
  journal={B \& C}}
@book{T.2020, author={Tee, T. and Uu, U. and Vee, V.}, title={Trees_x}, year=2020,
  publisher={Pub}}
@weird{Weird, author={Wee, W.}, title={No Year}}
@article{山田2019, author={山田 太郎 and 鈴木 花子}, title={日本語の論文},
  journal={例の雑誌}, year=2019}
@book{unused, author={U}, title={Never cited}, year=1999, publisher={P}}
"""

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>'
)

FILES = {
    "index.md": INDEX,
    "chapter_a/one.md": ONE,
    "chapter_a/two.md": TWO,
    "chapter_a/references.md": REFERENCES,
    "refs.bib": BIB,
    "dot.svg": SVG,
}


def make(make_book: MakeBook, config: str = CONFIG, **changed: str | None) -> Config:
    """Write the book, with outputs that no kernel printed.

    :param changed: texts by the name of their file, without folder and suffix; None
        for no such file.
    """
    names = {Path(name).stem: name for name in FILES}
    files = FILES | {names[stem]: text for stem, text in changed.items()}
    present = {name: text for name, text in files.items() if text is not None}
    sample = make_book(present, config)
    store(sample)
    return sample


def store(sample: Config) -> None:
    """Store the notebooks of the book as if they had been executed."""
    list(store_outputs(sample.root, lambda *_: {"python": "3.11"}))


def edit(sample: Config, name: str, old: str, new: str) -> None:
    """Replace a piece of a file, and all of the file's times."""
    file = sample.root / name
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def page(sample: Config, name: str) -> BeautifulSoup:
    """Return a page that was built."""
    text = (sample.output / f"html/{name}.html").read_text("utf-8")
    return BeautifulSoup(text, "html.parser")


def reloaded(sample: Config) -> Config:
    return configuration.load(sample.root)

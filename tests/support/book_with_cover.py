"""A book of four frameworks whose index page shows code, a map and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tabbook.base import config
from tabbook.base.config import Config, Framework
from tabbook.notebooks import verified
from tabbook.notebooks.paths import notebook_path
from tabbook.notebooks.setup_cell import SETUP_CELL_ID
from tabbook.source.section import Section
from tests.support.books import side_by_side, store_outputs, write_files

FRAMEWORKS = {"alpha": "Alpha", "beta": "Beta Two", "gamma": "Gamma", "delta": "Delta"}

MAP = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 100" role="img"
  aria-labelledby="t"><title id="t">map</title>
<rect x="5" y="5" width="390" height="90" fill="#f6f8fa"/>
<rect x="10" y="10" width="120" height="60" fill="#ffffff" stroke="#000000"/>
<text x="70" y="45" text-anchor="middle">One &amp; all</text>
<text x="200" y="45" onclick="x()">no page</text><script>x()</script></svg>
"""

INDEX = """# A book of nets

It shows `net(X)`, e.g. in four frameworks. It has more to say.

```toc
:numbered:

part/index
glossary
verification
```
"""

PART = """# Part

Text.

```toc
one
two
```
"""


TERMS = """[[term]]
japanese = "layer"
reading = "layer"
english = "layer"
meaning = "A part of a net."
"""

TWO = """# Two

A layer is a part. See :numref:`fig_map`.

{cells}

![A map](../map.svg)
:width:`700px`
:label:`fig_map`

| a long head | another head | a third head | a fourth head | the last head |
|---|---|---|---|---|
| aaaaaaaaaaaaaa | bbbbbbbbbbbbbbb | cccccccccccccccc | dddddddddddddd | eeeeeeee |

## Exercises

1. ★ What is `x`? Hint: print it.
1. ★ Why?
"""

SOLUTIONS = """# Two: solutions

{cells}

## Exercise 1

It is one.

## Exercise 2

Because.
"""


def code(name: str) -> str:
    """Return a cell that differs between frameworks in one line of its outputs."""
    return (
        f"net = {name}.Net(64, 32, 10, activation='a name that is rather long', "
        "seed=0)\ny_hat = net(X)\nprint('shape:', y_hat.shape)\n"
        "print('parts:', net.parts)"
    )


def sources(names: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of the book."""
    cells = side_by_side({name: code(name) for name in names})
    two = side_by_side({name: f"x_{name} = 1\nprint(x_{name})" for name in names})
    return {
        "index.md": INDEX,
        "part/index.md": PART,
        "part/one.md": f"# One & all\n\nText.\n\n{cells}\n\nMore text.\n",
        "part/two.md": TWO.format(cells=two),
        "part/two-solutions.md": SOLUTIONS.format(cells=two),
        "terms.toml": TERMS,
        "glossary.md": "# Glossary\n\n```glossary\n:sorted:\n```\n",
        "verification.md": "# Proof\n\n```verification\n:all:\n```\n",
        "map.svg": MAP,
        "facts/one.toml": 'section = "part/one"\n[[fact]]\nclaim = "Text."\n'
        'cell = "print(\'shape:\'"\nsays = { shape = "(2, 10)" }\n',
        **{f"environments/{name}.txt": f"{name}==1\n" for name in names},
    }


def configuration(names: Mapping[str, str], keys: str) -> str:
    """Return config.ini, with keys of its section for the engine."""
    labels = "".join(f"[framework-{n}]\nlabel = {names[n]}\n" for n in names)
    return (
        "[project]\ntitle = Nets\nauthor = A. Author\nlang = en\n"
        f"[build]\nnotebooks = *.md part/*.md\ntabs = {', '.join(names)}\n"
        f"[tabbook]\nterms = terms.toml\n{keys}\n{labels}"
    )


def make(
    root: Path,
    names: Mapping[str, str] = FRAMEWORKS,
    *,
    keys: str = "cover = part/one: print('parts:'\ncover_map = map.svg",
) -> Config:
    """Write the book into a folder, with outputs and records of verification.

    :param names: labels of the frameworks by name.
    :param keys: lines of config.ini.
    """
    write_files(root, {"config.ini": configuration(names, keys), **sources(names)})
    passed = {}
    for section, framework in store_outputs(root, _fill):
        path = notebook_path(section.name, framework.name)
        passed[str(path)] = verified.VerificationRecord(2, 1.0, {"python": "3"})
    loaded = config.load(root)
    verified.update(loaded, passed, ())
    return loaded


def _fill(
    notebook: NotebookNode, section: Section, framework: Framework
) -> dict[str, str]:
    text = f"shape: (2, 10)\nparts: ['{framework.name}']\n"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            output = nbformat.v4.new_output("stream", name="stdout", text=text)
            cell.outputs = [] if cell.id == SETUP_CELL_ID else [output]
            cell.execution_count = 1
    return {"python": "3"}

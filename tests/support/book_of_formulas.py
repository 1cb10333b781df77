"""A made-up book of formulas, citations, figures and tables, without any output.

Its sections resemble those of a large textbook: many formulas, of which some are the
same as elsewhere and most are not, with code for three frameworks between them.
"""

from __future__ import annotations

from pathlib import Path

from tests.support.books import side_by_side, write_files

SECTIONS = 200
"""Sections of the book that the bounds of size speak of."""

FORMULAS = 35
"""Formulas of a section."""

PER_CHAPTER = 20
"""Sections of a chapter; each chapter has a page of its own."""

ENTRIES = 300
"""Entries of the list of references, of which each section cites five."""

CONFIG = """[project]
name = made-up
title = A Made-up Book
author = Author
copyright = 2026
release = 1
lang = en

[build]
notebooks = index.md references.md chapter_*/*.md
resources = img refs.bib
tabs = mxnet, pytorch, tensorflow

[pdf]
bibfile = refs.bib

[framework-mxnet]
label = MXNet

[framework-pytorch]
label = PyTorch

[framework-tensorflow]
label = TensorFlow
"""

SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="120" height="80">
<rect width="120" height="80" fill="none" stroke="black"/>
<circle cx="60" cy="40" r="{radius}"/></svg>
"""

SECTION = """# Estimates of Kind {n}
:label:`sec_{n:03}`

Section :numref:`sec_{p:03}` ended with a bound on the *estimation error*. Here we
follow
{first} and ask how the bound changes once $\\mathbf{{x}} \\in \\mathbb{{R}}^{{{n}}}$ is
drawn from $P_{{{n}}}(\\mathbf{{x}}, y)$ rather than from $P(\\mathbf{{x}})$, a
question that
:citet:`{key[1]}` raised. Readers in a hurry may look at :numref:`fig_{n:03}` first.

```{{.python .input}}
%load_ext d2lbook.tab
tab.interact_select(['mxnet', 'pytorch', 'tensorflow'])
```

{c[0]}

## The Model
:label:`sec_{n:03}_model`

Let $f_{{{n}}}(\\mathbf{{x}}) = \\mathbf{{w}}^\\top \\mathbf{{x}} + b$ with weights
$\\mathbf{{w}}$ and an offset. With $m$ examples the **empirical risk** is

$$R_{{{n}}}(\\mathbf{{w}}, b) = \\frac{{1}}{{m}} \\sum_{{i=1}}^m \\frac{{1}}{{2}}
\\left(\\mathbf{{w}}^\\top \\mathbf{{x}}^{{(i)}} + b - y^{{(i)}}\\right)^2 +
\\frac{{\\lambda}}{{{n}}} \\|\\mathbf{{w}}\\|^2.$$
:eqlabel:`eq_{n:03}_risk`

In :eqref:`eq_{n:03}_risk`, $\\lambda \\geq 0$. Setting
$\\partial_b R_{{{n}}} = 0$ gives
$b = \\bar{{y}} - \\mathbf{{w}}^\\top \\bar{{\\mathbf{{x}}}}$,
and the rest follows from

$$\\begin{{aligned}}
\\partial_{{\\mathbf{{w}}}} R_{{{n}}} &= \\frac{{1}}{{m}} \\mathbf{{X}}^\\top
(\\mathbf{{X}}
\\mathbf{{w}} - \\mathbf{{y}}) + \\frac{{2 \\lambda}}{{{n}}} \\mathbf{{w}}, \\\\
\\mathbf{{w}}^* &= \\left(\\mathbf{{X}}^\\top \\mathbf{{X}} +
\\frac{{2 \\lambda m}}{{{n}}} \\mathbf{{I}}\\right)^{{-1}} \\mathbf{{X}}^\\top
\\mathbf{{y}}.
\\end{{aligned}}$$

{c[1]}

[**The loss falls by a factor of about $1 - \\eta \\lambda_{{{n}}}$ per step**], where
$\\eta$
is the learning rate. It takes $O(\\log \\frac{{1}}{{\\epsilon}})$ steps.

![The rows and their estimate $\\hat{{y}}_{{{n}}}$.](../img/circle-{svg}.svg)
:width:`300px`
:label:`fig_{n:03}`

{c[2]}

:begin_tab:`mxnet`
In MXNet the gradient $\\nabla R_{{{n}}}$ is recorded in a scope of its own.
:end_tab:

:begin_tab:`pytorch, tensorflow`
The gradient $\\nabla R_{{{n}}}$ is computed by automatic differentiation.
:end_tab:

## Bounds

By the inequality of Hoeffding, for $t > 0$ and bounded $z_i \\in [0, {n}]$ (see
:cite:`{key[2]},{key[3]}`),

$$P\\left(\\left|\\frac{{1}}{{m}} \\sum_{{i=1}}^m z_i - \\mathrm{{E}}[z]\\right| \\geq
t\\right)
\\leq 2 \\exp\\left(-\\frac{{2 m t^2}}{{{n}^2}}\\right).$$
:eqlabel:`eq_{n:03}_bound`

Thus :eqref:`eq_{n:03}_bound` is small for $m \\gg \\frac{{{n}^2}}{{t^2}}$. The
constants are
those of :numref:`tab_{n:03}`, and $\\binom{{{n}}}{{2}}$ pairs $(i, j)$ suffice:

: Constants of the bounds in Section {n}

| Quantity | Symbol | Value | Source |
|:---|:---:|---:|---|
| variance | $\\sigma_{{{n}}}^2$ | {n}.25 | :citet:`{key[4]}` |
| range | $z_{{\\max}}$ | {n} | :numref:`sec_{n:03}_model` |
| confidence | $1 - \\delta$ | 0.95 | measured |
| examples | $m$ | {n}000 | measured |
:label:`tab_{n:03}`

{c[3]}

The matrix that maps one estimate to the next is

$$\\mathbf{{A}}_{{{n}}} = \\begin{{bmatrix}} 1 & -\\eta & 0 \\\\ \\eta & 1 - \\eta
\\lambda & {n}
\\\\ 0 & \\sqrt{{{n}}} & \\cos\\theta \\end{{bmatrix}}, \\quad
\\rho(\\mathbf{{A}}_{{{n}}}) = \\max_k |\\lambda_k|.$$

* If $\\rho < 1$, the iteration converges to $\\mathbf{{w}}^*$.
* If $\\rho = 1$, it may circle around $\\mathbf{{w}}^*$ at distance $r_{{{n}}}$, as in
  [the previous section](section_{p:03}.md) or :numref:`fig_{p:03}`.
* Otherwise it does not.

![Another picture](../img/circle-{other}.svg)

{c[4]}

| Step | Loss | Accuracy |
|---|---|---|
| 1 | 0.{n} | 0.5 |
| 2 | 0.0{n} | 0.75 |
| 3 | 0.00{n} | 0.875 |

## Summary

The risk :eqref:`eq_{n:03}_risk` of a linear model has one minimum
for positive weights. Its estimate is close to the truth for many examples, and `m`
can be computed.

{c[5]}

## Exercises

1. Show that $R_{{{n}}}$ is convex. Is it strictly convex?
1. What is $\\lim_{{m \\to \\infty}} R_{{{n}}}$?
"""

CELLS = 6
"""Code cells of a section in each framework."""

IMPORTS = {
    "mxnet": "from mxnet import np, npx\n\nnpx.set_np()",
    "pytorch": "import torch\nfrom torch import nn",
    "tensorflow": "import tensorflow as tf",
}


def write(folder: Path, sections: int = SECTIONS) -> Path:
    """Write the book into a new folder; return the folder.

    The same number of sections gives the same bytes.
    """
    write_files(folder, _sources(sections))
    return folder


def _sources(sections: int) -> dict[str, str]:
    files = {"config.ini": CONFIG, "refs.bib": "\n".join(map(_entry, range(ENTRIES)))}
    files["references.md"] = "# References\n\n:bibliography:`refs.bib`\n"
    for radius in range(1, 31):
        files[f"img/circle-{radius}.svg"] = SVG.format(radius=radius)
    numbers: dict[str, list[int]] = {}
    for number in range(1, sections + 1):
        chapter = f"chapter_{(number - 1) // PER_CHAPTER + 1:02}"
        numbers.setdefault(chapter, []).append(number)
        files[f"{chapter}/section_{number:03}.md"] = _section(number)
    for chapter, own in numbers.items():
        names = [f"section_{number:03}" for number in own]
        title = f"# Chapter {chapter[-2:]}\n\nAn introduction.\n\n"
        files[f"{chapter}/index.md"] = title + _toc(names)
    chapters = [f"{chapter}/index" for chapter in numbers]
    toc = _toc(chapters, ":maxdepth: 2", ":numbered:") + "\n" + _toc(["references"])
    files["index.md"] = f"# A Made-up Book\n\n{toc}"
    return files


def _toc(names: list[str], *options: str) -> str:
    return "\n".join(["```toc", *options, "", *names, "```", ""])


def _key(number: int) -> str:
    return f"Author{number}.Other.{1900 + number % 120}"


def _entry(number: int) -> str:
    return (
        f"@article{{{_key(number)},\n"
        f"  title={{On {{E}}stimates of Kind {number} and $\\ell_{number}$ norms}},\n"
        f'  author={{Author{number}, A. and Other, Bea and M{{\\"u}}ller, C. D.}},\n'
        f"  journal={{Journal of Made-up Results}},\n  volume={{{number}}},\n"
        f"  pages={{{number}--{number + 9}}},\n  year={{{1900 + number % 120}}}\n}}\n"
    )


def _section(number: int) -> str:
    keys = [_key((number * 7 + step * 11) % ENTRIES) for step in range(5)]
    previous = max((number - 1) // PER_CHAPTER * PER_CHAPTER + 1, number - 1)
    return SECTION.format(
        n=number,
        p=previous,
        key=keys,
        first=f":citet:`{keys[0]}`",
        c=[
            side_by_side({name: _code(name, number, at) for name in IMPORTS})
            for at in range(CELLS)
        ],
        svg=number % 30 + 1,
        other=(number + 13) % 30 + 1,
    )


def _code(framework: str, number: int, at: int) -> str:
    lines = [
        f"num_examples, lr = {number * 10 + at}, 0.0{at + 1}",
        f"class Model{number}:  # {framework}",
        "    def __init__(self, w, b=0.0):",
        "        self.w, self.b = w, b",
        "    def __call__(self, x):",
        "        return sum(w * v for w, v in zip(self.w, x)) + self.b",
        f"model = Model{number}([0.5, {at}, -1])",
        f"print('step {at}:', round(model([1.0, 2.0, 3.0]), 4), num_examples * lr)",
    ]
    return "\n".join([IMPORTS[framework], "", *lines] if at == 0 else lines)

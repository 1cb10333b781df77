"""A made-up book of any size, with outputs that no kernel printed.

Its sections resemble those of a real book in kind and size. The outputs are stored as
if the notebooks had been executed, so its pages are built without any framework.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tabbook.base import config
from tabbook.base.config import Framework
from tabbook.notebooks import verified
from tabbook.notebooks.compile import notebook_path
from tabbook.notebooks.setup_cell import SETUP_CELL_ID
from tabbook.notebooks.verified import VerificationRecord
from tabbook.source.section import Section
from tests.support.books import side_by_side, store_outputs, write_files

PER_PART = 15
"""Sections of a part; each part has a page of its own in the table of contents."""

CELLS = 8
"""Code cells of a section in each framework, one set of tabs for each."""

CONFIG = """[project]
name = made-up
title = こしらえた本
author = 著者
copyright = 2026
release = 1
lang = ja

[build]
notebooks = index.md glossary.md part_*/*.md
tabs = mxnet, pytorch, tensorflow

[tabbook]
terms = terms.toml

[framework-mxnet]
label = MXNet
packages = mxnet

[framework-pytorch]
label = PyTorch
packages = torch

[framework-tensorflow]
label = TensorFlow
packages = tensorflow
"""

PINS = {
    "mxnet": "mxnet==1.9.1",
    "pytorch": "torch==2.13.0",
    "tensorflow": "tensorflow==2",
}
IMPORTS = {
    "mxnet": "from mxnet import np, npx\nfrom mxnet.gluon import nn\n\nnpx.set_np()",
    "pytorch": "import torch\nfrom torch import nn\n\ntorch.manual_seed(0)",
    "tensorflow": "import tensorflow as tf\n\ntf.keras.utils.set_random_seed(0)",
}

TERMS = (
    ("重み", "おもみ", "weight"),
    ("隠れ層", "かくれそう", "hidden layer"),
    ("学習率", "がくしゅうりつ", "learning rate"),
    ("活性化関数", "かっせいかかんすう", "activation function"),
    ("勾配", "こうばい", "gradient"),
    ("損失", "そんしつ", "loss"),
    ("テンソル", "てんそる", "tensor"),
    ("特徴量", "とくちょうりょう", "feature"),
    ("バイアス", "ばいあす", "bias"),
    ("パラメータ", "ぱらめーた", "parameter"),
)

PROSE = (
    "この節では、{a}と{b}の関係を順に調べます。前の節で作った部品をそのまま使い、"
    "値がどこで決まり、どこへ渡るのかを短いコードで確かめます。読み終えるころには、"
    "どの{a}も自分で取り出して説明できます。",
    "最初に{a}を用意します。形は計算の前に決まっていても、決まっていなくてもかまいません。"
    "ここでは**小さな例**を使い、`X`の行が標本、列が{b}に対応するとします。",
    "{a}を変えると、出力も変わります。変わり方は一定ではなく、{b}が大きいほど目立ちます。"
    "下のコードの出力を見る前に、どの行が変わるかを予想してください。",
    "予想と出力を比べます。違っていたら、{b}の計算に戻って1行ずつ追います。"
    "多くの場合、原因は{a}の形の取り違えです。",
    "次に、同じ計算を行列でまとめて書きます。:eqref:`eq_{n:03}`のように、{a}を1つの行列に"
    "集めると、繰り返しが要りません。記号の意味は:numref:`sec_{p:03}`と同じです。",
    "行列で書いた計算は、{b}の数が増えても同じ形のままです。速さの差は、標本の数が"
    "多いときほど大きくなります。",
    "最後に{a}を保存し、もう一度読み込みます。読み込んだ値が元の値と等しいことを、"
    "差の最大値で確かめます。{b}についても同じ手順を使えます。",
    "ここまでの結果を、:numref:`sec_{n:03}_matrix`の式に当てはめると、{a}と{b}の役割が"
    "はっきりします。続きは次の節で扱います。",
)
"""Paragraphs of a section; ``a`` and ``b`` are terms, ``n`` and ``p`` sections."""

TEXT = """# 第{n}節　{a}と{b}
:label:`sec_{n:03}`

{p[0]}

```{{.python .input}}
%load_ext d2lbook.tab
tab.interact_select(['mxnet', 'pytorch', 'tensorflow'])
```

{p[1]}

{c[0]}

{p[2]}

{c[1]}

{c[2]}

{p[3]}

{c[3]}

## 行列による計算
:label:`sec_{n:03}_matrix`

{p[4]}

$$\\mathbf{{h}}_{{{n}}} = \\sigma(\\sum_{{i=1}}^{{{n}}} \\mathbf{{W}}_i \\mathbf{{x}})$$
:eqlabel:`eq_{n:03}`

{c[4]}

{p[5]}

{c[5]}

{p[6]}

{c[6]}

## まとめ

{p[7]}

* {a}は、計算の前に形が決まる。
* {b}は、{a}と同じ手順で取り出せる。

{c[7]}

1. {a}の数を2倍にして、出力を比べてください。
1. {b}を0にすると、何が起こりますか。
"""


def write(folder: Path, sections: int) -> Path:
    """Write a book with committed outputs into a new folder; return the folder.

    The same number of sections gives the same bytes.
    """
    write_files(folder, _sources(sections))
    checked = {
        notebook_path(section.name, framework.name): VerificationRecord(
            CELLS, 1.0, _versions(framework)
        )
        for section, framework in store_outputs(folder, _fill)
    }
    verified.update(config.load(folder), checked, ())
    return folder


def _sources(sections: int) -> dict[str, str]:
    """Return the text of every file that is not made from another."""
    parts = [
        range(first, min(first + PER_PART, sections + 1))
        for first in range(1, sections + 1, PER_PART)
    ]
    below = [f"part_{number:02}/index" for number in range(1, len(parts) + 1)]
    files = {
        config.FILE_NAME: CONFIG,
        "index.md": "\n".join(
            [
                "# こしらえた本\n",
                _toc(below, ":maxdepth: 2", ":numbered:"),
                _toc(["glossary"]),
            ]
        ),
        "glossary.md": "# 用語集\n\n```glossary\n:sorted:\n```\n",
        "terms.toml": "\n".join(map(_term, TERMS)),
    }
    for name, pins in PINS.items():
        files[f"environments/{name}.txt"] = f"{pins}\n"
    for name, numbers in zip(below, parts, strict=True):
        names = [f"section_{number:03}" for number in numbers]
        files[f"{name}.md"] = f"# 第{len(files)}部\n\n部の案内です。\n\n{_toc(names)}"
        for number, chapter_number in zip(numbers, names, strict=True):
            files[f"{name.removesuffix('index')}{chapter_number}.md"] = _section(number)
    return files


def _toc(names: list[str], *options: str) -> str:
    return "\n".join(["```toc", *options, "", *names, "```", ""])


def _term(term: tuple[str, str, str]) -> str:
    japanese, reading, english = term
    return (
        f'[[term]]\njapanese = "{japanese}"\nreading = "{reading}"\n'
        f'english = "{english}"\nmeaning = "{english}と呼ばれるもの。"\n'
    )


def _section(number: int) -> str:
    a, b = (TERMS[(number * step) % len(TERMS)][0] for step in (1, 3))
    if a == b:
        b = TERMS[(number + 1) % len(TERMS)][0]
    values = {"a": a, "b": b, "n": number, "p": max(number - 1, 1)}
    prose = [sentence.format(**values) for sentence in PROSE]
    cells = [
        side_by_side({name: _code(name, number, at) for name in IMPORTS})
        for at in range(CELLS)
    ]
    return TEXT.format(a=a, b=b, n=number, p=prose, c=cells)


def _code(framework: str, number: int, at: int) -> str:
    lines = [
        f"num_hiddens = {number + at}",
        f"weight_{at} = [[i * j for j in range(4)] for i in range(num_hiddens)]",
        f"def step_{at}(X, lr=0.{at + 1}):",
        f"    # {framework}では行ごとに計算する",
        f"    return [sum(w * x for w, x in zip(row, X)) * lr for row in weight_{at}]",
        f"print('step {at}:', step_{at}([1.0, 2.0, 3.0, 4.0])[:3])",
        f"print('rows:', len(weight_{at}), 'columns:', len(weight_{at}[0]))",
    ]
    return "\n".join([IMPORTS[framework], *lines] if at == 0 else lines)


def _fill(
    notebook: NotebookNode, section: Section, framework: Framework
) -> dict[str, str]:
    """Give every code cell the lines that it would print."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(
        (cell for cell in cells if cell.get("id") != SETUP_CELL_ID), 1
    ):
        said = (
            f"step {count - 1}: [0.0, {count}.5, {count * 2}.25]\n"
            f"rows: {count} columns: 4 ({framework.label}, {section.name})\n"
        )
        cell.execution_count = count
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=said)]
    return _versions(framework)


def _versions(framework: Framework) -> dict[str, str]:
    """Return the versions that a framework's notebooks record."""
    pins = dict(line.split("==") for line in PINS[framework.name].split())
    return {"python": "3.11", **pins}

"""What a text says by pandoc's reader and by ours: formulas, tables, figures, links."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import pypandoc
from markdown_it.token import Token

from tabbook.source.markdown import parse
from tabbook.source.markdown.tokens import plain_text, walk

MARK_LINE = re.compile(r":(?!ref|numref|eqref|cite)[-/\\._\w]+:(?:`[^`\n]*`)?", re.M)
"""A line of nothing but a mark; d2lbook sets it apart before pandoc reads the text."""

SPACES = re.compile(r"\s+")


@dataclass
class Reading:
    """What a text says."""

    formulas: list[tuple[str, str]] = field(default_factory=list)
    """Kind, ``inline`` or ``display``, and TeX without spaces."""
    tables: list[list[list[str]]] = field(default_factory=list)
    """The cells of each row."""
    figures: list[tuple[str, str]] = field(default_factory=list)
    """Path and caption."""
    links: list[str] = field(default_factory=list)
    """Addresses."""


def pandoc_reading(text: str) -> Reading:
    """Return what pandoc reads, after what d2lbook does to a text."""
    lines = [
        f"\n{line}\n" if MARK_LINE.fullmatch(line) else line
        for line in text.split("\n")
    ]
    document = json.loads(pypandoc.convert_text("\n".join(lines), "json", "markdown"))
    reading = Reading()
    _collect(document["blocks"], reading)
    return reading


def our_reading(text: str) -> Reading:
    """Return what our parser reads."""
    (tokens,) = parse([text])
    reading = Reading()
    for at, token in enumerate(tokens):
        if token.type == "figure":
            caption = plain_text(token.children or ())
            reading.figures.append((_path(token.attrs["src"]), _tight(caption)))
        elif token.type == "table_open":
            reading.tables.append(list(_rows(tokens[at + 1 :])))
    for token in walk(tokens):
        if token.type == "math_inline":
            reading.formulas.append(("inline", _tight(token.content)))
        elif token.type in ("math_block", "math_display"):
            reading.formulas.append(("display", _tight(token.content)))
        elif token.type == "link_open":
            reading.links.append(_path(token.attrs["href"]))
    return reading


def _rows(tokens: list[Token]) -> Iterator[list[str]]:
    row: list[str] = []
    for token in tokens:
        if token.type == "table_close":
            return
        if token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            yield row
        elif token.type == "inline" and token.level > 3:
            row.append(_tight(plain_text(token.children or ())))


def _collect(node: Any, reading: Reading) -> None:
    """Add what a node of pandoc's tree says."""
    if isinstance(node, list):
        for each in node:
            _collect(each, reading)
        return
    if not isinstance(node, dict):
        return
    kind, content = node.get("t"), node.get("c")
    if kind == "Math":
        shown = {"InlineMath": "inline", "DisplayMath": "display"}[content[0]["t"]]
        reading.formulas.append((shown, _tight(content[1])))
    elif kind == "Figure":
        image = next(_images(content))
        reading.figures.append((_path(image["c"][2][0]), _tight(_shown(image["c"][1]))))
    elif kind == "Link":
        reading.links.append(_path(content[2][0]))
    elif kind == "Table":
        reading.tables.append(list(_pandoc_rows(content)))
    if kind == "Figure":
        _collect(image["c"][1], reading)
    else:
        _collect(content, reading)


def _images(node: Any) -> Iterator[Any]:
    if isinstance(node, dict) and node.get("t") == "Image":
        yield node
    children = node if isinstance(node, list) else []
    if isinstance(node, dict):
        children = [node.get("c")]
    for child in children:
        yield from _images(child)


def _pandoc_rows(content: Any) -> Iterator[list[str]]:
    head, bodies = content[3], content[4]
    rows = [*head[1], *(row for body in bodies for row in body[3])]
    for row in rows:
        yield [_tight(_shown(cell[4])) for cell in row[1]]


def _shown(node: Any) -> str:
    """Return the text of a node of pandoc's tree."""
    if isinstance(node, list):
        return "".join(map(_shown, node))
    if not isinstance(node, dict):
        return ""
    kind, content = node["t"], node.get("c")
    if kind in ("Code", "Math", "RawInline"):
        return str(content[1])
    leaves = {"Str": content, "Space": " ", "SoftBreak": " ", "LineBreak": " "}
    return str(leaves[kind]) if kind in leaves else _shown(content)


def _tight(text: str) -> str:
    return SPACES.sub("", text)


def _path(address: object) -> str:
    return unquote(str(address))

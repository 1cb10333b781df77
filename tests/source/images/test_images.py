"""Addresses of pictures mean the same file everywhere, whatever its name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypandoc
import pytest
from markdown_it.token import Token

from tabbook.base.config import FILE_NAME, load
from tabbook.source.images import is_local, locate, pictures
from tabbook.source.markdown import parse
from tabbook.source.markdown.tokens import walk
from tabbook.source.section import Section
from tests.support.books import write_files

NAMES = (
    "a.png",
    "my figure.png",
    "a(1).png",
    "図 二.PNG",
    "50%.png",
    "x%20y.png",
    "a+b&c,d.svg",
    "query?.png",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {f"static/{name}": "" for name in NAMES}
    write_files(tmp_path, {FILE_NAME: "[build]\ntabs = left\n", **files})
    return tmp_path


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("../static/a.png", "static/a.png"),
        ("/static/a.png", "static/a.png"),
        ("../static/./../static/a.png", "static/a.png"),
        ("../static/my%20figure.png", "static/my figure.png"),
        ("../static/my figure.png", "static/my figure.png"),
        ("../static/a(1).png", "static/a(1).png"),
        ("../static/a%281%29.png", "static/a(1).png"),
        ("../static/%E5%9B%B3%20%E4%BA%8C.PNG", "static/図 二.PNG"),
        ("../static/50%25.png", "static/50%.png"),
        ("../static/x%20y.png", "static/x%20y.png"),
        ("../static/a+b&c,d.svg", "static/a+b&c,d.svg"),
        ("../static/query?.png", "static/query?.png"),
        ("../static/a.png?raw=true", "static/a.png"),
        ("../static/a.png#part", "static/a.png"),
        ("../static/none%20here.png", "static/none here.png"),
        ("../static/none%00here.png", "static/none\0here.png"),
        ("../static/" + "long" * 100, "static/" + "long" * 100),
        ("../../outside.png", "../outside.png"),
    ],
)
def test_address_means_a_file(root: Path, address: str, path: str) -> None:
    assert locate(load(root), "chapter_a", address) == path


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("a.png", True),
        ("/a.png", True),
        ("", False),
        ("#a", False),
        ("//host/a.png", False),
        ("https://host/a.png", False),
        ("data:image/png;base64,AA==", False),
        ("attachment:a.png", False),
    ],
)
def test_address_elsewhere_is_told_from_a_path(address: str, local: bool) -> None:
    assert is_local(address) is local


def test_pictures_are_listed_with_their_lines() -> None:
    text = (
        "# T\n\n![a](a.png)\n\nText\n![b](<b c.png>) and <img src=d.png>\n\n"
        "<p>\n<img src='e.png'>\n<img src='https://x/f.png'></p>\n\n"
        "`![g](g.png)` ![h](//x/h.png)\n\n```\n![i](i.png)\n```\n\n"
        "| ![j](j.png) |\n|---|\n| x |\n\n> ![k](k l.png)\n"
    )
    assert [(each.address, each.line) for each in pictures(Section("x", text))] == [
        ("a.png", 3),
        ("b%20c.png", 6),
        ("d.png", 6),
        ("e.png", 9),
        ("j.png", 18),
        ("k%20l.png", 22),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "![a](a.png)",
        "![a](my figure.png)",
        "text ![図 *b*](../s/図 1.PNG) text",
        "![a](a(1).png) ![b](b (2).png)",
        "![a](a(1.png)",
        "![a](<my figure.png>)",
        "![a](my%20figure.png)",
        "![a]( a  b.png )",
        "![a](my figure.png 'a title')",
        '![a](my figure.png "a title")',
        '![a](a.png "title" more)',
        r"![a](a\ b c.png)",
        "![a](my figure.png",
        "![a] (my figure.png)",
        r"\![a](my figure.png)",
        "`![a](my figure.png)`",
        "![a](my\nfigure.png)",
        "![a](my\n\nfigure.png)",
        "![[a]](my figure.png)",
    ],
)
def test_images_are_those_of_pandoc(text: str) -> None:
    (tokens,) = parse([text])
    tree = json.loads(pypandoc.convert_text(text, "json", format="markdown"))
    assert list(_of_tokens(tokens)) == list(_of_pandoc(tree["blocks"]))


def test_reading_many_spaces_takes_no_time() -> None:
    text = "![a](" + "a  " * 20_000
    (tokens,) = parse([text])
    assert list(_of_tokens(tokens)) == []


def _of_tokens(tokens: list[Token]) -> Iterator[tuple[str, str]]:
    for token in walk(tokens):
        if token.type in ("image", "figure"):
            yield str(token.attrs["src"]), str(token.attrs.get("title", ""))


def _of_pandoc(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict) and node.get("t") == "Image":
        address, title = node["c"][2]
        (tokens,) = parse([f"![x](<{address}>)"])  # pandoc encodes spaces alone
        ((encoded, _),) = _of_tokens(tokens)
        yield encoded, title
    elif isinstance(node, dict | list):
        for inner in node.values() if isinstance(node, dict) else node:
            yield from _of_pandoc(inner)

"""Whatever value stands in a file that users edit, the answer is one message."""

from __future__ import annotations

import copy
import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat import v4

from tabbook.base.config import load
from tabbook.base.errors import BookError
from tabbook.execution.durations import Durations
from tabbook.export import archive
from tabbook.notebooks import verified
from tabbook.source import book
from tabbook.source.prose import terms
from tabbook.verification.facts import facts
from tests.support.books import HEAD, MakeBook, store_outputs

VALUES: list[Any] = [
    *(True, 0, -1, 1.5, 2**62, "", "x", "\x00", "../x"),
    *([], [1], ["x"], [[]], [{}], {}, {"x": 1}, {"x": {"x": []}}),
]

DEEP = "[" * 100_000

TERMS = """[[term]]
japanese = "勾配"
english = "gradient"
reading = "こうばい"
meaning = "傾きです。"
avoid = ["グラデーション"]
[[phrase]]
write = "できます"
avoid = ["することができます"]
"""
FACTS = """section = "chapter_a/one"
[[fact]]
claim = "本文です。"
cell = "print"
says = { l = "1" }
same = ["l"]
sum_of = ["l"]
gives = "l"
count = { "l.*" = 1 }
order = ["l", "r"]
"""
SECTION = "# 一\n\n本文です。\n\n```{.python .input}\n%%tab left\nprint('l: 1')\n```\n"
CONFIG = HEAD.replace("left, right", "left") + "[tabbook]\nterms = terms.toml\n"
NAME = ("chapter_a/one", "left")
NOTEBOOK = "notebooks/left/chapter_a/one.ipynb"
READERS: dict[str, Callable[[Path], object]] = {
    "terms.toml": lambda root: terms.load(load(root)),
    "facts/one.toml": lambda root: facts.check(book.load(load(root))),
    "notebooks/verified.json": lambda root: verified.load(book.load(load(root))),
    NOTEBOOK: lambda root: (
        verified.load(book.load(load(root))),
        archive.make_all(book.load(load(root))),
    ),
    "_build/seconds.json": lambda root: Durations(load(root)).expected(*NAME),
}
"""File: what reads all of it."""


@pytest.fixture(scope="module")
def root(make_book: MakeBook) -> Path:
    config = make_book(
        {
            "index.md": "# 本\n\n```toc\nchapter_a/one\n```\n",
            "chapter_a/one.md": SECTION,
            "terms.toml": TERMS,
            "facts/one.toml": FACTS,
        },
        CONFIG,
    )
    output = v4.new_output("stream", text="l: 1\n")

    def fill(notebook: Any, *_: object) -> dict[str, str]:
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.update(outputs=[output], execution_count=1)
        return {"python": "3.11"}

    assert len(list(store_outputs(config.root, fill))) == 1
    record = verified.VerificationRecord(1, 1.5, {"python": "3.11"})
    verified.update(config, {"left/chapter_a/one.ipynb": record}, ())
    durations = Durations(config)
    durations.add(*NAME, 1.5)
    durations.save()
    return config.root


@pytest.mark.parametrize("name", READERS)
@settings(
    derandomize=True,
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_wrong_type_is_one_message(root: Path, name: str, data: st.DataObject) -> None:
    file = root / name
    text = file.read_text("utf-8")
    is_toml = name.endswith(".toml")
    content = tomllib.loads(text) if is_toml else json.loads(text)
    place = data.draw(st.sampled_from(list(places(content))))
    changed = replaced(content, place, data.draw(st.sampled_from(VALUES)))
    file.write_text(as_toml(changed) if is_toml else json.dumps(changed), "utf-8")
    try:
        READERS[name](root)
    except BookError as error:
        first, *others = str(error).splitlines()
        assert Path(name).name in first or "run with" in first
        assert len(first) + sum(map(len, others)) < 1000
    finally:
        file.write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("terms.toml", TERMS.replace('"で', "で"), "terms.toml:8: is not TOML"),
        ("terms.toml", TERMS.replace('"でき', '0 # "'), "terms.toml:7: the phrase"),
        ("terms.toml", "term = 3", "terms.toml: term is 3; write each term below"),
        ("notebooks/verified.json", "{\n\n3", "verified.json:3: cannot be read"),
        (
            "notebooks/left/chapter_a/one.ipynb",
            '{"x":\n"',
            "one.ipynb:2: is not a notebook",
        ),
        ("notebooks/verified.json", DEEP, "verified.json: cannot be read"),
        (NOTEBOOK, DEEP, "one.ipynb: is not a notebook"),
    ],
    ids=range(7),
)
def test_message_names_the_line(root: Path, name: str, text: str, message: str) -> None:
    file = root / name
    before = file.read_text("utf-8")
    file.write_text(text, "utf-8")
    try:
        with pytest.raises(BookError) as refused:
            READERS[name](root)
    finally:
        file.write_text(before, "utf-8")
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the keys that lead to each value below the outermost one."""
    inner = value.items() if isinstance(value, dict) else ()
    for key, inner_value in enumerate(value) if isinstance(value, list) else inner:
        yield (*place, key)
        yield from places(inner_value, (*place, key))


def replaced(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    changed = copy.deepcopy(value)
    outer = changed
    for key in place[:-1]:
        outer = outer[key]
    outer[place[-1]] = new
    return changed


def as_toml(table: dict[str, Any]) -> str:
    return "".join(
        f"{json.dumps(key)} = {inline(item)}\n" for key, item in table.items()
    )


def inline(value: Any) -> str:
    """Return a value of JSON as TOML."""
    if isinstance(value, dict):
        pairs = (f"{json.dumps(key)} = {inline(item)}" for key, item in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(inline, value))}]"
    return json.dumps(value)

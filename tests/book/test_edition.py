"""The form of a section in the second edition: tables, pitfalls, outputs that teach."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from tabbook.base.config import Framework, load
from tabbook.notebooks.outputs.visible import strip_ansi
from tabbook.notebooks.store import path
from tabbook.source import book
from tabbook.source.section import Section
from tests.support.paths import ROOT

CONFIG = load(ROOT)
BOOK = book.load(CONFIG)
SECTIONS = [section for section in BOOK.pages if section.has_code]
NOTEBOOKS = [
    pytest.param(section, framework, id=f"{section.name}-{framework.name}")
    for section in SECTIONS
    for framework in BOOK.frameworks_of(section)
]
LAST_PARTS = ["対応表", "落とし穴", "まとめ", "演習"]
NONE = "なし"
"""What a cell of the table says where the framework has no such call."""

CODE = re.compile(r"(?P<ticks>`+)(?P<code>.+?)(?P=ticks)")
PITFALL = re.compile(r"^\* (?P<symptom>\*\*.+)$", re.MULTILINE)
MESSAGE = re.compile(r"\*\*(?P<ticks>`+) ?(?P<message>.+?) ?(?P=ticks)\*\*")
WIDEST_GAP = 300
"""Characters that ``...`` in a table's call may stand for, spaces left out."""

SEVERAL = re.compile(r"^:begin_tab:`[^`]*,.*?^:end_tab:", re.MULTILINE | re.DOTALL)
"""The text of a tab that several frameworks share."""

MOST_BOOLEANS = 12
"""One printed line in this many may be only ``True`` or ``False``."""

each_section = pytest.mark.parametrize(
    "section", SECTIONS, ids=lambda section: section.name
)
each_notebook = pytest.mark.parametrize(("section", "framework"), NOTEBOOKS)


@cache
def notebook(section: Section, framework: Framework) -> Any:
    """Return the committed notebook as JSON."""
    return json.loads(path(CONFIG, section, framework).read_text(encoding="utf-8"))


def sources(section: Section, framework: Framework, kind: str) -> str:
    cells = notebook(section, framework)["cells"]
    return "\n\n".join("".join(x["source"]) for x in cells if x["cell_type"] == kind)


def outputs(section: Section, framework: Framework) -> Iterator[str]:
    """Yield what the cells print and, of the exceptions they show, type and message."""
    for cell in notebook(section, framework)["cells"]:
        for output in cell.get("outputs", ()):
            yield "".join(output.get("text", ()))
            if "ename" in output:
                yield strip_ansi(f"{output['ename']}: {output['evalue']}")


def part(text: str, heading: str) -> str:
    """Return what stands below a heading of the second level, up to the next one."""
    _, mark, rest = text.partition(f"\n## {heading}\n")
    assert mark, f"## {heading} is missing"
    return re.split(r"^## ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def rows(section: Section) -> list[list[str]]:
    """Return the cells of the table of calls, its heading first."""
    lines = [
        line.strip().strip("|")
        for line in part(section.text, "対応表").split("\n")
        if line.startswith("|")
    ]
    table = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)] for line in lines]
    return [table[0], *table[2:]]


def squeezed(code: str) -> str:
    return re.sub(r"\s+", "", code)


def occurs(call: str, code: str) -> bool:
    """Tell whether a call of the table stands in code; ``...`` is any argument."""
    pieces = squeezed(call.replace("\\|", "|")).split("...")
    gap = f".{{0,{WIDEST_GAP}}}?"
    return bool(re.search(gap.join(map(re.escape, pieces)), squeezed(code)))


def test_occurs_ignores_spaces_and_left_out_arguments() -> None:
    code = "net.fit(X, y,\n        epochs=10)"
    assert occurs("net.fit(X,y, epochs=10)", code)
    assert occurs("net.fit(X, ...)", code)
    assert not occurs("net.fit(y, ...)", code)


@each_section
def test_section_ends_with_the_four_parts(section: Section) -> None:
    headings = re.findall(r"^## (.*)$", section.text, re.MULTILINE)
    assert headings[-len(LAST_PARTS) :] == LAST_PARTS


@each_section
def test_table_of_calls_has_a_column_per_framework(section: Section) -> None:
    heading, *calls = rows(section)
    assert heading == [
        "やりたいこと",
        *(framework.label for framework in CONFIG.frameworks),
    ]
    assert 5 <= len(calls) <= 9
    assert {len(row) for row in calls} == {len(heading)}


@each_notebook
def test_calls_of_the_table_stand_in_the_notebook(
    section: Section, framework: Framework
) -> None:
    heading, *calls = rows(section)
    column, code = heading.index(framework.label), sources(section, framework, "code")
    for row in calls:
        spans = [match["code"] for match in CODE.finditer(row[column])]
        assert spans or row[column] == NONE, row
        missing = [call for call in spans if not occurs(call, code)]
        assert missing == [], row[0]


@each_notebook
def test_symptoms_of_pitfalls_are_printed(
    section: Section, framework: Framework
) -> None:
    pitfalls = part(sources(section, framework, "markdown"), "落とし穴")
    symptoms = [match["symptom"] for match in PITFALL.finditer(pitfalls)]
    assert 3 <= len(symptoms) <= 5, symptoms
    shown = "\n".join(outputs(section, framework))
    messages = [match["message"] for match in map(MESSAGE.match, symptoms) if match]
    assert messages, "at least one symptom is a message"
    assert [message for message in messages if message not in shown] == []


@each_notebook
def test_few_printed_lines_are_only_true_or_false(
    section: Section, framework: Framework
) -> None:
    solutions = BOOK.solutions_of(section)
    printed = [
        line
        for source in filter(None, (section, solutions))
        for text in outputs(source, framework)
        for line in filter(None, text.split("\n"))
    ]
    booleans = [line for line in printed if re.fullmatch(r"(.*: )?(True|False)", line)]
    assert len(booleans) * MOST_BOOLEANS <= len(printed), booleans


@each_section
def test_an_easy_exercise_asks_why(section: Section) -> None:
    easy = re.findall(r"^1\. ★ .*$", part(section.text, "演習"), re.MULTILINE)
    assert any(re.search("なぜ|理由", exercise) for exercise in easy), easy


@each_section
def test_figures_are_labelled_and_described(section: Section) -> None:
    """Each figure has a caption, a label and a sentence that refers to it.

    Those in a tab of several frameworks have no label: d2lbook would repeat it.
    """
    for tab in SEVERAL.findall(section.text):
        assert ":label:" not in tab
        assert tab.count("](../static/") <= tab.count("次の図")
    for match in re.finditer(
        r"^!\[(?P<caption>.*)\]\(.*\)\n(?P<options>(?::.*\n)*)",
        SEVERAL.sub("", section.text),
        re.MULTILINE,
    ):
        label = re.search(r":label:`(?P<name>\w+)`", match["options"])
        assert match["caption"] and label, match[0]
        assert f":numref:`{label['name']}`" in section.text, match[0]

"""The house rules of this book's text, cells and outputs."""

from __future__ import annotations

import ast
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tabbook.base.config import Framework, load
from tabbook.lint import lint
from tabbook.notebooks.store import path
from tabbook.source import book
from tabbook.source.cells import dialect
from tabbook.source.cells.dialect import LOAD
from tabbook.source.prose import glossary
from tabbook.source.section import Section
from tests.support.paths import ROOT

CONFIG = load(ROOT)
BOOK = book.load(CONFIG)
SECTIONS = [section for section in BOOK.pages if section.has_code]
NOTEBOOKS = [
    pytest.param(section, framework, id=f"{section.name}-{framework.name}")
    for section in BOOK.sections
    for framework in BOOK.frameworks_of(section)
]
FIGURES = sorted((ROOT / "static").glob("*.svg"))
DRAWN = "static/logo.svg", "static/favicon.svg"
"""Pictures without words."""

ADDRESS = re.compile(r"0x[0-9a-f]{6,}|/tmp/|/home/|/root/|\d\.\d{6,}")
MOST_LINES = 18
MOST_COLUMNS = 78
SCREEN = 25


def test_configuration_has_no_problems() -> None:
    assert CONFIG.problems == ()
    names = [framework.name for framework in CONFIG.frameworks]
    assert names == ["pytorch", "tensorflow", "jax", "mxnet"]
    assert all(framework.colab for framework in CONFIG.frameworks)
    for framework in CONFIG.frameworks:
        assert dict(framework.variables)["OMP_NUM_THREADS"] == "1"


def test_lint_reports_no_problem_and_no_warning() -> None:
    assert [str(problem) for problem in lint(BOOK)] == []


def cells(section: Section) -> list[tuple[int, list[str]]]:
    """Return line and code of each cell, its line with the tab left out."""
    return [
        (cell.metadata.line, cell.source.split("\n")[1:])
        for cell in section.cells.cells
        if cell.cell_type == "code" and LOAD not in cell.source
    ]


@pytest.mark.parametrize("section", BOOK.sections, ids=lambda section: section.name)
def test_cells_fit_a_page(section: Section) -> None:
    for line, code in cells(section):
        assert len(code) <= MOST_LINES, f"{section.path}:{line}: {len(code)} lines"
        widest = max(map(len, code))
        assert widest <= MOST_COLUMNS, f"{section.path}:{line}: {widest} columns"


@pytest.mark.parametrize(("section", "framework"), NOTEBOOKS)
def test_notebook_records_the_versions_it_ran_with(
    section: Section, framework: Framework
) -> None:
    notebook = json.loads(path(CONFIG, section, framework).read_text(encoding="utf-8"))
    versions = notebook["metadata"]["tabbook"]["versions"]
    assert sorted(versions) == sorted(["python", *framework.packages])
    assert all(re.fullmatch(r"[\d.]+", version) for version in versions.values())


@pytest.mark.parametrize(("section", "framework"), NOTEBOOKS)
def test_outputs_fit_a_screen_and_contain_no_addresses(
    section: Section, framework: Framework
) -> None:
    notebook = json.loads(path(CONFIG, section, framework).read_text("utf-8"))
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            assert output.get("name") != "stderr", output
            text = "".join(output.get("text", ()))
            assert text.count("\n") <= SCREEN, text
            assert not ADDRESS.search(text), text


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_every_exercise_is_graded_and_solved(section: Section) -> None:
    _, _, exercises = section.text.partition("\n## 演習\n")
    grades = re.findall(r"^1\. (\S+) ", exercises, re.MULTILINE)
    assert 3 <= len(grades) <= 5
    assert set(grades) <= {"★", "★★", "★★★"}
    assert grades == sorted(grades, key=len), "from the easiest to the hardest"
    solutions = BOOK.solutions_of(section)
    assert solutions, f"{section.name}-solutions.md is missing"
    solved = re.findall(r"^## (.*)$", solutions.text, re.MULTILINE)
    assert solved == [f"演習{number}" for number in range(1, len(grades) + 1)]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda own: own.name)
def test_every_section_runs_in_every_framework(section: Section) -> None:
    solutions = BOOK.solutions_of(section)
    for own in filter(None, (section, solutions)):
        assert BOOK.frameworks_of(own) == CONFIG.frameworks, own.name


@pytest.mark.parametrize("section", BOOK.sections, ids=lambda prints: prints.name)
def test_tabs_print_the_same_labels(section: Section) -> None:
    """What can be compared line by line has the same labels in the same order.

    A group may leave a label out, where its framework has no such thing.
    """
    groups: list[list[list[str]]] = [[]]
    for cell in section.cells.cells:
        if cell.cell_type == "code" and LOAD not in cell.source:
            groups[-1].append(labels(cell.source))
        elif groups[-1]:
            groups.append([])
    for group in groups:
        longest = max(group, key=len, default=[])
        for prints in group:
            shared = [label for label in longest if label in prints]
            assert [label for label in prints if label in longest] == shared, group


def labels(source: str) -> list[str]:
    """Return what each print of a cell begins with."""
    tree = ast.parse("\n".join(source.split("\n")[1:]))
    return [
        call.args[0].value.partition(":")[0]
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "print"
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    ]


def test_every_section_is_linked_from_the_chapter_index() -> None:
    index = BOOK.section("chapter_builders-guide/index")
    assert index
    for section in SECTIONS:
        (label,) = [
            label.name
            for label in BOOK.labels.values()
            if label.section == section.name and label.name.startswith("sec_")
        ]
        assert f":numref:`{label}`" in index.text, section.name


def test_every_term_of_the_glossary_is_used() -> None:
    unused = [
        entry.term.japanese for entry in glossary.entries(BOOK) if not entry.first
    ]
    assert unused == []


def test_every_term_of_the_glossary_can_be_sorted() -> None:
    for term in BOOK.words.explained:
        assert re.fullmatch("[ぁ-ゖー]+", term.reading), term.japanese
        assert term.meaning.endswith("。"), term.japanese
    anchors = [term.anchor for term in BOOK.words.explained]
    assert len(set(anchors)) == len(anchors)


@pytest.mark.parametrize("figure", FIGURES, ids=lambda file: file.name)
def test_figures_are_small_and_have_title_and_description(figure: Path) -> None:
    root = ET.fromstring(figure.read_text("utf-8"))
    space = "{http://www.w3.org/2000/svg}"
    assert figure.stat().st_size < 20_000
    assert root.get("viewBox")
    assert not [
        element.tag
        for element in root.iter()
        if element.tag.endswith(("script", "image"))
    ]
    if str(figure.relative_to(ROOT)) not in DRAWN:
        for name in ("title", "desc"):
            element = root.find(space + name)
            assert element is not None and element.text, name
        used = [
            section.path for section in BOOK.sections if figure.name in section.text
        ]
        assert used, "no section shows it"


def test_frameworks_of_a_section_agree_with_the_reader_of_d2lbook() -> None:
    default = BOOK.config.default.name
    for section in BOOK.sections:
        for framework in BOOK.config.frameworks:
            own = dialect.for_framework(section.cells, framework.name, default)
            cells = (
                [cell for cell in own.cells if cell.cell_type == "code"] if own else []
            )
            assert section.runs_in(framework.name, default) is bool(cells)

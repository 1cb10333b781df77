"""The chapter's committed notebooks: complete without the engine, and run on Colab."""

from __future__ import annotations

import base64
import json
import re
import sys
from typing import Any

import nbformat
import pytest

from tabbook import environments
from tabbook.base.config import load
from tabbook.base.errors import BookError
from tabbook.execution.job import Job
from tabbook.execution.runner import run
from tabbook.notebooks import store
from tabbook.notebooks.compile import compile_section, pinned_versions
from tabbook.notebooks.prose import figures
from tabbook.notebooks.setup_cell import SETUP_CELL_ID
from tabbook.source import book
from tabbook.verification import colab
from tests.support.books import MakeBook
from tests.support.paths import ROOT
from tests.support.samples import one_notebook_per_framework

PNG = b"\x89PNG\r\n\x1a\n"
BOOK = book.load(load(ROOT))


CONFIG = BOOK.config


NOTEBOOKS = {
    str(file.relative_to(CONFIG.notebooks)): json.loads(file.read_text("utf-8"))
    for file in sorted(CONFIG.notebooks.rglob("*.ipynb"))
}


GPU = {"chapter_builders-guide/use-gpu", "chapter_builders-guide/use-gpu-solutions"}


MARK = re.compile(
    r"^%%tab|^# *@tab|^%load_ext d2lbook|# *@save|"
    r":(?:begin_tab|end_tab|label|numref|ref|eqref|eqlabel|width|height|cite\w?):|"
    r"\[\*\*|\*\*\]|\(\*\*(?!\w+[,)])|\*\*\)|[\[(]~~|~~[\])]",
    re.MULTILINE,
)
"""The dialect's marks; ``(**kwargs)`` is Python."""


IMAGE = re.compile(r'<img [^>]*src="(?P<html>[^"]*)"|!\[[^\]]*\]\((?P<plain>[^)]*)\)')


NUMBER = re.compile(r"図\d+")


each_notebook = pytest.mark.parametrize("name", NOTEBOOKS)


def sources(name: str, kind: str = "") -> list[str]:
    cells = NOTEBOOKS[name]["cells"]
    return ["".join(cell["source"]) for cell in cells if kind in cell["cell_type"]]


def test_pattern_matches_marks_and_no_python() -> None:
    for text in ("%%tab all", ":begin_tab:`a`", ":label:`x`", "(**文**)", "[**題**]"):
        assert MARK.search(text), text
    for text in ("super().__init__(**kwargs)", "**太字**", "def f(*a, **b):", "a:ref"):
        assert not MARK.search(text), text


@each_notebook
def test_notebook_contains_no_marks(name: str) -> None:
    marks = [match[0] for text in sources(name) for match in MARK.finditer(text)]
    assert marks == []


@each_notebook
def test_every_picture_is_embedded(name: str) -> None:
    texts = sources(name, "markdown")
    assert not [
        attachment
        for cell in NOTEBOOKS[name]["cells"]
        for attachment in cell.get("attachments", ())
    ]
    for match in (image for text in texts for image in IMAGE.finditer(text)):
        address = match["html"] or match["plain"]
        kind, _, content = address.partition(",")
        assert kind == "data:image/png;base64", address[:60]
        assert base64.b64decode(content, validate=True).startswith(PNG)


@each_notebook
def test_figure_numbers_match_their_references(name: str) -> None:
    texts = sources(name, "markdown")
    named = {match_text for text in texts for match_text in NUMBER.findall(text)}
    drawn = [text for text in texts if text.startswith("<img ")]
    assert named == {
        match_text for text in drawn for match_text in NUMBER.findall(text)
    }
    assert all("\n" not in text for text in drawn), "a figure has a cell for itself"


@each_notebook
def test_metadata_is_what_colab_expects(name: str) -> None:
    metadata = NOTEBOOKS[name]["metadata"]
    colab = {**metadata["colab"]}
    assert bool(colab.pop("collapsed_sections", [])) == name.endswith(
        "-solutions.ipynb"
    )
    assert colab == {"provenance": [], "toc_visible": True}
    assert metadata["kernelspec"]["name"] == "python3"
    assert metadata["language_info"]["pygments_lexer"] == "ipython3"
    framework, _, section = name.removesuffix(".ipynb").partition("/")
    wanted = section in GPU and framework != "mxnet"
    assert metadata.get("accelerator") == ("GPU" if wanted else None)


@each_notebook
def test_setup_cell_contains_the_pinned_versions(name: str) -> None:
    framework = CONFIG.framework(name.partition("/")[0])
    head, first, *_ = NOTEBOOKS[name]["cells"]
    assert head["source"][0].startswith("# ")
    assert f"（{framework.label}）" in head["source"][0]
    assert first["id"] == SETUP_CELL_ID
    assert first["outputs"] == []
    folded = {"cellView": "form", "jupyter": {"source_hidden": True}}
    assert first["metadata"] == folded
    assert first["source"][0].startswith("# @title ")
    versions = pinned_versions(CONFIG, framework)
    assert set(versions) == {"python", *framework.packages}
    assert repr(versions) in "".join(first["source"])


def test_committed_notebooks_equal_what_a_run_writes() -> None:
    """No figure, prose or first cell is old: ``./build.sh run``, then commit."""
    for section in BOOK.sections:
        for framework in BOOK.frameworks_of(section):
            compiled = compile_section(BOOK, section, framework)
            committed = store.load(CONFIG, section, framework)
            assert compiled
            today = store.reuse(CONFIG, framework, compiled, committed)
            file = store.path(CONFIG, section, framework)
            assert today, f"{file} is stale"
            assert store.text(today) == file.read_text("utf-8"), file
    assert figures.draw(BOOK) == []


@pytest.mark.slow
@pytest.mark.kernels
@pytest.mark.parametrize(
    "framework", CONFIG.frameworks, ids=lambda framework: framework.name
)
def test_notebooks_pass_with_the_versions_of_colab(framework: Any) -> None:
    """A sample: all of them run so every week (.github/workflows/weekly.yml)."""
    try:
        machine = colab.machines(BOOK, [framework])[0]
    except BookError as error:
        pytest.skip(f"Colab's versions cannot be installed here: {error}")
    for name, version in machine.installed.items():
        assert f"{name}: {version.partition('+')[0]}" in machine.setup_output
    sample = one_notebook_per_framework(BOOK, first=1)
    sections = [section for section, chosen in sample if chosen == framework]
    verdict = colab.check(BOOK, sections, [machine])
    assert [str(problem) for problem in verdict.problems] == []
    assert len(verdict.notebooks) == len(sections)


@pytest.mark.kernels
@pytest.mark.parametrize(
    "framework", CONFIG.frameworks, ids=lambda framework: framework.name
)
def test_setup_cell_does_nothing_outside_colab(
    framework: Any, make_book: MakeBook, light_environments: None
) -> None:
    """It runs where none of its imports could succeed."""
    assert framework.colab
    code = framework.colab.read_text("utf-8").replace("BOOK_VERSIONS", "{}")
    config = make_book({"index.md": "# 本\n"})
    jupyter = environments.prepare(config, config.default).jupyter
    cells = [
        nbformat.v4.new_code_cell(
            "before = set(dir()); import sys; path = sys.path[:]"
        ),
        nbformat.v4.new_code_cell(code),
        nbformat.v4.new_code_cell("print(sorted(set(dir()) - before - {'before'}))"),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    job = Job("s", "f", notebook, (0, 0, 0), (), 30)
    result = run(job, root=config.root, jupyter=jupyter)
    assert result.failure is None
    assert result.notebook.cells[1].outputs == []
    (left,) = result.notebook.cells[2].outputs
    assert "'path', 'sys'" in left.text
    assert "missing" not in left.text
    assert "google.colab" not in sys.modules

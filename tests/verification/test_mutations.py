"""200 single changes of committed notebooks and records, each of which is noticed.

What may pass unnoticed, and why:

- The traceback of an expected error, and all but the first line of its message: they
  name lines and addresses in libraries. Verification compares type and first line.
- Ids and metadata of a notebook: the next build writes them again. It does so with
  other prose, too, of which verification warns.
- The order of stderr among other outputs: it depends on timing.
"""

from __future__ import annotations

import base64
import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tabbook.base.config import Config
from tabbook.execution import planner
from tabbook.notebooks import store, verified, verified_file
from tabbook.notebooks.compile import compile_section
from tabbook.source import book
from tabbook.verification import check, verify
from tabbook.verification.examine import examine
from tabbook.verification.verdict import Verdict
from tests.support.books import MakeBook

pytestmark = pytest.mark.long

SECTIONS = 3
"""Few with many cells each: starting a kernel takes longer than running them."""

SVG = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M 10 20 L 30 40"/></svg>'
PNG = base64.b64encode(bytes(range(60))).decode()
SHOW = "from IPython.display import display\ndisplay({{{data!r}: {value!r}}}, raw=True)"
SVG_CELL = SHOW.format(data="image/svg+xml", value=SVG)
CELLS = 4 * (
    "print('loss: 0.125')\nprint('steps: 12')\nprint('shape: (3, 4)')",
    "import sys\nprint('warned 3 times', file=sys.stderr)",
    "print('out 1')\nprint('err 2', file=sys.stderr)",
    "6 * 7",
    "[[1, 2], [3, 4]]",
    SHOW.format(data="text/html", value="<b>12</b> of <i>34</i>"),
    SHOW.format(data="text/markdown", value="**5** of 6"),
    SHOW.format(data="text/latex", value="$x_1 + 2$"),
    SHOW.format(data="application/json", value={"a": [1, 2]}),
    SVG_CELL,
    SHOW.format(data="image/png", value=PNG),
    SHOW.format(data="image/jpeg", value=PNG),
    "display({'text/plain': 'figure 1', 'image/svg+xml': "
    + repr(SVG)
    + "}, raw=True)\nprint('after 1')",
    "display({'text/plain': 'one 1'}, raw=True)\n"
    "display({'text/plain': 'two 2'}, raw=True)",
    "# raises: ValueError\nraise ValueError('expected 3, got 4')",
    "print('\\n'.join(f'{i}: {i * i}' for i in range(12)))",
    "for row in range(3):\n    print(row, row / 4)",
    "print('True', 'False', 1e-3)",
    "spot = display('waiting 1', display_id=True)",
    "spot.update('finished 2')\nprint('done 3')",
)
SILENT = "x = 1"
CONFIG = """[project]
title = 本
lang = ja
[build]
notebooks = index.md *.md
tabs = left
[tabbook]
timeout = 60
[framework-left]
label = Left
preload = json
"""

Json = dict[str, Any]
Mutation = Callable[[random.Random, list[Json]], bool]


def change_digit(draw: random.Random, outputs: list[Json]) -> bool:
    """Change one digit of a text."""
    place = draw.choice(list(_texts(outputs)))
    holder, key, text = place
    digits = [at for at, letter in enumerate(text) if letter.isdigit()]
    if not digits or "image/png" in str(key) or "image/jpeg" in str(key):
        return False
    at = draw.choice(digits)
    holder[key] = text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]
    return True


def change_letter(draw: random.Random, outputs: list[Json]) -> bool:
    """Change one letter of a text, or a byte of a picture."""
    holder, key, text = draw.choice(list(_texts(outputs)))
    if str(key) in ("image/png", "image/jpeg"):
        content = bytearray(base64.b64decode(text))
        content[draw.randrange(len(content))] ^= 1
        holder[key] = base64.b64encode(bytes(content)).decode()
        return True
    letters = [at for at, letter in enumerate(text) if letter.isalpha()]
    if not letters:
        return False
    at = draw.choice(letters)
    holder[key] = text[:at] + text[at].swapcase() + text[at + 1 :]
    return True


def change_lines(draw: random.Random, outputs: list[Json]) -> bool:
    """Drop a line, or exchange two."""
    holder, key, text = draw.choice(list(_texts(outputs)))
    lines = text.splitlines(keepends=True)
    if len(lines) < 2 or len(set(lines)) < 2:
        return False
    if draw.random() < 0.5:
        del lines[draw.randrange(len(lines))]
    else:
        lines[0], lines[1] = lines[1], lines[0]
    holder[key] = "".join(lines)
    return True


def change_outputs(draw: random.Random, outputs: list[Json]) -> bool:
    """Drop, repeat or exchange outputs."""
    kind = draw.choice(["drop", "repeat", "exchange"])
    if kind == "drop":
        del outputs[draw.randrange(len(outputs))]
    elif kind == "repeat":
        outputs.append(copy.deepcopy(outputs[-1]))
    elif len(outputs) > 1 and "stderr" not in [o.get("name") for o in outputs]:
        outputs[0], outputs[1] = outputs[1], outputs[0]
    else:
        return False
    return True


def change_kind(draw: random.Random, outputs: list[Json]) -> bool:
    """Change the stream, the MIME type, the type of an error or of the output."""
    output = draw.choice(outputs)
    if "name" in output:
        output["name"] = "stderr" if output["name"] == "stdout" else "stdout"
    elif "ename" in output:
        output["ename"] = "TypeError"
    elif draw.random() < 0.5:
        kind, value = draw.choice(list(output["data"].items()))
        del output["data"][kind]
        is_json = kind == "application/json"
        output["data"]["application/x+json" if is_json else "text/x-other"] = value
    elif output["output_type"] == "display_data":
        output["metadata"] = {"width": 3}
    else:
        output["output_type"] = "display_data"
        output.pop("execution_count")
    return True


MUTATIONS: tuple[Mutation, ...] = (
    *(change_digit, change_letter, change_lines, change_outputs, change_kind),
)


def _texts(outputs: list[Json]) -> Iterator[tuple[Json, str, str]]:
    """Yield each text with the object and the key that hold it."""
    for output in outputs:
        for key in ("text", "evalue"):
            if key in output:
                yield output, key, _joined(output[key])
        for key, value in output.get("data", {}).items():
            text = value if isinstance(value, (str, list)) else json.dumps(value)
            yield output["data"], key, _joined(text)


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


@pytest.fixture(scope="module")
def config(make_book: MakeBook, light_module: None) -> Config:
    cell = "```{{.python .input}}\n%%tab left\n{code}\n```\n\n"
    section = "# 節\n\n" + "".join(cell.format(code=code) for code in [*CELLS, SILENT])
    names = [f"s{number}" for number in range(SECTIONS)]
    files = {f"{name}.md": section for name in names}
    files["index.md"] = "# 本\n\n```toc\n" + "\n".join(names) + "\n```\n"
    sample = make_book(files, CONFIG)
    loaded = book.load(sample)
    steps = planner.plan(loaded, loaded.sections, sample.frameworks)
    assert not [outcome for outcome in planner.run(loaded, steps) if outcome.failure]
    verdict = verify.verify(loaded, loaded.sections, sample.frameworks)
    assert verdict.problems == ()
    verified.update(sample, verdict.executed, verdict.failed)
    return sample


def code_cells(notebook: Json) -> list[Json]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def read(config: Config, name: str) -> Json:
    return dict(
        json.loads((config.notebooks / f"left/{name}.ipynb").read_text("utf-8"))
    )


def test_every_change_of_an_output_is_a_problem_of_its_cell(config: Config) -> None:
    draw = random.Random(7)
    before = {name: read(config, name) for name in map("s{}".format, range(SECTIONS))}
    changed: set[tuple[str, int]] = set()
    for name, original in before.items():
        notebook = copy.deepcopy(original)
        for index, cell in enumerate(code_cells(notebook)):
            if index < 2 or not cell["outputs"]:
                continue
            unchanged = copy.deepcopy(cell["outputs"])
            while cell["outputs"] == unchanged:
                mutation = draw.choice(MUTATIONS)
                cell["outputs"] = copy.deepcopy(unchanged)
                if not mutation(draw, cell["outputs"]):
                    cell["outputs"] = copy.deepcopy(unchanged)
            changed.add((name, index))
        file = config.notebooks / f"left/{name}.ipynb"
        file.write_text(json.dumps(notebook), "utf-8")
    loaded = book.load(config)
    verdict = verify.verify(loaded, loaded.sections, config.frameworks)
    held = verified.load(loaded)
    for name, original in before.items():
        text = store.text(store.nbformat.from_dict(original))
        (config.notebooks / f"left/{name}.ipynb").write_text(text, "utf-8")
    lines = _lines(CELLS)
    assert [
        str(problem) for problem in verdict.problems if problem.line not in lines
    ] == []
    reported = {
        (problem.path.removesuffix(".md"), lines.index(problem.line))
        for problem in verdict.problems
    }
    assert changed - reported == set()
    assert reported - changed == set()
    assert len(changed) >= 180
    assert held == {}


def _lines(cells: tuple[str, ...]) -> list[int]:
    """Return the source line of each cell's fence."""
    lines, at = [], 3
    for code in cells:
        lines.append(at)
        at += code.count("\n") + 5
    return lines


def _set_key(notebook: Json) -> None:
    notebook["metadata"]["tabbook"]["key"] = "0" * 64


def _set_version(notebook: Json) -> None:
    notebook["metadata"]["tabbook"]["versions"]["numpy"] = "9.9"


def _exchange_cells(notebook: Json) -> None:
    cells = notebook["cells"]
    cells[-1], cells[-2] = cells[-2], cells[-1]


def _count(notebook: Json) -> None:
    code_cells(notebook)[2]["execution_count"] = 7


def _result_count(notebook: Json) -> None:
    code_cells(notebook)[3]["outputs"][0]["execution_count"] = 9


def _edit_code(notebook: Json) -> None:
    code_cells(notebook)[-1]["source"] = "x = 2"


def _drop_cell(notebook: Json) -> None:
    notebook["cells"].pop()


def _add_cell(notebook: Json) -> None:
    notebook["cells"].append(copy.deepcopy(code_cells(notebook)[-1]) | {"id": "other"})


def _skip(notebook: Json) -> None:
    code_cells(notebook)[0]["metadata"]["tags"] = ["nbval-ignore-output"]


def _allow_error(notebook: Json) -> None:
    code_cells(notebook)[1]["metadata"]["tags"] = ["raises-exception"]


def _unexecuted(notebook: Json) -> None:
    code_cells(notebook)[-1]["execution_count"] = None


def _exchange_outputs_of_cells(notebook: Json) -> None:
    """Exchange what two cells gave, of the same kind, with the right counts."""
    first, second = (code_cells(notebook)[at]["outputs"][0] for at in (3, 4))
    first["data"], second["data"] = second["data"], first["data"]


def _svg_path(notebook: Json) -> None:
    data = code_cells(notebook)[CELLS.index(SVG_CELL)]["outputs"][0]["data"]
    text = _joined(data["image/svg+xml"])
    assert "M 10 20" in text
    data["image/svg+xml"] = text.replace("M 10 20", "M 10 21")


def _mime_type(notebook: Json) -> None:
    data = code_cells(notebook)[CELLS.index(SVG_CELL)]["outputs"][0]["data"]
    data["image/svg"] = data.pop("image/svg+xml")


NOTICED = (
    *(_set_key, _set_version, _exchange_cells, _count, _result_count, _edit_code),
    *(_drop_cell, _add_cell, _skip, _allow_error, _unexecuted),
    *(_exchange_outputs_of_cells, _svg_path, _mime_type),
)


@pytest.mark.parametrize("change", NOTICED)
def test_every_other_change_is_a_problem(
    config: Config, change: Callable[[Json], None]
) -> None:
    file = config.notebooks / "left/s0.ipynb"
    before = file.read_bytes()
    notebook = read(config, "s0")
    change(notebook)
    file.write_text(json.dumps(notebook), "utf-8")
    loaded = book.load(config)
    section = loaded.section("s0")
    assert section
    try:
        verdict = verify.verify(loaded, [section], config.frameworks)
        assert not verdict.passed
    finally:
        file.write_bytes(before)


def _prose(notebook: Json) -> None:
    notebook["cells"][0]["source"] = ["# 別の題"]


def _id(notebook: Json) -> None:
    notebook["cells"][1]["id"] = "other"


def _kernel(notebook: Json) -> None:
    notebook["metadata"]["kernelspec"]["name"] = "other"


def _metadata(notebook: Json) -> None:
    notebook["cells"][1]["metadata"]["collapsed"] = True


@pytest.mark.parametrize("change", [_prose, _id, _kernel, _metadata])
def test_what_a_build_writes_again_is_no_problem(
    config: Config, change: Callable[[Json], None]
) -> None:
    loaded = book.load(config)
    section = loaded.section("s0")
    assert section
    file, framework = config.notebooks / "left/s0.ipynb", config.default
    before = file.read_bytes()
    compiled = compile_section(loaded, section, framework)
    assert compiled
    assert store.settled(config, section, framework, compiled)
    notebook = read(config, "s0")
    change(notebook)
    file.write_text(json.dumps(notebook), "utf-8")
    assert not store.settled(config, section, framework, compiled)
    planner.run(loaded, planner.plan(loaded, [section], [framework]))
    assert file.read_bytes() == before


def test_other_text_is_a_warning_that_fails_the_check(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = book.load(config)
    section = loaded.section("s0")
    assert section
    file = config.notebooks / "left/s0.ipynb"
    before = file.read_bytes()
    notebook = read(config, "s0")
    _prose(notebook)
    file.write_text(json.dumps(notebook), "utf-8")
    try:
        (examined,) = examine(loaded, [section], [config.default])
    finally:
        file.write_bytes(before)
    (problem,) = examined.problems
    assert (problem.name, problem.severity) == ("old-text", "warning")
    assert "run s0 --framework left" in problem.message
    verdict = Verdict((examined,))
    monkeypatch.setattr(check.verify, "verify", lambda *args, **options: verdict)
    steps = check.run(loaded, without=set(check.STEPS) - {"verify"})
    by_name = {step.name: step for step in steps}
    assert not by_name["verify"].passed


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cells", 99),
        ("seconds", 0.1),
        ("unchecked", 1),
        ("versions", {"python": "3.0"}),
        ("digest", "0" * 64),
    ],
)
def test_changed_record_does_not_hold(config: Config, key: str, value: object) -> None:
    file = config.notebooks / verified_file.FILE
    before = file.read_text("utf-8")
    records = json.loads(before)
    verified.update(config, {}, [])
    for entry in records.values():
        entry[key] = value
    file.write_text(json.dumps(records), "utf-8")
    assert verified.load(book.load(config)) == {}
    file.write_text(before, "utf-8")
    assert len(verified.load(book.load(config))) == SECTIONS

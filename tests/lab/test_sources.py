"""A source as a notebook, and back: nothing changes but what was edited."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tabbook.lab.sources import to_notebook, to_text

SOURCE = """# One
:label:`sec_one`

Text.

```{.python .input}
%%tab left
x = 1
```

```{.python .input}
%%tab right
x = 2
```


:begin_tab:`left`
Left.
:end_tab:

After.

```python
shown = 1
```

## Two
"""

LINES = (
    *(
        "",
        " ",
        "# One",
        "text",
        "```",
        "```{.python .input}",
        "~~~{.python .input}",
        "~~~",
    ),
    *(
        ":begin_tab:`left`",
        ":end_tab:",
        "    deep",
        "````",
        "%%tab all",
        "\ufeff",
        "a\rb",
    ),
)


def opened(text: str) -> Any:
    """Return the notebook as Jupyter sends it back."""
    return json.loads(json.dumps(to_notebook(text, "left")))


def cell(kind: str, source: str) -> dict[str, Any]:
    return {"cell_type": kind, "metadata": {}, "source": source, "outputs": ["no"]}


@given(
    lines=st.lists(st.sampled_from(LINES)),
    newline=st.sampled_from(["\n", "\r\n"]),
    end=st.booleans(),
)
@example(lines=["\ufeff"], newline="\n", end=False)
@settings(max_examples=60, deadline=None)
def test_any_text_stays_as_it_is(lines: list[str], newline: str, end: bool) -> None:
    text = newline.join(lines) + newline * end
    assert to_text(opened(text)) == text


def test_cells_are_what_authors_expect() -> None:
    notebook = to_notebook(SOURCE, "left")
    assert [(each.cell_type, each.source) for each in notebook.cells] == [
        ("markdown", "# One\n:label:`sec_one`\n\nText."),
        ("code", "%%tab left\nx = 1"),
        ("code", "%%tab right\nx = 2"),
        ("markdown", ":begin_tab:`left`\nLeft.\n:end_tab:"),
        ("markdown", "After.\n\n```python\nshown = 1\n```"),
        ("markdown", "## Two"),
    ]
    assert notebook.metadata.kernelspec.name == "left"


@pytest.mark.parametrize(
    ("edit", "old", "new"),
    [
        (
            lambda cells: cells.pop(2),
            "```{.python .input}\n%%tab right\nx = 2\n```\n\n\n",
            "",
        ),
        (lambda cells: cells.pop(), "\n## Two\n", ""),
        (
            lambda cells: cells.insert(1, cell("code", "new")),
            "Text.\n\n",
            "Text.\n\n```{.python .input}\nnew\n```\n\n",
        ),
        (
            lambda cells: cells.append(cell("markdown", "Last.\n")),
            "## Two\n",
            "## Two\n\nLast.\n",
        ),
        (lambda cells: cells.append(cell("code", "")), "", ""),
        (
            lambda cells: cells[1].update(source="a = '''\n```\n'''"),
            "```{.python .input}\n%%tab left\nx = 1\n```",
            "````{.python .input}\na = '''\n```\n'''\n````",
        ),
        (
            lambda cells: cells[1].update(cell_type="markdown", source="Words."),
            "```{.python .input}\n%%tab left\nx = 1\n```",
            "Words.",
        ),
        (
            lambda cells: cells[0].update(source="# New"),
            SOURCE.partition("\n\n```")[0],
            "# New",
        ),
    ],
)
def test_an_edit_changes_its_cell_alone(edit: Any, old: str, new: str) -> None:
    notebook = opened(SOURCE)
    for each in notebook["cells"]:
        if each["cell_type"] == "code":
            each["outputs"], each["execution_count"] = ["printed"], 1
    edit(notebook["cells"])
    assert to_text(notebook) == SOURCE.replace(old, new, 1)


def test_a_cell_that_is_split_stays_two_cells() -> None:
    """Jupyter gives both halves the metadata of the whole."""
    notebook = opened("```{.python .input}\na\nb\n```\n")
    half = json.loads(json.dumps(notebook["cells"][0]))
    notebook["cells"][0]["source"], half["source"] = "a", "b"
    notebook["cells"].append(half)
    fence = "```{.python .input}\n%s\n```"
    assert to_text(notebook) == f"{fence % 'a'}\n\n{fence % 'b'}\n"


def test_a_book_written_in_a_new_notebook() -> None:
    notebook = {"cells": [cell("markdown", "# T"), cell("code", "x")], "metadata": {}}
    assert to_text(notebook) == "# T\n\n```{.python .input}\nx\n```\n"

"""What a source has for dropped tabs only is left out, line by line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tabbook.source.cells import dialect
from tabbook.source.section import Section

SOURCE = """# 題

[**前の文**]

```{.python .input}
# @tab gone
x = 1
```

後の文

:begin_tab:`gone`
消える文

```python
消えるコード
```
:end_tab:

:begin_tab:`gone, left`
残る文
:end_tab:

```{.python .input}
%%tab left, gone
x = 2
```
"""
SECTION = Section("one", SOURCE, frozenset({"gone"}))
WHOLE = replace(SECTION, dropped=frozenset())


def test_lines_of_dropped_tabs_are_blank_and_others_keep_their_numbers() -> None:
    changed = [
        line.number
        for line, shown in zip(WHOLE.lines, SECTION.lines, strict=True)
        if line.text != shown.text
    ]
    assert changed == [5, 6, 7, 8, 12, 13, 15, 16, 17, 18]
    assert all(not SECTION.lines[number - 1].text for number in changed)
    assert SECTION.source_lines == WHOLE.lines


def test_cells_of_other_tabs_are_the_same_as_before() -> None:
    notebooks = [
        dialect.for_framework(section.cells, "left", "left")
        for section in (WHOLE, SECTION)
    ]
    before, after = (
        [(cell.cell_type, cell.source, cell.metadata.line) for cell in notebook.cells]
        for notebook in notebooks
        if notebook
    )
    assert before == after
    assert len(SECTION.cells.cells) == len(WHOLE.cells.cells) - 2


@pytest.mark.parametrize(
    "text",
    [
        "```{.python .input}\n%%tab gone\nx\n",
        "```{.python .input}\n%%tab gone\nx\n```  \n",
        ":begin_tab:`gone`\n文\n",
        ":begin_tab:`gone`\n文\n:begin_tab:`left`\n文\n",
        ":begin_tab:`gone`\n```{.python .input}\nx\n```\n",
        ":begin_tab:`gone, all`\n文\n:end_tab:\n",
        "```\n:begin_tab:`gone`\n文\n:end_tab:\n```\n",
        "```python\n%%tab gone\n```\n",
    ],
)
def test_text_that_is_not_surely_dropped_stays(text: str) -> None:
    assert Section("one", text, frozenset({"gone"})).shown == text

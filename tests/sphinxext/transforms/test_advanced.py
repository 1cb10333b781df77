"""Advanced parts of a section are folded on its page, and plain text elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tabbook import sphinxext
from tabbook.notebooks.compile import compile_section
from tabbook.source import book
from tests.support.book_with_three_frameworks import TWO, MadeUpBook, make

DEEP = """
## 演習

1. 最初の演習。

## [**発展：計算の順序**]
:label:`sec_deep`

1. 深い一覧。

```{.python .input}
%%tab alpha
deep = 1
```

### 細部

細かい文です。

## 発展的な話題

折りたたみません。
"""


@pytest.fixture
def deep(tmp_path: Path) -> MadeUpBook:
    sample = make(tmp_path)
    sample.write("part/two.md", TWO + DEEP)
    sample.write("part/two-solutions.md", "# 解答\n\n## 演習1\n\n答えです。\n")
    sample.execute()
    return sample


def test_part_up_to_next_heading_is_folded(deep: MadeUpBook) -> None:
    result = sphinxext.build(deep.config)
    assert result.warnings == ""
    (box,) = deep.article("part/two").select("section.advanced")
    assert box["id"] == "sec-deep"
    (details,) = box.find_all("details", recursive=False)
    assert not details.has_attr("open")
    assert details.summary and details.summary.h2
    assert details.summary.h2.text.strip() == "発展：計算の順序#"
    assert "deep = 1" in details.text and "細かい文です。" in details.text
    assert "折りたたみません。" not in details.text
    contents = deep.page("part/two").select_one(".toc-tree")
    assert contents and contents.select_one('a[href="#sec-deep"]')
    index = deep.html()["search-index.js"].decode()
    assert json.dumps("sec-deep") in index and "細かい文です。" in index


def test_solutions_stand_below_exercises_not_in_advanced_part(deep: MadeUpBook) -> None:
    sphinxext.build(deep.config)
    solution = deep.article("part/two").select_one("#solution-1")
    exercises = solution and solution.find_parent("section")
    assert exercises and exercises.h2
    assert exercises.h2.text.startswith("演習")


def test_notebook_has_plain_heading(deep: MadeUpBook) -> None:
    loaded = book.load(deep.config)
    section = loaded.section("part/two")
    assert section
    notebook = compile_section(loaded, section, deep.config.framework("alpha"))
    assert notebook
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert any(text.endswith("## 発展：計算の順序\n\n1. 深い一覧。") for text in texts)
    assert not any("details" in text for text in texts)


def test_words_are_those_of_the_language(tmp_path: Path) -> None:
    sample = make(tmp_path)
    headings = ("Advanced: a", "going further: b", "Advanced topics", "発展：c")
    sample.edit("config.ini", "lang = ja", "lang = fr")
    sample.write(
        "part/two.md", TWO + "".join(f"\n## {text}\n\nx\n" for text in headings)
    )
    sample.execute()
    sphinxext.build(sample.config)
    summaries = sample.article("part/two").select("summary")
    assert [summarie.text.strip() for summarie in summaries] == [
        "Advanced: a#",
        "going further: b#",
    ]

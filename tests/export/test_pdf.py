"""The PDF of a made-up book with a drawing, formulas, a table and Japanese text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tabbook.export import pdf
from tabbook.source import book
from tests.support.book_with_three_frameworks import make

CALLS = (
    "net.save_parameters(str(path))",
    "load_state_dict(torch.load(path))",
    "list_physical_devices('GPU')",
    "SparseCategoricalCrossentropyLoss[index=1]",
)
WIDE = f"""
# 長いコード
:label:`sec_two`

{"と".join(f"`{'a' * length}`" for length in range(20, 40))}を調べます。

| 操作 | 一 | 二 | 三 | 四 |
|:--|:--|:--|:--|:--|
| 保存する | {" | ".join(f"`{call}`" for call in CALLS)} |
"""


@pytest.mark.filterwarnings("ignore::DeprecationWarning:sphinx")
def test_code_breaks_in_text_and_narrow_columns(tmp_path: Path) -> None:
    tiny = make(tmp_path)
    tiny.write("part/two.md", WIDE)
    framework = tiny.config.framework("beta")
    pdf.make(book.load(tiny.config), framework)
    folder = tiny.config.output / "sphinx-pdf" / framework.name / "latex"
    log = (folder / f"{framework.name}.log").read_text(errors="replace")
    points = re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)
    assert [width for width in points if float(width) > 6] == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning:sphinx")
def test_pdf_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    tiny = make(tmp_path)
    loaded = book.load(tiny.config)
    framework = tiny.config.framework("beta")
    file = pdf.make(loaded, framework)
    first = file.read_bytes()
    assert b"%PDF" in first
    file.unlink()
    assert pdf.make(loaded, framework).read_bytes() == first

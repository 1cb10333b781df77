"""Slides: marked text with the committed outputs."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat import NotebookNode

from tabbook.base.errors import BookError
from tabbook.environments import npm
from tabbook.export import slides
from tabbook.export.slides import layout
from tabbook.source import book
from tests.support.book_with_three_frameworks import MadeUpBook, make

SOURCE = """
# 第三節

前置き。(**最初の文**)。残り。

```{.python .input}
%%tab alpha
alpha_one = 1
```

## [**新しい見出し**]

(**式$x^2$の文**)と:numref:`fig_x`。(~~口頭では言わない~~)

```{.python .input}
%%tab alpha
alpha_two = 2  # 注
```

```{.python .input}
%%tab beta
beta_two = 2
```
"""
MARKS = re.compile(r":(numref|ref|eqref|label):|\*\*\)")

FILES = dict.fromkeys(slides.REVEAL_FILES, b"/* reveal */")


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MadeUpBook:
    monkeypatch.setattr(npm, "files", lambda *wanted: FILES)
    sample = make(tmp_path / "book")
    sample.write("part/three.md", SOURCE)
    sample.edit("index.md", "part/two\n", "part/two\npart/three\n")
    sample.execute()
    return sample


def deck_of(tiny: MadeUpBook, name: str, section: str) -> BeautifulSoup:
    loaded = book.load(tiny.config)
    index = slides.make(loaded, loaded.config.framework(name))
    text = (index.parent / f"{section}.html").read_text(encoding="utf-8")
    return BeautifulSoup(text, "html.parser")


def test_slide_holds_marked_text_and_the_code_below_it(tiny: MadeUpBook) -> None:
    page = deck_of(tiny, "alpha", "part/three")
    title, first, second = page.select(".slides > section")
    assert title.h1 and title.h1.text == "第三節"
    assert "Alpha" in title.text and "python 3" in title.text
    assert first.h2 and first.h2.text == "第三節"
    assert [paragraph.text for paragraph in first.select("p")] == ["最初の文"]
    assert "alpha_one = 1" in first.text and "<alpha> alpha_one_" in first.text
    assert second.h2 and second.h2.text == "新しい見出し"
    assert second.math and second.math.msup
    assert "口頭では言わない" in second.text
    for left_out in ("前置き", "残り", "beta_two", "# 注", "**", "colab_setup"):
        assert left_out not in page.text


def test_slides_read_the_dialect_as_pages_do(tiny: MadeUpBook) -> None:
    marked = "[**10$\\times$、$5と、H~2~O、~~誤り~~**]"
    tiny.edit("part/three.md", "(**最初の文**)", marked)
    tiny.execute()
    slide = deck_of(tiny, "alpha", "part/three").select(".slides > section")[1]
    assert slide.math and slide.math.text.strip() == "×"
    assert slide.sub and slide.sub.text == "2"
    assert slide.s and slide.s.text == "誤り"
    assert "、$5と、" in slide.text


SUPPLEMENTS = """
# 第三節

(**はじめに**)。

![丸い図](../round.svg)
:label:`fig_three`

```{.python .input}
%%tab alpha
#@fold_code
alpha_one = 1
```

説明だけの文。

$$
a = b
+ c
$$

```{.python .input}
%%tab alpha
#@hide_code
alpha_two = 2
```

## まとめ

一言。

* 要点$x^2$

## 演習

1. ★ 問い
"""


ABOVE_A_TITLE = SUPPLEMENTS.replace(
    "## まとめ", "![丸い図](../round.svg)\n\n## [**次の題**]\n\n(**文**)\n\n## まとめ"
)


def test_figure_above_a_title_stays_on_the_slide_before(tiny: MadeUpBook) -> None:
    tiny.write("part/three.md", ABOVE_A_TITLE)
    tiny.execute()
    *_, before, after, _ = deck_of(tiny, "alpha", "part/three").select("section")
    assert before.h2 and before.h2.text == "第三節" and before.select_one("img")
    assert after.h2 and after.h2.text == "次の題"
    assert not after.img


def test_slides_show_figures_formulas_and_the_summary(tiny: MadeUpBook) -> None:
    tiny.write("part/three.md", SUPPLEMENTS)
    tiny.execute()
    page = deck_of(tiny, "alpha", "part/three")
    first, last = page.select(".slides > section")[1], page.select("section")[-1]
    assert first.h2 and first.h2.text == "第三節"
    assert first.select_one(".block.drawing img") and "丸い図" in first.text
    assert page.select('.block math[display="block"]'), "two lines, one formula"
    assert last.h2 and last.h2.text == "まとめ"
    assert [item.text[:2] for item in last.select("li")] == ["要点"]
    assert last.math and "問い" not in page.text and "説明だけ" not in page.text


def test_outputs_wait_for_the_next_key_and_marks_are_obeyed(tiny: MadeUpBook) -> None:
    tiny.write("part/three.md", SUPPLEMENTS)
    tiny.execute()
    page = deck_of(tiny, "alpha", "part/three")
    folded, hidden = page.select(".slides .cell")
    code = folded.select_one(".highlight")
    assert code and code.text.strip() == "alpha_one = 1"
    assert folded.select_one(".output.fragment")
    assert "alpha_two = 2" not in hidden.text and "<alpha> " in hidden.text
    assert not hidden.select(".fragment"), "without code there is nothing to wait for"


def cell(kind: str, source: str, printed: int = 0) -> NotebookNode:
    outputs = [{"output_type": "stream", "name": "stdout", "text": "line\n" * printed}]
    fields = {"cell_type": kind, "metadata": {}, "source": source}
    return nbformat.from_dict(fields | ({"outputs": outputs} if printed else {}))


def test_long_code_goes_on_below_a_blank_line_and_outputs_follow() -> None:
    function = "def f():" + "\n    pass" * 9
    code = cell("code", "\n\n".join([function] * 3), printed=9)
    slides = list(layout.parts(layout.Slide("題", (cell("markdown", "文"), code))))
    assert [x.cell_type for x in slides[0].cells] == ["markdown", "code"]
    shown = [x for slide in slides for x in slide.cells if x.cell_type == "code"]
    assert "\n\n".join(x.source for x in shown if x.source) == code.source
    assert [bool(x.get("outputs")) for x in shown] == [False, False, False, True]
    for slide in slides:
        assert sum(map(layout.height, slide.cells)) <= layout.ROOM
        assert slide.title == "題"


def test_text_moves_with_its_code() -> None:
    code = cell("code", "\n".join(["x = 1"] * 12), printed=2)
    cells = (cell("markdown", "一"), code, cell("markdown", "二"), code)
    slides = list(layout.parts(layout.Slide("題", cells)))
    assert [[x.source[:1] for x in slide.cells] for slide in slides] == [
        ["一", "x"],
        ["二", "x"],
    ]


def test_each_framework_has_a_deck_of_its_own(tiny: MadeUpBook) -> None:
    page = deck_of(tiny, "beta", "part/three")
    assert "beta_two" in page.text and "alpha" not in page.text
    listed = deck_of(tiny, "beta", "index").select("a")
    assert ("第三節", "part/three.html") in [
        (deck_link.text, deck_link["href"]) for deck_link in listed
    ]
    assert "第二の節" not in [
        deck_link.text for deck_link in listed
    ]  # nothing is marked there


def test_slides_have_the_same_bytes_each_time(tiny: MadeUpBook) -> None:
    def content() -> dict[str, bytes]:
        folder = tiny.config.output / "slides"
        return {str(x): x.read_bytes() for x in folder.rglob("*") if x.is_file()}

    deck_of(tiny, "alpha", "part/three")
    before = content()
    deck_of(tiny, "alpha", "part/three")
    assert content() == before


def test_stale_outputs_leave_the_last_slides(tiny: MadeUpBook) -> None:
    deck_of(tiny, "alpha", "part/three")
    file = tiny.config.output / "slides/alpha/part/three.html"
    before = file.read_bytes()
    tiny.edit("part/three.md", "alpha_two = 2", "alpha_two = 3")
    with pytest.raises(BookError, match=r"part/three\.md: .* run with other code"):
        deck_of(tiny, "alpha", "part/three")
    assert file.read_bytes() == before


def test_message_names_the_package_when_npm_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(npm, "folder", lambda: tmp_path)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BookError, match=r"apt-get install .* npm"):
        npm.files(slides.REVEAL, ("LICENSE",))


def test_package_with_other_bytes_is_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(npm, "folder", lambda: tmp_path)
    slides.REVEAL.archive.write_bytes(b"half")
    with pytest.raises(BookError, match="deleted"):
        npm.files(slides.REVEAL, ("LICENSE",))
    assert not list(tmp_path.iterdir())

"""What is shown of an output, as tables of examples."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tabbook.base.translations import texts
from tabbook.sphinxext.mime import forms, svg
from tabbook.sphinxext.mime.epub import xhtml
from tabbook.sphinxext.mime.html import SANDBOX, clean
from tabbook.sphinxext.mime.html_text import text_of
from tests.support.tables import examples

HERE = Path(__file__).parent
WORDS = texts("en", "outputs")


def bundle(text: str) -> dict[str, object]:
    """Return the bundle that a table's lines ``type: content`` describe."""
    pairs = [line.split(": ", 1) for line in text.splitlines()]
    return {
        kind: json.loads(content) if kind.endswith("json") else content
        for kind, content in pairs
    }


def described(form: forms.Form) -> str:
    """Return a form as the tables write it."""
    lines = []
    for kind, content in form.data.items():
        if kind == forms.NOTE:
            lines.append(f"note: {content['words']}")
            if content["json"]:
                lines.append(f"json: {json.dumps(json.loads(content['text']))}")
            elif content["text"]:
                lines.append(f"text: {content['text']}")
        else:
            escaped = content.replace("\n", "\\n")
            lines.append(f"{kind}: {escaped}")
    name = "stopped" if form.stopped else "replaced"
    return "\n".join(sorted(lines) + [f"{name}: {form.replaced}"] * bool(form.replaced))


@pytest.mark.parametrize(("given", "expected"), examples(HERE / "forms.txt"))
def test_form_of_an_output(given: str, expected: str) -> None:
    form = forms.choose(bundle(given), WORDS, scripts=False)
    *lines, last = expected.splitlines() or [""]
    if last.startswith(("replaced", "stopped")):
        expected = "\n".join([*sorted(lines), last])
    else:
        expected = "\n".join(sorted([*lines, last]))
    assert described(form) == expected


@pytest.mark.parametrize(("given", "expected"), examples(HERE / "html.txt"))
def test_clean_html(given: str, expected: str) -> None:
    cleaned = clean(given)
    said = f"{cleaned.text}\nactive" if cleaned.active else cleaned.text
    assert said == expected
    assert clean(cleaned.text.replace(f" {SANDBOX}", "")).text == cleaned.text


@pytest.mark.parametrize(("given", "expected"), examples(HERE / "html_text.txt"))
def test_text_of_html(given: str, expected: str) -> None:
    assert text_of(given) == expected


def test_scripts_stay_where_the_book_allows_them() -> None:
    html = "<div id='x'></div><script>draw()</script>"
    given = {"text/html": html, "application/vnd.plotly.v1+json": {}}
    form = forms.choose(given, WORDS, scripts=True)
    assert form.data["text/html"] == html
    assert not form.replaced


def test_long_data_is_cut() -> None:
    form = forms.choose({"application/json": ["x" * 100] * 1000}, WORDS, scripts=False)
    text = form.data[forms.NOTE]["text"]
    assert len(text) < forms.LONGEST + 10
    assert text.endswith("…")


def test_content_may_be_a_list_of_lines() -> None:
    given = {"text/html": ["<b>a\n", "b</b>"], "text/plain": ["a\n", "b"]}
    data = forms.choose(given, WORDS, scripts=False).data
    assert data == {"text/html": "<b>a\nb</b>", "text/plain": "a\nb"}


PIECES = st.sampled_from((HERE / "pieces.txt").read_text("utf-8").splitlines())


@given(st.lists(PIECES, max_size=12).map("".join))
@settings(max_examples=300, deadline=None)
def test_nothing_runs_whatever_the_html(text: str) -> None:
    cleaned = clean(text)
    page = BeautifulSoup(cleaned.text, "html.parser")
    assert not page.select("script, object, embed, template, [onerror]")
    assert not page.select('[href^="javascript"]')
    text_of(text)
    xhtml(cleaned.text)


@given(st.text(max_size=60) | st.lists(PIECES, max_size=12).map("".join))
@example("<!--<script-->")
@example("<!--><script>1</script>-->")
@settings(max_examples=200, deadline=None)
def test_any_svg_is_accepted(text: str) -> None:
    cleaned, _ = svg.clean(f"<svg>{text}</svg>")
    assert not re.search(r"<script\b", cleaned)


@pytest.mark.parametrize(
    "repeated",
    ["<td>", "<iframe", "<th ", "<script", "[1,", "<a href='", "<![", "$x$ "],
)
def test_time_grows_with_the_length(repeated: str) -> None:
    def seconds(count: int) -> float:
        begin = time.process_time()
        data = {"text/html": repeated * count, "text/latex": repeated * count}
        forms.choose(data, WORDS, scripts=False)
        return time.process_time() - begin

    seconds(10)
    assert seconds(8000) < 40 * max(seconds(1000), 0.005)

"""Choose the form in which pages and books show an output.

An output is a bundle: the same thing in several MIME types. What a page cannot show, or
must not run, is replaced by a note and a text; the formats of the book then choose
among the types that remain.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tabbook.sphinxext.mime import svg
from tabbook.sphinxext.mime.html import CleanHtml, clean
from tabbook.sphinxext.mime.html_text import text_of

HTML, PLAIN, LATEX = "text/html", "text/plain", "text/latex"
MARKDOWN, PDF = "text/markdown", "application/pdf"
JAVASCRIPT = "application/javascript"
WIDGET = "application/vnd.jupyter.widget-view+json"
NOTE = "application/vnd.tabbook.note+json"
"""A note with a text, as ``Note.content``."""

SVG = "image/svg+xml"
PICTURES = frozenset(
    f"image/{name}" for name in ("svg+xml", "png", "jpeg", "gif", "webp")
)
RICH = PICTURES | {HTML, LATEX, MARKDOWN}
"""Types that show an output as it is meant."""

JSON = re.compile(r"application/(?:[\w.-]+\+)?json|application/[\w.-]+\.json")
CHART = re.compile(r"plotly|vega|bokeh|holoviews|echarts|highcharts")

NO_TEXT = re.compile(r"<[\w.]+(?: object)?(?: at 0x[0-9A-Fa-f]+)?>|<Figure size .*>")
"""Text of an object that says nothing but its class."""

TABLE = re.compile(r"\\begin\{(?:tabular|longtable|tabu)")
"""LaTeX that is no formula."""

SHORT_LIST = re.compile(r"\[\s+([^\[\]{}]{1,200}?)\s+\]")
"""A list of plain values over several lines."""

LONGEST = 20_000
"""Characters of JSON that are shown."""


@dataclass(frozen=True)
class Form:
    """The form of an output that pages show."""

    data: dict[str, Any]
    """Contents by MIME type; empty for an output that shows nothing."""
    replaced: str = ""
    """The output that a text or a note replaces; empty if it is shown as it is."""
    stopped: bool = False
    """Whether scripts would show it."""


@dataclass(frozen=True)
class Note:
    """A sentence about an output, and its text form."""

    words: str
    text: str = ""
    json: bool = False
    """Whether the text is JSON."""

    @property
    def content(self) -> dict[str, Any]:
        """Return the note as it stands in a notebook."""
        return {"words": self.words, "text": self.text, "json": self.json}


def choose(
    bundle: Mapping[str, Any], words: Mapping[str, str], *, scripts: bool
) -> Form:
    """Return the form of an output.

    :param bundle: contents by MIME type.
    :param words: texts for readers, by the keys of ``[outputs]`` in ``locale/``.
    :param scripts: let scripts of outputs run.
    """
    data = {kind: _joined(kind, content) for kind, content in bundle.items()}
    if scripts and data.keys() & {HTML, JAVASCRIPT}:
        return Form(_with_text(_known(data, JAVASCRIPT), words))
    stopped = _clean_svg(data)
    if LATEX in data and TABLE.search(data[LATEX]) and PLAIN in data:
        del data[LATEX]
    cleaned = clean(data.pop(HTML)) if HTML in data else None
    if cleaned and cleaned.readable:
        return _html(data, cleaned, words)
    if data.keys() & RICH:
        shown = _with_text(_known(data), words)
        return Form(shown, "SVG with a script" if stopped else "", stopped)
    if cleaned and not cleaned.active and data.keys() <= {PLAIN}:
        style = {HTML: cleaned.text, PLAIN: ""} if cleaned.styled else {}
        return Form(style)
    return _replacement(data, words, script=stopped or bool(cleaned and cleaned.active))


def _clean_svg(data: dict[str, Any]) -> bool:
    """Remove scripts from a picture; return whether it had any."""
    text, stopped = svg.clean(data.get(SVG, ""))
    if stopped:
        del data[SVG]
        data.update({SVG: text} if text else {})
    return stopped


def _joined(kind: str, content: Any) -> Any:
    """Return a content as one text; notebook files may hold a list of lines."""
    if isinstance(content, list) and not JSON.fullmatch(kind):
        return "".join(content)
    return content


def _known(data: Mapping[str, Any], *more: str) -> dict[str, Any]:
    kinds = RICH | {PLAIN, PDF, *more}
    return {kind: content for kind, content in data.items() if kind in kinds}


def _with_text(data: dict[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """Give an output that has none a text, for files that show text only."""
    if PLAIN in data and not NO_TEXT.fullmatch(data[PLAIN].strip()):
        return data
    data[PLAIN] = text_of(data.get(HTML, "")) or words["unknown"].format(
        type=", ".join(sorted(data.keys() - {PLAIN}))
    )
    return data


def _html(
    data: Mapping[str, Any], cleaned: CleanHtml, words: Mapping[str, str]
) -> Form:
    """Return the form of HTML that shows something without its scripts."""
    shown = _with_text({**_known(data), HTML: cleaned.text}, words)
    if not cleaned.active:
        return Form(shown)
    note = f'<p class="output-note">{html.escape(words["scripts"])}</p>'
    shown[HTML] = f"{cleaned.text}\n{note}"
    return Form(shown, "HTML with a script", stopped=True)


def _replacement(
    data: Mapping[str, Any], words: Mapping[str, str], *, script: bool
) -> Form:
    """Return the form of an output without a type that pages show."""
    text = data.get(PLAIN, "")
    text = "" if NO_TEXT.fullmatch(text.strip()) else text
    if WIDGET in data:
        return _note(Note(words["widget"], text), "a widget")
    for kind, content in data.items():
        if JSON.fullmatch(kind):
            name = "chart" if CHART.search(kind) else "data"
            note = _json_note(words[name].format(type=kind), content, text)
            return _note(note, kind, stopped=script)
    if script or JAVASCRIPT in data:
        return _note(Note(words["script"], text), "a script", stopped=True)
    if PDF in data:
        return Form(_pdf(data[PDF], text, words["pdf"]))
    if PLAIN in data or not data:
        return Form(_known(data))
    kinds = ", ".join(data)
    return _note(Note(words["unknown"].format(type=kinds)), kinds)


def _note(note: Note, replaced: str, *, stopped: bool = False) -> Form:
    return Form({NOTE: note.content}, replaced, stopped)


def _json_note(words: str, content: Any, text: str) -> Note:
    """Return JSON as a text, or the output's own text where that is too long."""
    pretty = json.dumps(content, indent=2, ensure_ascii=False)
    pretty = SHORT_LIST.sub(lambda match: f"[{' '.join(match[1].split())}]", pretty)
    if len(pretty) <= LONGEST:
        return Note(words, pretty, json=True)
    return Note(words, text or f"{pretty[:LONGEST]} …")


def _pdf(content: str, text: str, words: str) -> dict[str, Any]:
    """Return a PDF file as a link; the book in PDF shows the file."""
    address = f"data:application/pdf;base64,{''.join(content.split())}"
    link = f'<p><a download="output.pdf" href="{address}">{html.escape(words)}</a></p>'
    return {PDF: content, HTML: link, PLAIN: text or words}

"""Render outputs of cells on slides, in the same forms as on pages."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbformat import NotebookNode

from tabbook.base.translations import texts
from tabbook.notebooks.outputs.visible import strip_ansi
from tabbook.sphinxext.mime import forms, tex

PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp")
DISPLAYED = {"display_mode": True}

Formula = Callable[[str, dict[str, Any]], str]
"""Returns the HTML of a formula, given its TeX and the option ``display_mode``."""


@dataclass(frozen=True)
class OutputRenderer:
    """Renders outputs to HTML that runs no script."""

    language: str
    """Language tag of the notes."""
    formula: Formula

    def html(self, output: NotebookNode) -> str:
        """Return the HTML of an output; empty for nothing to show."""
        if "data" in output:
            words = texts(self.language, "outputs")
            return self._bundle(forms.choose(output.data, words, scripts=False).data)
        kind = ' class="stderr"' if output.get("name") == "stderr" else ""
        return _block("".join(output.get("text", "")), kind)

    @cached_property
    def _markdown(self) -> MarkdownIt:
        reader = MarkdownIt("commonmark", {"html": False}).enable("table")
        reader.use(amsmath_plugin, renderer=self._environment)
        return reader.use(dollarmath_plugin, renderer=self.formula)

    def _environment(self, text: str) -> str:
        return self.formula(text, DISPLAYED)

    def _bundle(self, data: Mapping[str, Any]) -> str:
        renderers: dict[str, Callable[[Any], str]] = {
            **{kind: partial(self._picture, kind) for kind in PICTURES},
            forms.NOTE: _note,
            forms.HTML: '<div class="html">{}</div>'.format,
            forms.LATEX: self._latex,
            forms.MARKDOWN: self._set,
            forms.PLAIN: _block,
        }
        kind = next((kind for kind in renderers if kind in data), None)
        return renderers[kind](data[kind]) if kind else ""

    def _latex(self, text: str) -> str:
        formula = tex.formula(text)
        return self._set(text) if formula is None else self.formula(formula, DISPLAYED)

    def _set(self, markdown: str) -> str:
        return f'<div class="html">{self._markdown.render(markdown)}</div>'

    def _picture(self, kind: str, content: str) -> str:
        if kind == "image/svg+xml":
            content = base64.b64encode(content.encode()).decode()
        address = f"data:{kind};base64,{content.strip()}"
        name = texts(self.language, "plots")["plot"]
        return f'<img alt="{name}" src="{address}">'


def _note(note: Mapping[str, Any]) -> str:
    return f'<p class="note">{escape(note["words"])}</p>{_block(note["text"])}'


def _block(text: str, attributes: str = "") -> str:
    text = strip_ansi(text).rstrip("\n")
    return f"<pre{attributes}>{escape(text)}</pre>" if text else ""

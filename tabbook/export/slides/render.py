"""Render slides to HTML: Markdown, code, outputs and formulas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from html import escape
from pathlib import Path
from typing import Any, cast

import jinja2
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup
from nbformat import NotebookNode
from pygments import highlight
from pygments.lexers import PythonLexer

from tabbook.base.config import Framework
from tabbook.base.translations import texts
from tabbook.export.slides.layout import Slide
from tabbook.export.slides.outputs import OutputRenderer
from tabbook.export.slides.supplements import is_block
from tabbook.notebooks.prose.renderer import ProseRenderer
from tabbook.source.book import Book
from tabbook.source.formulas import UnsetFormula, convert
from tabbook.source.markdown import parser
from tabbook.source.markdown.tokens import FORMULAS, plain_text
from tabbook.source.section import Section
from tabbook.sphinxext.html.code import Formatter
from tabbook.sphinxext.html.policy import policy

NOTEBOOK_LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<path>[^)\s]+)\.ipynb\)")

TAG = re.compile(r"\s*\\tag\{(?P<number>[^{}]*)\}\s*$")
"""The number at the end of a formula."""


@dataclass(frozen=True)
class Renderer:
    """Renders the decks of one framework."""

    book: Book
    framework: Framework
    names: set[str]
    """Names of the sections with slides."""

    @property
    def words(self) -> Mapping[str, str]:
        """Return the texts of slides in the language of the book."""
        return texts(self.book.config.language, "slides")

    @cached_property
    def templates(self) -> jinja2.Environment:
        """Return the templates in this folder."""
        return jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    @cached_property
    def markdown(self) -> MarkdownIt:
        """Return the dialect's parser, with HTML for its additions to Markdown."""
        reader = parser()
        rules = cast(dict[str, object], cast(RendererHTML, reader.renderer).rules)
        for kind, display in FORMULAS.items():
            rules[kind] = partial(self._formula_rule, display)
        rules["figure"] = _picture
        return reader

    def _formula_rule(
        self, display: bool, tokens: Sequence[Token], at: int, *_: object
    ) -> str:
        return self._formula(tokens[at].content, {"display_mode": display})

    @cached_property
    def outputs(self) -> OutputRenderer:
        """Return the renderer of outputs."""
        return OutputRenderer(self.book.config.language, self._formula)

    def deck(
        self, section: Section, slides: Sequence[Slide], versions: dict[str, str]
    ) -> str:
        """Return the slides of a section as a page."""
        listed = ", ".join(f"{name} {number}" for name, number in versions.items())
        return self.templates.get_template("deck.html").render(
            **self._common(section.name.count("/")),
            title=section.title,
            versions=self.words["verified"].format(versions=listed) if versions else "",
            slides=[
                (
                    self._inline(section, slide.title),
                    [self._cell(section, cell) for cell in slide.cells],
                )
                for slide in slides
                if slide.cells
            ],
        )

    def index(self, sections: Iterable[Section]) -> str:
        """Return the page that lists the slides of all sections."""
        return self.templates.get_template("index.html").render(
            **self._common(0),
            sections=[(section.title, f"{section.name}.html") for section in sections],
        )

    def _common(self, depth: int) -> dict[str, Any]:
        config = self.book.config
        return {
            "language": config.language,
            "book": config.title,
            "author": config.author,
            "colour": config.colour,
            "colour_dark": config.colour_dark,
            "framework": self.framework.label,
            "words": self.words,
            "home": "../" * depth + "index.html",
            "policy": policy(config),
            "shared": "../" * (depth + 1) + "reveal",
        }

    def _text(self, section: Section, text: str) -> str:
        """Return the Markdown of a slide's text, with links between slides."""
        markdown = ProseRenderer(self.book, section, self.framework).render(text)
        return NOTEBOOK_LINK.sub(lambda match: self._link(section, match), markdown)

    def _link(self, section: Section, match: re.Match[str]) -> str:
        """Return a link to other slides, or plain text where there are none."""
        target = (Path(section.folder) / match["path"]).as_posix()
        if target not in self.names:
            return match["text"]
        return f"[{match['text']}]({match['path']}.html)"

    def _inline(self, section: Section, text: str) -> Markup:
        return Markup(self.markdown.renderInline(self._text(section, text)))

    def _cell(self, section: Section, cell: NotebookNode) -> Markup:
        if cell.cell_type == "markdown":
            # d2lbook joins marked texts by a line break; each becomes a paragraph.
            text = cell.source
            if not is_block(cell):
                text = "\n\n".join(text.splitlines())
            html = self.markdown.render(self._text(section, text))
            return Markup(_framed(html, cell) if is_block(cell) else html)
        code = highlight(cell.source, PythonLexer(), Formatter()) if cell.source else ""
        outputs = "".join(map(self.outputs.html, cell.get("outputs", ())))
        if outputs:
            held = " fragment" if code else ""  # until the next key
            outputs = f'<div class="output{held}">{outputs}</div>'
        return Markup(f'<div class="cell">{code}{outputs}</div>')

    def _formula(self, text: str, options: dict[str, Any]) -> str:
        """Return the MathML of a formula, or its TeX if it cannot be set."""
        display = bool(options["display_mode"])
        result = convert(text, display=display, macros=self.book.config.macros)
        if isinstance(result, UnsetFormula):
            return _code(text)
        return result


def _code(tex: str) -> str:
    """Return a formula that cannot be set as code, with its number as on pages."""
    tag = TAG.search(tex)
    number = f' <span class="eqno">({escape(tag["number"])})</span>' if tag else ""
    return f'<code class="formula">{escape(TAG.sub("", tex))}</code>{number}'


def _framed(html: str, cell: NotebookNode) -> str:
    """Return the HTML of a block; drawings may turn dark, photographs may not."""
    drawing = " drawing" if ".svg" in cell.source else ""
    return f'<div class="block{drawing}">{html}</div>'


def _picture(tokens: Sequence[Token], at: int, *_: object) -> str:
    """Return a picture that has its line to itself."""
    alternative = escape(plain_text(tokens[at].children or ()))
    return (
        f'<p><img alt="{alternative}" src="{escape(str(tokens[at].attrs["src"]))}"></p>'
    )

"""The edits that turn the text of a section into that of a notebook.

Each token that is not plain Markdown becomes an edit of its place in the text; the rest
stays as it was written.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from markdown_it.token import Token

from tabbook.base.tex.macros import expand
from tabbook.notebooks.prose.citations import notebook_citation, notebook_references
from tabbook.source.images.alternative import alternative_text
from tabbook.source.images.html import with_addresses
from tabbook.source.markdown.edits import Edit, apply, remove_line
from tabbook.source.markdown.places import PLACE, Lines
from tabbook.source.markdown.tokens import FORMULAS, attached_labels, walk
from tabbook.source.prose.glossary import GLOSSARY
from tabbook.source.structure.toc import TOC

if TYPE_CHECKING:
    from tabbook.notebooks.prose.renderer import ProseRenderer

DOLLAR = re.compile(r"(?<!\\)(?:\\\\)*(?P<dollar>\$)")
"""A dollar that is not escaped."""

LITERAL = frozenset({*FORMULAS, "code_inline", "html_inline"})
"""Tokens whose dollars are not text."""


@dataclass(frozen=True)
class TextEdits:
    """The edits of one text."""

    renderer: ProseRenderer
    text: str
    tokens: Sequence[Token]

    @cached_property
    def lines(self) -> Lines:
        """Return the lines of the text."""
        return Lines(self.text)

    def edits(self) -> Iterator[Edit]:
        """Yield the edits of all tokens, and of dollars that open no formula."""
        for at, token in enumerate(self.tokens):
            yield from self._block(token, self.tokens[at + 1 :])
            for mark in (*attached_labels(token), *token.meta.get("sizes", ())):
                yield from self._hidden(mark)
            if token.type == "inline":
                yield from self._inline(token.children or ())
        yield from stray_dollars(self.text, self.tokens)

    def _block(self, token: Token, after: Sequence[Token]) -> Iterator[Edit]:
        if token.type == "fence":
            yield from self._fence(token)
        elif token.type == "figure":
            yield from self._replaced(token, self._figure(token))
        elif token.type == "table_open":
            yield from self._table(token, after)
        elif token.type == "math_block":
            yield from self._formula(token)
        elif token.type == "footnote_reference_open":
            yield from self._footnote(token)
        elif token.type == "html_block":
            yield from self._html_block(token)

    def _inline(self, children: Iterable[Token]) -> Iterator[Edit]:
        for token, after in _with_next(children):
            if token.type in ("label", "size"):
                yield from self._hidden(token)
            elif token.type == "html_inline":
                yield from self._html_inline(token)
            elif token.type == "image":
                yield from self._replaced(token, self._image(token))
            elif token.type in ("sub_open", "sup_open"):
                shown = f"<{token.tag}>{after.content if after else ''}</{token.tag}>"
                yield from self._replaced(token, shown)
            elif token.type in ("math_inline", "math_display"):
                yield from self._formula(token)
            elif token.type in INLINE:
                yield from self._replaced(token, INLINE[token.type](self, token))

    def _replaced(self, token: Token, text: str) -> Iterator[Edit]:
        if PLACE in token.meta:
            yield Edit.at(token.meta[PLACE], text)

    def _hidden(self, token: Token) -> Iterator[Edit]:
        """Remove a mark, with its line if that has nothing else."""
        if PLACE in token.meta:
            yield remove_line(self.text, token.meta[PLACE])

    def _fence(self, token: Token) -> Iterator[Edit]:
        renderers = {TOC: self.renderer.toc, GLOSSARY: self.renderer.glossary}
        render = renderers.get(token.info.strip())
        if render and token.map:
            yield Edit.at(self.lines.of(token), render(token.content))

    def _html_inline(self, token: Token) -> Iterator[Edit]:
        """Embed the image of a tag within a line."""
        shown = with_addresses(token.content, self.renderer.address)
        if shown != token.content:
            yield from self._replaced(token, shown)

    def _html_block(self, token: Token) -> Iterator[Edit]:
        """Embed the images of raw HTML, within a quotation or a list too."""
        begin, end = self.lines.of(token)
        content = token.content.rstrip("\n")
        shown = with_addresses(content, self.renderer.address)
        if shown != content:
            lines = self.text[begin:end].split("\n")
            pairs = zip(lines, content.split("\n"), strict=False)
            before = [line.removesuffix(html) for line, html in pairs]
            prefixes = [before[0], *before[1:2] * shown.count("\n")]
            written = zip(prefixes, shown.split("\n"), strict=True)
            yield Edit(begin, end, "\n".join(map("".join, written)))

    def _figure(self, token: Token) -> str:
        """Return a picture on a line of its own, with its size and its caption."""
        width = self.renderer.width(token)
        attribute = f' width="{width}"' if width else ""
        alternative = html.escape(
            alternative_text(self.renderer.book, token.children or ())
        )
        source = self.renderer.address(str(token.attrs["src"]))
        text = self.renderer.caption(token, self._nested(token))
        return f'<img alt="{alternative}"{attribute} src="{source}"><br>{text}'

    def _nested(self, token: Token) -> str:
        """Return the Markdown of a figure's caption, as one line."""
        begin = token.meta[PLACE][0] + len("![") if PLACE in token.meta else 0
        return self._one_line(token, begin)

    def _caption(self, token: Token, after: int) -> str:
        """Return the Markdown of a table's caption, as one line.

        :param after: where the line of the caption begins in the text.
        """
        begin = self.text.find(token.content.partition("\n")[0], after)
        return self._one_line(token, begin)

    def _one_line(self, token: Token, begin: int) -> str:
        edits = [
            Edit(edit.begin - begin, edit.end - begin, edit.text)
            for edit in self._inline(token.children or ())
        ]
        return apply(token.content, edits).replace("\n", " ")

    def _image(self, token: Token) -> str:
        address = self.renderer.address(str(token.attrs["src"]))
        if re.search(r"[\s()]", address):
            address = f"<{address}>"
        title = f' "{token.attrs["title"]}"' if "title" in token.attrs else ""
        return f"![{token.content}]({address}{title})"

    def _table(self, table: Token, after: Sequence[Token]) -> Iterator[Edit]:
        """Give a table's caption its number, and hide pipes that would end a cell."""
        begin, end = self.lines.of(table)
        if after[0].type == "table_caption_open":
            place = self.lines.of(after[0])
            shown = self._caption(after[1], place[0])
            yield Edit.at(place, self.renderer.caption(table, shown) + "\n")
        elif text := self.renderer.caption(table, ""):
            yield Edit(begin, begin, f"{text}\n\n")
        for token in walk(after):
            if token.type == "table_close":
                break
            yield from self._pipes(token, end)

    def _pipes(self, token: Token, end: int) -> Iterator[Edit]:
        place = token.meta.get(PLACE)
        tex = expand(token.content, self.renderer.book.config.macros)
        if place and place[1] <= end and "|" in tex:
            if token.type == "math_inline":
                tex = tex.replace(r"\|", r"\Vert ").replace("|", r"\vert ").strip()
                yield Edit.at(place, f"${tex}$")
            elif token.type == "code_inline":
                begin, last = place
                yield Edit(begin, last, self.text[begin:last].replace("|", r"\|"))

    def _formula(self, token: Token) -> Iterator[Edit]:
        """Expand the macros, which notebooks cannot declare, and add the number."""
        if PLACE not in token.meta:
            return
        written = slice(*token.meta[PLACE])
        tex = expand(self.text[written], self.renderer.book.config.macros)
        if label := self.renderer.label(token):
            tag = f"\\tag{{{label.text.strip('()')}}}"
            tex = tex.removesuffix("$$") + tag + "$$"
        if tex != self.text[written]:
            yield Edit.at(token.meta[PLACE], tex)

    def _footnote(self, token: Token) -> Iterator[Edit]:
        name = token.meta["label"]
        begin, _ = self.lines.of(token)
        mark = f"[^{name}]:"
        begin = self.text.find(mark, begin)
        if begin >= 0:
            yield Edit(begin, begin + len(mark), f"<sup>{name}</sup>")


def stray_dollars(text: str, tokens: Sequence[Token]) -> Iterator[Edit]:
    """Escape the dollars that open no formula, but would in notebooks.

    :param tokens: those of the text.
    """
    lines = Lines(text)
    literal = sorted(
        token.meta[PLACE]
        for token in walk(tokens)
        if token.type in LITERAL and PLACE in token.meta
    )
    for line in _text_lines(tokens):
        begin, end = lines.place(line, line + 1)
        for match in DOLLAR.finditer(text, begin, end):
            at = match.start("dollar")
            if not any(place[0] <= at < place[1] for place in literal):
                yield Edit(at, at, "\\")


def _text_lines(tokens: Sequence[Token]) -> list[int]:
    """Return the lines of all inline text, each once."""
    maps = [token.map for token in tokens if token.type == "inline"]
    return sorted({line for lines in maps if lines for line in range(*lines)})


def _with_next(tokens: Iterable[Token]) -> Iterator[tuple[Token, Token | None]]:
    ordered = list(tokens)
    return zip(ordered, [*ordered[1:], None], strict=False)


def _reference(edits: TextEdits, token: Token) -> str:
    return edits.renderer.reference(token.meta["name"])


def _citation(edits: TextEdits, token: Token) -> str:
    renderer = edits.renderer
    return notebook_citation(
        renderer.book,
        renderer.section,
        renderer.framework,
        token.meta["kind"],
        token.meta["keys"],
    )


def _bibliography(edits: TextEdits, token: Token) -> str:
    renderer = edits.renderer
    references = notebook_references(
        renderer.book, renderer.section, renderer.framework, token.meta["files"]
    )
    return "\n".join(references)


def _mark(edits: TextEdits, token: Token) -> str:
    return f"`{token.meta['value']}`"


def _footnote_reference(edits: TextEdits, token: Token) -> str:
    return f"<sup>{token.meta['label']}</sup>"


INLINE: dict[str, Callable[[TextEdits, Token], str]] = {
    "reference": _reference,
    "citation": _citation,
    "bibliography": _bibliography,
    "mark": _mark,
    "footnote_ref": _footnote_reference,
}
"""Functions that write an inline token for notebooks, by its type."""

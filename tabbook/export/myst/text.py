"""Write the prose of a section in MyST's syntax, by edits of what its author wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, unquote

from markdown_it.token import Token

from tabbook.base.tex.macros import expand
from tabbook.base.translations import texts
from tabbook.export.myst.roles import INLINE
from tabbook.notebooks.prose.text_edits import stray_dollars
from tabbook.source.book import Book
from tabbook.source.markdown.edits import Edit, apply, remove_line
from tabbook.source.markdown.places import PLACE, Lines
from tabbook.source.markdown.tokens import FORMULAS, attached_labels, plain_text, walk
from tabbook.source.prose import Prose
from tabbook.source.prose.glossary import GLOSSARY
from tabbook.source.rst import RST
from tabbook.source.section import Section
from tabbook.source.structure.toc import TOC
from tabbook.sphinxext.reader.generated import VERIFICATION

AT = re.compile(r"(?<![\w\\`@])@(?=\w)")
"""A sign with which mystmd begins a citation."""

COMMENT = re.compile(r"^(?=%)", re.MULTILINE)
"""The beginning of a line that MyST takes for a comment."""

QUOTE = re.compile(r"^ {0,3}>(?: ?:label:`[^`\n]*`[ \t]*\n?| ?)", re.MULTILINE)
"""The beginning of a quotation's line; all of it if it is a label."""

BOXES = frozenset(
    {"attention", "caution", "danger", "error", "hint", "important", "note"}
    | {"seealso", "tip", "warning"}
)
"""Admonitions that all of MyST's programs know."""


def myst_text(book: Book, section: Section, prose: Prose, written: set[str]) -> str:
    """Return the text of a cell of prose in MyST's syntax.

    :param written: labels that the page has already, which are left out, as those of
        the texts of several frameworks; the text's own are added.
    """
    edits = _MystEdits(book, section, prose.text, prose.tokens, written)
    text = apply(prose.text, edits.all())
    return re.sub(r"\n{3,}", "\n\n", text).strip()


@dataclass(frozen=True)
class _MystEdits:
    """The edits of one text."""

    book: Book
    section: Section
    text: str
    tokens: Sequence[Token]
    written: set[str]

    @cached_property
    def lines(self) -> Lines:
        """Return the lines of the text."""
        return Lines(self.text)

    def all(self) -> Iterator[Edit]:
        """Yield the edits of all tokens."""
        boxed = ""
        for at, token in enumerate(self.tokens):
            if token.type == "blockquote_open" and not token.level:
                boxed = self._box_title(at)
                if boxed:
                    yield from self._box(at, boxed)
            if token.type == "blockquote_close" and not token.level:
                boxed = ""
            yield from self._block(token, self.tokens[at + 1 :], in_box=bool(boxed))
            for mark in (*attached_labels(token), *token.meta.get("sizes", ())):
                yield from self._removed(mark)
            if token.type == "inline":
                yield from self._inline(token.children or ())
        yield from stray_dollars(self.text, self.tokens)
        yield from self._signs()

    def _block(
        self, token: Token, after: Sequence[Token], *, in_box: bool
    ) -> Iterator[Edit]:
        """Yield the edits of a block, with its labels."""
        names = self._new_labels(attached_labels(token))
        if token.type == "figure" and not token.level:
            yield from self._replaced(token, self._figure(token, names))
        elif token.type == "math_block":
            yield from self._formula(token, names)
        elif token.type == "table_open":
            yield from self._table(token, after, names)
        elif token.type == "fence":
            yield from self._fence(token)
        if token.type not in ("figure", "math_block", "table_open") and not in_box:
            begin, _ = self.lines.of(token)
            yield from (Edit(begin, begin, f"({name})=\n") for name in names)

    def _new_labels(self, marks: Sequence[Token]) -> list[str]:
        """Return the names of labels that the page does not have yet."""
        names = [str(mark.meta["name"]) for mark in marks]
        new = [name for name in dict.fromkeys(names) if name not in self.written]
        self.written.update(new)
        return new

    def _inline(self, children: Iterable[Token]) -> Iterator[Edit]:
        for token in children:
            if token.type in ("label", "size"):
                yield from self._removed(token)
            elif token.type in FORMULAS:
                yield from self._formula(token, [])
            elif token.type == "link_open":
                yield from self._link(token)
            elif token.type in ("sub_open", "sup_open"):
                yield from self._script(token)
            elif token.type in INLINE:
                yield from self._replaced(token, INLINE[token.type](self.book, token))

    def _replaced(self, token: Token, text: str) -> Iterator[Edit]:
        if PLACE in token.meta:
            yield Edit.at(token.meta[PLACE], text)

    def _removed(self, token: Token) -> Iterator[Edit]:
        if PLACE in token.meta:
            yield remove_line(self.text, token.meta[PLACE])

    def _script(self, token: Token) -> Iterator[Edit]:
        """Write ``~2~`` as a role; the place of its first token is all of it."""
        if PLACE in token.meta:
            begin, end = token.meta[PLACE]
            name = token.type.removesuffix("_open")
            yield Edit(begin, end, f"{{{name}}}`{self.text[begin + 1 : end - 1]}`")

    def _formula(self, token: Token, names: Sequence[str]) -> Iterator[Edit]:
        """Expand macros, and give a displayed formula its label."""
        if PLACE not in token.meta:
            return
        written = self.text[slice(*token.meta[PLACE])]
        tex = expand(written, self.book.config.macros)
        if names and tex.startswith("$$"):
            tex = f"{tex} ({names[0]})"
            if not token.level:
                tex = f"\n\n{tex}\n\n"
        if tex != written:
            yield Edit.at(token.meta[PLACE], tex)

    def _figure(self, token: Token, names: Sequence[str]) -> str:
        """Return a figure as a directive."""
        options = [f":name: {names[0]}"] if names else []
        options += [
            f":{size.meta['key']}: {size.meta['value']}"
            for size in token.meta.get("sizes", ())
        ]
        alternative = plain_text(token.children or ()).replace("\n", " ").strip()
        options += [f":alt: {alternative}"] if alternative else []
        begin = token.meta[PLACE][0] + len("![") if PLACE in token.meta else 0
        caption = self._one_line(token, begin)
        address = quote(unquote(str(token.attrs["src"])), safe="/:?#=&%+,;@()")
        parts = [f"```{{figure}} {address}", *options, "", caption, "```"]
        return "\n\n" + "\n".join(parts) + "\n\n"

    def _one_line(self, token: Token, begin: int) -> str:
        edits = [
            Edit(edit.begin - begin, edit.end - begin, edit.text)
            for edit in self._inline(token.children or ())
        ]
        return apply(token.content, edits).replace("\n", " ")

    def _table(
        self, table: Token, after: Sequence[Token], names: Sequence[str]
    ) -> Iterator[Edit]:
        """Put a table with a caption or a label into a directive."""
        begin, end = self.lines.of(table)
        caption = ""
        if after[0].type == "table_caption_open":
            place = self.lines.of(after[0])
            first = self.text.find(after[1].content.partition("\n")[0], place[0])
            caption = self._one_line(after[1], first)
            yield Edit.at(place, "")
            begin = place[1] if place[0] <= begin else begin
            end = place[0] if place[1] >= end else end
        if caption or names:
            name = f":name: {names[0]}\n" if names else ""
            yield Edit(begin, begin, f"\n:::{{table}} {caption}\n{name}\n")
            yield Edit(end, end, "\n:::\n")
        for token in walk(after):
            if token.type == "table_close":
                break
            yield from self._pipes(token)

    def _pipes(self, token: Token) -> Iterator[Edit]:
        """Escape the pipes that would end a cell."""
        if token.type == "code_inline" and PLACE in token.meta:
            begin, end = token.meta[PLACE]
            if "|" in self.text[begin:end]:
                escaped = self.text[begin:end].replace("|", r"\|")
                yield Edit(begin, end, escaped)

    def _fence(self, token: Token) -> Iterator[Edit]:
        """Write fences that mean something to d2lbook; contents are the project's."""
        place = self.lines.of(token)
        info = token.info.strip()
        if info in (TOC, VERIFICATION):
            yield Edit.at(place, "")
        elif info == GLOSSARY:
            yield Edit.at(place, self._glossary())
        elif info == RST:
            written = self.text[slice(*place)]
            yield Edit.at(place, written.replace(RST, "{eval-rst}", 1))

    def _glossary(self) -> str:
        """Return the terms as definitions: glossaries of Sphinx and mystmd differ."""
        explained = self.book.words.explained
        return "\n\n".join(f"{term.japanese}\n: {term.meaning}" for term in explained)

    def _box_title(self, at: int) -> str:
        """Return the bold title with which a quotation begins; empty for none."""
        title = self.tokens[at + 1 : at + 4]
        kinds = [token.type for token in title]
        if kinds != ["paragraph_open", "inline", "paragraph_close"]:
            return ""
        children = [child for child in title[1].children or () if child.content]
        marks = [child.type for child in title[1].children or ()]
        bold = marks.count("strong_open") == 1 and title[1].content.startswith("**")
        if not bold or not title[1].content.endswith("**") or len(children) != 1:
            return ""
        return children[0].content

    def _box(self, at: int, title: str) -> Iterator[Edit]:
        """Write a quotation below a bold title as an admonition."""
        names = texts(self.book.config.language, "admonitions")
        kinds = (key for key, name in names.items() if name == title)
        kind = next((each for each in kinds if each in BOXES), "")
        begin, end = self.lines.of(self.tokens[at])
        first = self.lines.of(self.tokens[at + 1])
        marks = [
            mark
            for token in self.tokens[at:]
            if token.map and self.lines.of(token)[1] <= end
            for mark in attached_labels(token)
        ]
        labels = self._new_labels(marks)
        option = f"\n:name: {labels[0]}" if labels else ""
        head = f"{{{kind}}}" if kind else f"{{admonition}} {title}"
        yield Edit(begin, first[1], f":::{head}{option}\n")
        for match in QUOTE.finditer(self.text, first[1], end):
            yield Edit.at(match.span(), "")
        yield Edit(end, end, ":::" if self.text[end - 1 : end] == "\n" else "\n:::")

    def _link(self, token: Token) -> Iterator[Edit]:
        """Let a link to a label name the label alone."""
        address = str(token.attrs.get("href", ""))
        _, sharp, label = unquote(address).partition("#")
        if PLACE in token.meta and sharp and label in self.book.labels:
            begin, end = token.meta[PLACE]
            written = self.text[begin:end]
            at = written.rfind("](")
            if at >= 0:
                yield Edit(begin + at, end, f"](#{label})")

    def _signs(self) -> Iterator[Edit]:
        """Escape characters that would begin a citation or a comment."""
        literal = sorted(
            token.meta[PLACE]
            for token in walk(self.tokens)
            if PLACE in token.meta
            and token.type in {*FORMULAS, "code_inline", "html_inline", "link_open"}
        )
        for token in self.tokens:
            if token.type == "inline" and token.map:
                begin, end = self.lines.of(token)
                for pattern in (AT, COMMENT):
                    for match in pattern.finditer(self.text, begin, end):
                        at = match.start()
                        if not any(place[0] <= at < place[1] for place in literal):
                            yield Edit(at, at, "\\")

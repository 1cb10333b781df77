"""Turn the dialect's prose into Markdown that every notebook viewer shows.

Marks disappear, references become text and links, captions get their numbers, and
figures are embedded in the notebook. The rest of the text stays as it was written: each
token that is not plain Markdown becomes an edit of its place in the text.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from markdown_it.token import Token

from tabbook.base.config import Framework
from tabbook.base.translations import texts
from tabbook.notebooks.paths import notebook_path
from tabbook.notebooks.prose import figures
from tabbook.notebooks.prose.text_edits import TextEdits
from tabbook.source import images
from tabbook.source.book import Book
from tabbook.source.markdown import parse
from tabbook.source.markdown.edits import apply
from tabbook.source.markdown.tokens import attached_labels
from tabbook.source.section import Section
from tabbook.source.structure.labels import Label, caption
from tabbook.source.structure.toc import SELF, parse_toc

PIXELS = re.compile(r"(?P<number>\d+)(?P<unit>px|%)?")
"""A width that notebooks can express; they ignore other units, and heights."""


@dataclass(frozen=True)
class ProseRenderer:
    """Renders the prose of one section for one framework's notebook."""

    book: Book
    section: Section
    framework: Framework

    def render(self, text: str, tokens: Sequence[Token] | None = None) -> str:
        """Return the Markdown of a text.

        :param tokens: the tokens of the text, if it has been parsed.
        """
        if tokens is None:
            (tokens,) = parse([text])
        edits = TextEdits(self, text, tokens).edits()
        return re.sub(r"\n{3,}", "\n\n", apply(text, edits)).strip()

    def label(self, token: Token) -> Label | None:
        """Return the label that a block has and references name it by."""
        return self.book.label_of(attached_labels(token))

    def caption(self, token: Token, text: str) -> str:
        """Return a caption with the number by which references name it."""
        label = self.label(token)
        number = label.text if label else ""
        return caption(self.book.config.language, number, text)

    def reference(self, name: str) -> str:
        """Return the text of a reference, as a link where its target has a notebook."""
        label = self.book.labels.get(name)
        if left_out := self.book.left_out_labels.get(name):
            return left_out.text
        if label is None:  # lint reports it; readers see the name without its mark
            return name
        if not label.shown_in([self.framework.name]):
            return label.text
        return self._link(label.section, label.text)

    def toc(self, content: str) -> str:
        """Return a table of contents as a list."""
        toc = parse_toc(content, self.section.folder)
        items = []
        for entry in toc.entries:
            names = toc.names(entry, self.book.tree.names)
            items += [self._entry(name, entry.title) for name in names]
            if entry.elsewhere and entry.target != SELF:
                items.append(f"[{entry.title or entry.target}]({entry.target})")
            elif not names:  # lint reports it
                items.append(entry.text)
        return "\n".join(f"- {item}" for item in items)

    def glossary(self, content: str) -> str:
        """Return the book's glossary as a list."""
        templates = texts(self.book.config.language, "glossary")
        items = []
        for term in self.book.words.explained:
            bold = f"**{term.japanese}**"
            name = templates["name"].format(term=bold, english=term.english)
            entry = templates["entry"].format(name=name, meaning=term.meaning)
            items.append(f"- {entry}")
        return "\n".join(items)

    def address(self, path: str) -> str:
        """Return a picture's address: a data address where its file is readable."""
        if not images.is_local(path):
            return path
        target = self._located(path)
        notebook = notebook_path(self.section.name, self.framework.name)
        folder = posixpath.join("notebooks", posixpath.dirname(notebook))
        embedded = figures.data_address(self.book.config, target)
        return embedded or quote(posixpath.relpath(target, folder))

    def width(self, figure: Token) -> str:
        """Return the width of a figure as HTML has it; empty where it has none."""
        for size in figure.meta.get("sizes", ()):
            match = PIXELS.fullmatch(size.meta["value"])
            if size.meta["key"] == "width" and match:
                return match["number"] + (match["unit"] or "").strip("px")
        path = self._located(str(figure.attrs["src"]))
        return str(figures.width(self.book.config, path) or "")

    def _entry(self, name: str, title: str) -> str:
        target = self.book.section(name)
        return self._link(name, title or (target.title if target else name))

    def _located(self, address: str) -> str:
        return images.locate(self.book.config, self.section.folder, address)

    def _link(self, name: str, text: str) -> str:
        """Return a link to a section's notebook, or plain text if there is none."""
        target = self.book.section(name)
        if target is None or name == self.section.name:
            return text
        if self.framework not in self.book.frameworks_of(target):
            return text
        path = posixpath.relpath(name, self.section.folder or ".")
        return f"[{text}]({path}.ipynb)"

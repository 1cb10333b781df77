"""Turn the dialect's prose into Markdown that every notebook viewer shows.

Marks disappear, references become text and links, captions get their numbers, and
figures are embedded in the notebook.
"""

from __future__ import annotations

import html
import itertools
import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tabbook.base.config import Framework
from tabbook.base.translations import texts
from tabbook.notebooks import figures
from tabbook.notebooks.paths import notebook_path
from tabbook.source import dialect
from tabbook.source.book import Book
from tabbook.source.expressions import (
    CAPTION,
    CAPTION_LABEL,
    ELSEWHERE,
    EQUATION_LABEL,
    FIGURE,
    IMAGE,
    MARK,
    REFERENCE,
    WIDTH,
)
from tabbook.source.glossary import GLOSSARY
from tabbook.source.labels import caption
from tabbook.source.section import TOC, Section, resolve
from tabbook.source.slide_marks import plain

INVISIBLE = re.compile(r":(?:label|width|height):`[^`]*`")
"""Marks that no reader sees."""


@dataclass(frozen=True)
class Prose:
    """The prose of one section in one framework's notebook."""

    book: Book
    section: Section
    framework: Framework

    def render(self, text: str) -> str:
        """Return the Markdown of a cell's text."""
        output: list[str] = []
        lines = list(dialect.lines(plain(text)))
        for at, line in enumerate(lines):
            if line.inside and line.fence == TOC:
                output += self._toc_entry(line)
            elif line.inside and line.fence == GLOSSARY:
                output += self._glossary() if line.opens else []
            elif line.inside:
                output.append(line.text)
            elif match := FIGURE.fullmatch(line.text):
                output.append(self._figure(match, lines[at + 1 :]))
            else:
                if _begins_table(lines, at):
                    self._add_table_caption(lines[at:], output)
                self._add_line(line.text, output)
        return re.sub(r"\n{3,}", "\n\n", "\n".join(output)).strip()

    def _add_line(self, text: str, output: list[str]) -> None:
        """Append a line of prose to the output.

        An equation's label numbers the equation above instead, and a line of nothing
        but invisible marks adds nothing.
        """
        labels = self.book.labels
        equation = EQUATION_LABEL.fullmatch(text.strip())
        if equation and equation["name"] in labels:
            _number_equation(output, labels[equation["name"]].text)
            return
        visible = INVISIBLE.sub("", text)
        if visible != text and not visible.strip():
            return
        output.append(self._inline(visible))

    def _inline(self, text: str) -> str:
        """Return text with its references and the addresses of its pictures resolved."""
        text = REFERENCE.sub(self._reference, text)
        return IMAGE.sub(
            lambda match: match["start"] + self._address(match["path"]) + match["end"],
            text,
        )

    def _reference(self, match: re.Match[str]) -> str:
        label = self.book.labels.get(match["name"])
        if label is None:  # lint reports it; readers see the name without its mark
            return str(match["name"])
        return self._link(label.section, label.text)

    def _link(self, name: str, text: str) -> str:
        """Return a link to a section's notebook, or plain text if there is none."""
        target = self.book.section(name)
        if target is None or name == self.section.name:
            return text
        if self.framework not in self.book.frameworks_of(target):
            return text
        path = posixpath.relpath(name, self.section.folder or ".")
        return f"[{text}]({path}.ipynb)"

    def _toc_entry(self, line: dialect.Line) -> list[str]:
        """Return the item of a line of a table of contents; none for its options."""
        entry = line.text.strip()
        if line.opens or not entry or entry.startswith((":", "`", "~")):
            return []
        name = resolve(self.section.folder, entry)
        target = self.book.section(name)
        return [f"- {self._link(name, target.title if target else entry)}"]

    def _glossary(self) -> list[str]:
        """Return the book's glossary as a list."""
        templates = texts(self.book.config.language, "glossary")
        items = []
        for term in self.book.words.explained:
            bold = f"**{term.japanese}**"
            name = templates["name"].format(term=bold, english=term.english)
            entry = templates["entry"].format(name=name, meaning=term.meaning)
            items.append(f"- {entry}")
        return items

    def _add_table_caption(
        self, lines: Sequence[dialect.Line], output: list[str]
    ) -> None:
        """Replace the caption at the end of the output by one with its number.

        :param lines: those from the table's first row on.
        """
        rows = itertools.dropwhile(lambda line: line.text.startswith("|"), lines)
        last = next((text for text in reversed(output) if text.strip()), "")
        match = CAPTION.fullmatch(last)
        while match and output.pop() != last:
            pass
        text = self._caption(_marks(list(rows)), match["text"] if match else "")
        if text:
            self._add_line(f"{text}\n", output)

    def _figure(self, match: re.Match[str], below: Sequence[dialect.Line]) -> str:
        """Return a picture on a line of its own, with its size and its caption.

        :param below: the lines below it, which begin with its marks.
        """
        marks = _marks(below)
        size = next(filter(None, map(WIDTH.search, marks)), None)
        if size:
            width = size["value"] + (size["unit"] or "").strip("px")
        else:
            path = resolve(self.section.folder, match["path"])
            width = str(figures.width(self.book.config, path) or "")
        attribute = f' width="{width}"' if width else ""
        text: list[str] = []
        self._add_line(self._caption(marks, match["alt"]), text)
        return (
            f'<img alt="{html.escape(match["alt"])}"{attribute} '
            f'src="{self._address(match["path"])}"><br>{"".join(text)}'
        )

    def _caption(self, marks: Sequence[str], text: str) -> str:
        """Return a caption with the number by which references name it."""
        labels = self.book.labels
        names = (
            label["name"] for mark in marks for label in CAPTION_LABEL.finditer(mark)
        )
        number = "".join(labels[name].text for name in names if name in labels)
        return caption(self.book.config.language, number, text)

    def _address(self, path: str) -> str:
        """Return the address of a picture: a data address where its file is readable."""
        if ELSEWHERE.match(path):
            return path
        target = resolve(self.section.folder, path)
        notebook = notebook_path(self.section.name, self.framework.name)
        folder = posixpath.join("notebooks", posixpath.dirname(notebook))
        embedded = figures.data_address(self.book.config, target)
        return embedded or posixpath.relpath(target, folder)


def _begins_table(lines: Sequence[dialect.Line], at: int) -> bool:
    """Return whether a line is the first row of a table."""
    if not lines[at].text.startswith("|"):
        return False
    return not (at and lines[at - 1].text.startswith("|"))


def _marks(lines: Sequence[dialect.Line]) -> list[str]:
    """Return the marks at the head of the lines, without blank lines between them."""
    texts = (line.text.strip() for line in lines)
    return list(itertools.takewhile(MARK.match, filter(None, texts)))


def _number_equation(output: list[str], number: str) -> None:
    """Add the number to the displayed equation at the end of the output."""
    for index in range(len(output) - 1, -1, -1):
        if output[index].rstrip().endswith("$$"):
            body = output[index].rstrip().removesuffix("$$")
            output[index] = f"{body}\\tag{{{number.strip('()')}}}$$"
            return

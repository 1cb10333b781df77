"""Convert d2lbook's marks to MyST: labels, references, figures, tables, equations.

Text is split into blocks, each with its first line in the source. So a converted block
may have more or fewer lines without changing the line numbers of those after it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tabbook.base.config import Framework
from tabbook.source import dialect
from tabbook.source.book import Book
from tabbook.source.expressions import (
    CAPTION,
    CAPTION_LABEL,
    FIGURE,
    LABEL,
    MARK,
    REFERENCE,
    SIZE,
    TAB_MARK,
)
from tabbook.source.glossary import GLOSSARY
from tabbook.source.labels import Label, caption
from tabbook.source.section import TOC
from tabbook.source.slide_marks import without_slide_marks
from tabbook.sphinxext.reader import glossary, verification

PANDOC = re.compile(r"\{\s*\.(?P<language>[\w+-]+)[^}]*\}")
"""Info string of a fence that names its language as pandoc does."""
RST = "eval_rst"
"""Info string of d2lbook for reStructuredText."""
GENERATORS = {
    GLOSSARY: glossary.markdown,
    verification.VERIFICATION: verification.markdown,
}
"""Functions that generate the Markdown in place of a fence, by its info string."""


@dataclass(frozen=True)
class Block:
    """A piece of MyST that begins on a line of the source."""

    line: int
    text: str


@dataclass
class Marks:
    """Converts the text of one cell to MyST and records its references."""

    book: Book
    frameworks: tuple[Framework, ...]
    """Frameworks on the pages."""
    referenced: set[str] = field(default_factory=set)
    """Names of the labels that are referred to."""
    generated: dict[str, str] = field(default_factory=dict)
    """Generated Markdown by the info string of its fence."""
    unresolved: list[tuple[int, str]] = field(default_factory=list)
    """Line and name of each reference without a label."""

    def pop_unresolved(self) -> list[tuple[int, str]]:
        """Return and clear the unresolved references."""
        unresolved, self.unresolved = self.unresolved, []
        return unresolved

    def blocks(self, text: str, line: int) -> list[Block]:
        """Return the blocks of a text whose first line is the source's ``line``."""
        lines = list(dialect.lines(text))
        blocks: list[Block] = []
        plain: list[str] = []
        at = start = 0
        while at < len(lines):
            end, special = self._special(lines, at, line)
            if special:
                blocks += [Block(line + start, "\n".join(plain)), special]
                plain, at, start = [], end, end
            else:
                plain.append(self._line(lines[at], line + at))
                at += 1
        blocks.append(Block(line + start, "\n".join(plain)))
        return [block for block in blocks if block.text.strip()]

    def _special(
        self, lines: list[dialect.Line], at: int, offset: int
    ) -> tuple[int, Block | None]:
        """Return the line after a special block and the block; None for plain text.

        :param at: index of the block's first line.
        :param offset: line of the source of ``lines[0]``.
        """
        text = lines[at].text
        if lines[at].inside:
            return self._generated(lines, at, offset)
        if text.startswith("#"):
            return self._heading(lines, at, offset)
        if FIGURE.fullmatch(text) and (at == 0 or not lines[at - 1].text.strip()):
            return self._figure(lines, at, offset)
        if text.startswith("|") or CAPTION.fullmatch(text):
            return self._table(lines, at, offset)
        if text.startswith("$$"):
            return self._equation(lines, at, offset)
        return at, None

    def _generated(
        self, lines: list[dialect.Line], at: int, offset: int
    ) -> tuple[int, Block | None]:
        name = lines[at].fence
        if not lines[at].opens or name not in GENERATORS:
            return at, None
        end = at + 1
        while end < len(lines) and lines[end].inside and not lines[end].opens:
            end += 1
        self.generated[name] = GENERATORS[name](self.book, self.frameworks)
        return end, Block(offset + at, self.generated[name])

    def _heading(
        self, lines: list[dialect.Line], at: int, offset: int
    ) -> tuple[int, Block | None]:
        end, label = self._label(lines, at + 1)
        if not label:
            return at, None
        heading = self._text(lines[at].text, offset + at)
        return end, _labelled(label.name, offset + at, heading)

    def _figure(
        self, lines: list[dialect.Line], at: int, offset: int
    ) -> tuple[int, Block | None]:
        match = FIGURE.fullmatch(lines[at].text)
        end, label, options = at + 1, "", []
        while end < len(lines) and MARK.match(lines[end].text.strip()):
            options += [
                f":{size['key']}: {size['value']}"
                for size in SIZE.finditer(lines[end].text)
            ]
            marked = CAPTION_LABEL.search(lines[end].text)
            label = marked["name"] if marked else label
            end += 1
        if not match or (end < len(lines) and lines[end].text.strip()):
            return at, None  # part of a paragraph
        alt = match["alt"]
        caption = self._caption(label, alt, offset + at)
        figure = _directive(
            f"figure}} {match['path']}", [*options, f":alt: {alt}"], caption
        )
        return end, _labelled(label, offset + at, figure)

    def _table(
        self, lines: list[dialect.Line], at: int, offset: int
    ) -> tuple[int, Block | None]:
        match = CAPTION.fullmatch(lines[at].text)
        start = at + 1 if match else at
        while match and start < len(lines) and not lines[start].text.strip():
            start += 1
        end = start
        while end < len(lines) and lines[end].text.startswith("|"):
            end += 1
        after, label = self._label(lines, end)
        if end == start or not (label or match):
            return at, None
        name = label.name if label else ""
        caption = self._caption(name, match["text"] if match else "", offset + at)
        rows = [self._line(line, offset + start) for line in lines[start:end]]
        table = _directive(f"table}} {caption}", [], "\n".join(rows))
        return (after if label else end), _labelled(name, offset + at, table)

    def _equation(
        self, lines: list[dialect.Line], at: int, offset: int
    ) -> tuple[int, Block | None]:
        end = at
        while end < len(lines) and not (
            lines[end].text.rstrip().endswith("$$")
            and (end > at or len(lines[at].text.strip()) > 4)
        ):
            end += 1
        after, label = self._label(lines, end + 1)
        if end == len(lines) or not label:
            return at, None
        body = "\n".join(line.text for line in lines[at : end + 1]).rstrip()
        return after, Block(offset + at, f"{body} ({label.name})")

    def _label(self, lines: list[dialect.Line], at: int) -> tuple[int, Label | None]:
        """Return the label on the next non-blank line, and the line after it."""
        while at < len(lines) and not lines[at].text.strip():
            at += 1
        if at < len(lines) and (match := LABEL.fullmatch(lines[at].text.strip())):
            return at + 1, self.book.labels.get(match["name"])
        return at, None

    def _caption(self, label: str, text: str, line: int) -> str:
        number = self.book.labels[label].text if label in self.book.labels else ""
        return caption(self.book.config.language, number, self._text(text, line))

    def _line(self, line: dialect.Line, number: int) -> str:
        if not line.inside and TAB_MARK.fullmatch(line.text.strip()):
            return ""
        if not line.inside:
            return self._text(line.text, number)
        return _fence(line) if line.opens else line.text

    def _text(self, text: str, number: int) -> str:
        text = SIZE.sub("", text)
        text = LABEL.sub(lambda match: f"[]{{#{match['name']}}}", text)
        return REFERENCE.sub(lambda match: self._reference(match["name"], number), text)

    def _reference(self, name: str, number: int) -> str:
        label = self.book.labels.get(name)
        if label is None:
            self.unresolved.append((number, name))
            return name
        self.referenced.add(name)
        if label.kind == "equation":  # Sphinx numbers equations as the book does
            return f"{{eq}}`{name}`"
        return f"[{label.text}](#{name})"


def fenced(info: str, text: str) -> str:
    """Return text in a fence longer than every fence in the text."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{info}\n{text}\n{fence}"


def _directive(start: str, options: list[str], content: str) -> str:
    return fenced("{" + start, "\n".join([*options, "", content]))


def _labelled(label: str, line: int, text: str) -> Block:
    """Return a block below its label's target, which takes the line before."""
    return Block(line - 1, f"({label})=\n{text}") if label else Block(line, text)


def _fence(line: dialect.Line) -> str:
    """Return the first line of a fence with MyST's info string."""
    mark = line.text[: len(line.text) - len(line.text.lstrip("`~"))]
    if line.fence == TOC:
        return mark + "{toctree}"
    if line.fence == RST:
        return mark + "{eval-rst}"
    if match := PANDOC.fullmatch(line.fence):
        return mark + match["language"]
    return line.text


def strip_slide_marks(text: str) -> tuple[str, str]:
    """Return text without slide marks, and a message if they are not balanced."""
    try:
        return without_slide_marks(text), ""
    except ValueError as error:
        return text, str(error)

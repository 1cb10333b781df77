"""Convert the blocks of a text: headings, lists, tables, formulas, fences."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it.tree import SyntaxTreeNode

from tabbook.importers.conversion import inline
from tabbook.importers.conversion.blocks.leaves import CONVERTERS, inline_token
from tabbook.importers.conversion.blocks.quarto import quarto_cell
from tabbook.importers.conversion.context import Context, label_name
from tabbook.importers.conversion.directives import converter
from tabbook.importers.conversion.directives.divs import div
from tabbook.importers.conversion.directives.documents import raw_text
from tabbook.importers.conversion.escapes import without_indented_code
from tabbook.importers.conversion.inline import d2lbook_marks
from tabbook.importers.conversion.options import directive
from tabbook.importers.conversion.parser import (
    parse,
    with_formula_labels,
    with_nested_divs,
)
from tabbook.importers.conversion.pieces import Origin, Piece
from tabbook.importers.conversion.rendering import (
    indented,
    piece_with_labels,
    quoted,
    shown_code,
)

DIV_INFO = re.compile(r"\{\s*[.#=].*\}|[\w-]+|\{\s*\}")
QUARTO_CELL = re.compile(r"\{(?P<language>\w+)(?:[\s,}].*|\})$")
LANGUAGES = frozenset({"python", "r", "julia", "ojs", "bash", "sql", "dot", "mermaid"})
"""Languages in braces with which Quarto runs a cell or draws a diagram."""


class Blocks:
    """The conversion of the blocks of one file."""

    def __init__(self, context: Context) -> None:
        """Convert for a file."""
        self.context = context
        self.waiting: list[str] = []
        """Labels of the next block."""

    def convert(self, text: str, origin: Origin) -> list[Piece]:
        """Return a text in the dialect.

        :param origin: returns the line of the file from one of the text.
        """
        if ":::" in text:
            text = with_nested_divs(text)
        text = with_formula_labels(text)
        if self.context.dialect:
            text = d2lbook_marks.as_roles(text)
        tree = parse(text, self.context.env)
        return list(self.pieces(tree.children, origin))

    def nested(self, text: str, origin: Origin) -> list[Piece]:
        """Return the text of a directive, whose first block takes no label from it."""
        waiting, self.waiting = self.waiting, []
        pieces = self.convert(text, origin)
        self.waiting = waiting + self.waiting
        return pieces

    def pieces(self, nodes: list[SyntaxTreeNode], origin: Origin) -> Iterator[Piece]:
        """Yield the blocks of a text."""
        for node in nodes:
            before = list(self.waiting)
            for piece in list(self._block(node, origin)):
                taken = [name for name in before if name in self.waiting]
                if taken and not piece.runs:
                    yield piece_with_labels(piece, taken)
                    self.waiting = [each for each in self.waiting if each not in taken]
                else:
                    yield piece

    def label(self, name: str) -> str:
        """Return a label as the dialect writes it, and record that it exists."""
        safe = label_name(name)
        if safe:
            self.context.labels[safe] = None
        return safe

    def take_label(self, name: str) -> None:
        """Give a label to the block that comes next."""
        safe = self.label(name)
        if safe and safe not in self.waiting:
            self.waiting.append(safe)

    def line(self, text: str, line: int) -> str:
        """Return a text of one line, such as a title, in the dialect."""
        pieces = self.nested(text, lambda at: line)
        return " ".join(piece.text.replace("\n", " ") for piece in pieces)

    def displayed(self, tex: str, names: list[str]) -> str:
        """Return a displayed formula with its labels."""
        lines = [line for line in tex.strip().split("\n") if line.strip()]
        safe = dict.fromkeys(filter(None, map(self.context.formula_label, names)))
        self.context.formulas |= safe
        marks = [f":eqlabel:`{name}`" for name in safe]
        return "\n".join(["$$", *lines, "$$", *marks])

    def _block(self, node: SyntaxTreeNode, origin: Origin) -> Iterator[Piece]:
        line = origin(node.map[0] if node.map else 0)
        if node.type in ("fence", "colon_fence"):
            yield from self._fence(node, origin)
        elif node.type in ("bullet_list", "ordered_list"):
            yield from self._list(node, origin)
        elif node.type == "blockquote":
            yield from quoted(self.pieces(node.children, origin))
        elif convert := CONVERTERS.get(node.type):
            text = convert(self, node, line)
            if text.strip():
                yield Piece(text, line)
        elif node.children:
            yield from self.pieces(node.children, origin)
        else:
            what = f"a block of the kind {node.type!r} is left out"
            self.context.losses.left_out(line, what)

    def inline(self, node: SyntaxTreeNode, line: int) -> str:
        """Return the text of a node that holds inline tokens."""
        token = inline_token(node)
        return inline.convert(self.context, token, line) if token else ""

    def _fence(self, node: SyntaxTreeNode, origin: Origin) -> Iterator[Piece]:
        """Yield a directive, a cell of Quarto, a div, or code that is shown."""
        at = node.map[0] if node.map else 0
        info, content = node.info.strip(), node.content
        if language := self._quarto_language(node):
            yield from quarto_cell(self, language, content, origin(at))
            return
        parsed = directive(info, content, at, origin)
        if parsed:
            yield from converter(parsed.name)(self, parsed)
        elif node.type == "colon_fence" and DIV_INFO.fullmatch(info):
            yield from div(self, info, content, origin, at)
        elif node.type == "colon_fence":
            yield from self.nested(content, lambda inner: origin(at + 1 + inner))
        elif info.startswith("{="):
            yield from raw_text(self, info.strip("{=} "), content, origin(at))
        else:
            words = info.strip("{}. ").split()
            language = words[0].strip(".{}") if words else ""
            yield shown_code(content, language, origin(at))

    def _quarto_language(self, node: SyntaxTreeNode) -> str:
        """Return the language of a cell of Quarto; empty for any other fence."""
        match = QUARTO_CELL.fullmatch(node.info.strip())
        language = match["language"].lower() if match else ""
        diagram = language == "mermaid" and not self.context.quarto
        is_cell = node.type == "fence" and language in LANGUAGES and not diagram
        return language if is_cell else ""

    def _list(self, node: SyntaxTreeNode, origin: Origin) -> Iterator[Piece]:
        """Yield a list; a cell within it stands between its parts."""
        first = (
            int(node.attrs.get("start", 1) or 0) if node.type == "ordered_list" else 0
        )
        tight = any(
            child.hidden
            for item in node.children
            for child in item.children
            if child.type == "paragraph"
        )
        written: list[str] = []
        begin = origin(node.map[0] if node.map else 0)
        for number, item in enumerate(node.children, first):
            marker = f"{number}. " if node.type == "ordered_list" else "- "
            lead = marker
            for piece in self.pieces(item.children, origin):
                text = indented(piece.text, len(marker))
                if piece.runs or _splits(text, piece.text):
                    if written:
                        yield Piece(_joined(written, tight), begin)
                        written = []
                    yield piece
                    lead = ""
                    continue
                if lead:
                    written.append(lead + text[len(marker) :])
                elif not written:
                    written.append(piece.text)
                else:
                    written[-1] += ("\n" if tight else "\n\n") + text
                lead = ""
            if lead:
                written.append(lead.rstrip())
        if written:
            yield Piece(_joined(written, tight), begin)


def _joined(items: list[str], tight: bool) -> str:
    return without_indented_code(("\n" if tight else "\n\n").join(items))


def _splits(text: str, original: str) -> bool:
    """Return whether a block cannot stand in a list, as d2lbook would not read it."""
    return original.startswith(("```", "~~~")) and bool(
        re.search(r"\n[ \t]*\n(?: {4,}|\t)", "\n" + text)
    )

"""Tables of contents, lists of references, raw text."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tabbook.importers.conversion.inline import targets
from tabbook.importers.conversion.options import Directive
from tabbook.importers.conversion.pieces import Piece
from tabbook.importers.conversion.rendering import shown_code
from tabbook.source.rst import RST

if TYPE_CHECKING:
    from tabbook.importers.conversion.blocks.blocks import Blocks


def toctree(blocks: Blocks, directive: Directive) -> Iterator[Piece]:
    """Yield the table of contents of the pages that are in the book."""
    entries = []
    for number, entry in enumerate(directive.body.split("\n")):
        titled = re.fullmatch(r"\s*(?:(.*?)\s*<)?([^<>]*?)>?\s*", entry)
        name = titled[2] if titled else entry.strip()
        page = targets.page_of(blocks.context, name) if name else None
        if page:
            folder = posixpath.dirname(blocks.context.section) or "."
            entries.append(posixpath.relpath(page, folder))
        elif name:
            what = f"the page {name!r} of a table of contents is not imported"
            blocks.context.losses.left_out(directive.origin(number), what)
    if entries:
        listed = "\n".join(entries)
        yield Piece(f"```toc\n:maxdepth: 2\n\n{listed}\n```", directive.line)


def bibliography(blocks: Blocks, directive: Directive) -> Iterator[Piece]:
    """Yield the place of the list of references; the writer names its files."""
    blocks.context.bibliography += [*directive.argument.split(), ""]
    yield Piece(":bibliography:", directive.line)


def rst(blocks: Blocks, directive: Directive) -> Iterator[Piece]:
    """Yield reStructuredText, which pages show."""
    what = "reStructuredText is shown on pages only; notebooks show its source"
    blocks.context.losses.changed(directive.line, what)
    yield shown_code(directive.body, RST, directive.line)


def raw_directive(blocks: Blocks, directive: Directive) -> Iterator[Piece]:
    """Yield raw HTML; other formats are left out."""
    yield from raw_text(blocks, directive.argument, directive.body, directive.line)


def raw_text(blocks: Blocks, language: str, text: str, line: int) -> Iterator[Piece]:
    """Yield HTML as it is; text for other formats is left out."""
    if "html" in language:
        yield Piece(text.strip("\n"), line)
    else:
        what = f"raw {language or 'text'} is left out"
        blocks.context.losses.left_out(line, what)


def glossary(blocks: Blocks, directive: Directive) -> Iterator[Piece]:
    """Yield the terms as a list of definitions, which needs no file of terms."""
    lines = []
    for line in directive.body.split("\n"):
        if not line.strip():
            continue
        lines.append(f": {line.strip()}" if line[:1].isspace() else f"\n{line}")
    yield from blocks.convert("\n".join(lines).strip(), lambda at: directive.line)


def left_out(blocks: Blocks, directive: Directive) -> Iterator[Piece]:
    """Yield nothing, and record the loss."""
    if directive.name not in ("index", "tableofcontents", "contents"):
        what = f"the directive {{{directive.name}}} is left out"
        blocks.context.losses.left_out(directive.line, what)
    yield from ()

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
    from tabbook.importers.conversion.blocks import Blocks


def toctree(blocks: Blocks, found: Directive) -> Iterator[Piece]:
    """Yield the table of contents of the pages that are in the book."""
    entries = []
    for number, entry in enumerate(found.body.split("\n")):
        titled = re.fullmatch(r"\s*(?:(.*?)\s*<)?([^<>]*?)>?\s*", entry)
        name = titled[2] if titled else entry.strip()
        page = targets.page_of(blocks.context, name) if name else None
        if page:
            folder = posixpath.dirname(blocks.context.section) or "."
            entries.append(posixpath.relpath(page, folder))
        elif name:
            what = f"the page {name!r} of a table of contents is not imported"
            blocks.context.losses.left_out(found.origin(number), what)
    if entries:
        listed = "\n".join(entries)
        yield Piece(f"```toc\n:maxdepth: 2\n\n{listed}\n```", found.line)


def bibliography(blocks: Blocks, found: Directive) -> Iterator[Piece]:
    """Yield the place of the list of references; the writer names its files."""
    blocks.context.bibliography += [*found.argument.split(), ""]
    yield Piece(":bibliography:", found.line)


def rst(blocks: Blocks, found: Directive) -> Iterator[Piece]:
    """Yield reStructuredText, which pages show."""
    what = "reStructuredText is shown on pages only; notebooks show its source"
    blocks.context.losses.changed(found.line, what)
    yield shown_code(found.body, RST, found.line)


def raw_directive(blocks: Blocks, found: Directive) -> Iterator[Piece]:
    """Yield raw HTML; other formats are left out."""
    yield from raw_text(blocks, found.argument, found.body, found.line)


def raw_text(blocks: Blocks, language: str, text: str, line: int) -> Iterator[Piece]:
    """Yield HTML as it is; text for other formats is left out."""
    if "html" in language:
        yield Piece(text.strip("\n"), line)
    else:
        what = f"raw {language or 'text'} is left out"
        blocks.context.losses.left_out(line, what)


def glossary(blocks: Blocks, found: Directive) -> Iterator[Piece]:
    """Yield the terms as a list of definitions, which needs no file of terms."""
    lines = []
    for line in found.body.split("\n"):
        if not line.strip():
            continue
        lines.append(f": {line.strip()}" if line[:1].isspace() else f"\n{line}")
    yield from blocks.convert("\n".join(lines).strip(), lambda at: found.line)


def left_out(blocks: Blocks, found: Directive) -> Iterator[Piece]:
    """Yield nothing, and record what was there."""
    if found.name not in ("index", "tableofcontents", "contents"):
        what = f"the directive {{{found.name}}} is left out"
        blocks.context.losses.left_out(found.line, what)
    yield from ()

"""Convert MyST's directives and Quarto's divs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from tabbook.importers.conversion.directives import (
    boxes,
    code,
    documents,
    media,
    tables,
    tabs,
)
from tabbook.importers.conversion.options import Directive
from tabbook.importers.conversion.pieces import Piece
from tabbook.importers.conversion.rendering import shown_code

if TYPE_CHECKING:
    from tabbook.importers.conversion.blocks.blocks import Blocks

Converter = Callable[["Blocks", Directive], Iterator[Piece]]


def unknown(blocks: Blocks, directive: Directive) -> Iterator[Piece]:
    """Yield a directive that is not known as code, so that nothing is lost."""
    what = f"the directive {{{directive.name}}} is unknown; its text is shown as code"
    blocks.context.losses.changed(directive.line, what)
    head = [f"{{{directive.name}}} {directive.argument}".rstrip()]
    head += [f":{key}: {value}" for key, value in directive.options.items()]
    yield shown_code("\n".join([*head, directive.body]), "", directive.line)


def converter(name: str) -> Converter:
    """Return the converter of a directive."""
    name = name.lower()
    return DIRECTIVES.get(name) or DIRECTIVES.get(name.rpartition(":")[2]) or unknown


ADMONITIONS = boxes.ARGUMENT_IS_TITLE | frozenset(
    {"attention", "caution", "danger", "error", "hint", "important", "note"}
    | {"seealso", "tip", "todo", "warning", "versionadded", "versionchanged"}
    | {"deprecated", "epigraph", "pull-quote", "highlights", "margin", "aside"}
)

ARRANGED = frozenset(
    {"card", "grid", "grid-item", "grid-item-card", "div", "block", "sidebar"}
    | {"container", "compound", "only", "centered", "card-carousel", "rubric"}
)
"""Directives that only arrange what they hold."""

LEFT_OUT = frozenset(
    {"index", "contents", "tableofcontents", "footbibliography", "iframe", "embed"}
    | {"video", "youtube", "button", "button-ref", "button-link", "currentmodule"}
    | {"glue", "glue:any", "glue:figure", "glue:math", "glue:md", "nb-exec-table"}
    | {"mystnb-config", "myst-config", "toc", "carousel", "eval", "eval:figure"}
)

DIRECTIVES: dict[str, Converter] = {
    **dict.fromkeys(ADMONITIONS, boxes.admonition),
    **dict.fromkeys(ARRANGED, boxes.unwrapped),
    **dict.fromkeys(LEFT_OUT, documents.left_out),
    **{f"{kind}-start": boxes.gate for kind in ("exercise", "solution")},
    **{f"{kind}-end": boxes.gate for kind in ("exercise", "solution")},
    **dict.fromkeys(("figure", "image", "figure-md"), media.figure),
    "math": media.math,
    "code-cell": code.code_cell,
    **dict.fromkeys(("code-block", "code", "sourcecode"), code.code_block),
    "parsed-literal": code.code_block,
    **dict.fromkeys(("include", "literalinclude"), code.included),
    "list-table": tables.list_table,
    "csv-table": tables.csv_table,
    "table": tables.markdown_table,
    "toctree": documents.toctree,
    "bibliography": documents.bibliography,
    "eval-rst": documents.rst,
    "raw": documents.raw_directive,
    "glossary": documents.glossary,
    **dict.fromkeys(("tab-set", "tabs"), tabs.tab_set),
    **dict.fromkeys(("tab-item", "tab"), tabs.tab_item),
}
"""What converts a directive, by its name."""

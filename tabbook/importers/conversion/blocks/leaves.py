"""Convert the blocks that hold no others: headings, paragraphs, formulas, tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from tabbook.base.errors import BookError
from tabbook.base.files import read_text
from tabbook.importers.conversion import inline
from tabbook.importers.conversion.blocks import html
from tabbook.importers.conversion.blocks.figures import figure_of_image
from tabbook.importers.conversion.context import slug
from tabbook.importers.conversion.escapes import without_indented_code
from tabbook.importers.conversion.inline.targets import heading_label
from tabbook.importers.conversion.options import attributes, front_matter, mapping
from tabbook.importers.conversion.rendering import indented, shown_code, table
from tabbook.source.cells.slide_marks import plain

if TYPE_CHECKING:
    from tabbook.importers.conversion.blocks.blocks import Blocks

ATTRIBUTES = re.compile(r"\s*\{(?P<all>[^{}]*)\}\s*$")
INCLUDE = re.compile(r"<\s*include\s+(?P<file>\S+)\s*>")
PLACE = re.compile(rf"{inline.ANCHOR.pattern}(?:\s*</a>)?", re.IGNORECASE)


def inline_token(node: SyntaxTreeNode) -> Token | None:
    """Return the token with the text of a node; None where it has none."""
    for child in node.children:
        if child.type == "inline" and child.token:
            return child.token
    return node.token if node.type == "inline" else None


def _heading(blocks: Blocks, node: SyntaxTreeNode, line: int) -> str:
    token = inline_token(node)
    text = blocks.inline(node, line).replace("\n", " ")
    names, blocks.waiting = blocks.waiting, []
    if match := ATTRIBUTES.search(text):
        names += filter(None, [attributes(match["all"]).get("id", "")])
        text = text[: match.start()]
    names += [str(node.attrs["id"])] if node.attrs.get("id") else []
    for match in inline.ANCHOR.finditer(text):
        names.append(match["name"])
    text = re.sub(r"</a>", "", inline.ANCHOR.sub("", text)).strip()
    own = slug(plain(token.content if token else ""))
    blocks.context.slugs.append(own)
    if own in blocks.context.known.anchors and not names:
        names.append(heading_label(own))
    safe = dict.fromkeys(filter(None, map(blocks.label, names)))
    marks = "".join(f"\n:label:`{name}`" for name in safe)
    return f"{'#' * int(node.tag[1:])} {text}{marks}"


def _paragraph(blocks: Blocks, node: SyntaxTreeNode, line: int) -> str:
    token = inline_token(node)
    children = (token.children or []) if token else []
    images = [child for child in children if child.type == "image"]
    others = [child for child in children if child.type != "image" and child.content]
    linked = {"link_open", "html_inline"}.intersection(child.type for child in children)
    if len(images) == 1 and not linked and not _says(others):
        after = "".join(child.content for child in others)
        return figure_of_image(blocks, images[0], attributes(after), line)
    text = blocks.inline(node, line)
    while match := PLACE.match(text):
        blocks.take_label(match["name"])
        text = text[match.end() :].lstrip()
    return text


def _says(others: list[Token]) -> bool:
    """Return whether anything but attributes stands beside an image."""
    text = "".join(child.content for child in others)
    return bool(re.sub(r"\{[^{}]*\}", "", text).strip())


def _math(blocks: Blocks, node: SyntaxTreeNode, line: int) -> str:
    names, blocks.waiting = blocks.waiting, []
    names += [node.info.strip()] if node.info.strip() else []
    return blocks.displayed(node.content, names)


def _amsmath(blocks: Blocks, node: SyntaxTreeNode, line: int) -> str:
    names, blocks.waiting = blocks.waiting, []
    return blocks.displayed(node.content, names)


def _target(blocks: Blocks, node: SyntaxTreeNode, line: int) -> str:
    blocks.take_label(node.content)
    return ""


def _comment(blocks: Blocks, node: SyntaxTreeNode, line: int) -> str:
    return f"<!-- {node.content.strip().replace('--', '- -')} -->"


def _break(blocks: Blocks, node: SyntaxTreeNode, line: int) -> str:
    if any(mapping(node.content).values()):
        what = f"the metadata {node.content.strip()!r} of a text is left out"
        blocks.context.losses.left_out(line, what)
    return ""


def _code(blocks: Blocks, node: SyntaxTreeNode, line: int) -> str:
    return shown_code(node.content, "", line).text


def _table(blocks: Blocks, node: SyntaxTreeNode, line: int) -> str:
    rows = [row for part in node.children for row in part.children]
    cells = [[_cell(blocks, cell, line) for cell in row.children] for row in rows]
    styles = [str(cell.attrs.get("style", "")) for cell in rows[0].children]
    names, blocks.waiting = blocks.waiting, []
    return table(cells, styles) + "".join(f"\n:label:`{name}`" for name in names)


def _cell(blocks: Blocks, node: SyntaxTreeNode, line: int) -> str:
    return blocks.inline(node, line).replace("\n", " ").strip()


def _footnote(blocks: Blocks, node: SyntaxTreeNode, line: int) -> str:
    label = node.meta.get("label", "")
    pieces = blocks.pieces(node.children, lambda at: line)
    text = " ".join(piece.text.replace("\n", " ") for piece in pieces if not piece.runs)
    return f"[^{label}]: {text}"


def _definitions(blocks: Blocks, node: SyntaxTreeNode, line: int) -> str:
    parts: list[str] = []
    for child in node.children:
        if child.type == "dt":
            parts.append(("\n" if parts else "") + blocks.inline(child, line))
        else:
            pieces = blocks.pieces(child.children, lambda at: line)
            text = "\n\n".join(piece.text for piece in pieces)
            parts.append(f": {indented(text, 2)[2:]}")
    return without_indented_code("\n".join(parts))


def _fields(blocks: Blocks, node: SyntaxTreeNode, line: int) -> str:
    items = []
    for child in node.children:
        if child.type == "fieldlist_name":
            items.append(f"- **{blocks.inline(child, line)}**:")
        elif child.type == "fieldlist_body" and items:
            pieces = blocks.pieces(child.children, lambda at: line)
            text = " ".join(piece.text.replace("\n", " ") for piece in pieces)
            items[-1] = f"{items[-1]} {text}"
    return "\n".join(items)


def _html(blocks: Blocks, node: SyntaxTreeNode, line: int) -> str:
    return html.convert(blocks, node.content.rstrip("\n"), line)


def _rule_line(blocks: Blocks, node: SyntaxTreeNode, line: int) -> str:
    return "***"


def _nothing(blocks: Blocks, node: SyntaxTreeNode, line: int) -> str:
    return ""


def _block_substitution(blocks: Blocks, node: SyntaxTreeNode, line: int) -> str:
    context = blocks.context
    if include := INCLUDE.fullmatch(node.content.strip()):
        return _included(blocks, include["file"], line)
    text = inline.substituted(context, node.content, line)
    return "\n\n".join(each.text for each in blocks.nested(text, lambda at: line))


def _included(blocks: Blocks, name: str, line: int) -> str:
    """Return the text of a file that a page of Quarto includes."""
    try:
        text = read_text(blocks.context.source.parent / name)
    except (OSError, BookError):
        what = f"the file {name!r} cannot be read, and is left out"
        blocks.context.losses.left_out(line, what)
        return ""
    body = "\n".join(text.split("\n")[front_matter(text)[2] :])
    pieces = blocks.nested(body, lambda at: line)
    cells = [piece for piece in pieces if piece.runs]
    if cells:
        what = f"{len(cells)} cells of the included file {name!r} are shown, not run"
        blocks.context.losses.changed(line, what)
    return "\n\n".join(
        shown_code(piece.text, "python", line).text if piece.runs else piece.text
        for piece in pieces
    )


CONVERTERS: dict[str, Callable[[Blocks, SyntaxTreeNode, int], str]] = {
    "heading": _heading,
    "paragraph": _paragraph,
    "inline": _paragraph,
    "math_block": _math,
    "math_block_label": _math,
    "amsmath": _amsmath,
    "myst_target": _target,
    "myst_line_comment": _comment,
    "myst_block_break": _break,
    "code_block": _code,
    "table": _table,
    "footnote_reference": _footnote,
    "dl": _definitions,
    "field_list": _fields,
    "html_block": _html,
    "hr": _rule_line,
    "front_matter": _nothing,
    "substitution_block": _block_substitution,
}
"""Functions that return a block in the dialect, by its type."""

"""Blocks that markdown-it reads as parts of paragraphs: figures, formulas, labels.

An image that has its lines to itself is a figure. A displayed formula is a block. A
line of nothing but labels and sizes belongs to the heading, figure, table or displayed
formula above it.
"""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from tabbook.source.markdown.tokens import BREAKS, INVISIBLE, LABELLED, is_blank


def plugin(md: MarkdownIt) -> None:
    """Add the rule to a parser, behind those of inline tokens and places."""
    md.core.ruler.after("places", "structure", structure)


def structure(state: StateCore) -> None:
    """Split paragraphs into blocks; give labels and sizes to their elements."""
    output: list[Token] = []
    tokens = iter(state.tokens)
    for token in tokens:
        if token.type != "paragraph_open":
            before = output[-1] if output else None
            if token.type == "inline" and before and before.type == "heading_open":
                _take_labels(before, token)
            output.append(token)
            continue
        inline, closing = next(tokens), next(tokens)
        if _is_plain(inline):
            output += [token, inline, closing]
            continue
        for part in _parts(inline):
            _add(output, part, (token, inline, closing))
    state.tokens = output


Part = tuple[int, list[Token] | Token]
"""Line breaks before it in its paragraph; text, or a token that becomes a block."""


def _is_plain(inline: Token) -> bool:
    """Return whether a paragraph holds nothing that becomes a block."""
    special = {"image", "math_display", *INVISIBLE}
    return not any(child.type in special for child in inline.children or ())


def _parts(inline: Token) -> Iterator[Part]:
    """Yield the parts of a paragraph."""
    text: list[Token] = []
    begin = 0
    for at, line in _lines(inline.children or []):
        shown = [token for token in line if not is_blank(token)]
        images = [token for token in shown if token.type == "image"]
        others = [token for token in shown if token.type not in {"image", *INVISIBLE}]
        if shown and not others and len(images) < 2:
            yield from _text(begin, text)
            text, begin = [], at + 1
            for token in (*images, *(each for each in shown if each not in images)):
                yield at, token
            continue
        for token in line:
            if token.type == "math_display":
                yield from _text(begin, text)
                yield at, token
                text, begin = [], at + token.content.count("\n")
            else:
                begin = begin if text else at
                text.append(token)
    yield from _text(begin, text)


def _lines(children: list[Token]) -> Iterator[tuple[int, list[Token]]]:
    """Yield number and tokens of each line, with the break at its end."""
    line: list[Token] = []
    number = start = 0
    for token in children:
        line.append(token)
        number += token.content.count("\n") if token.type != "text" else 0
        if token.type in BREAKS:
            yield start, line
            number += 1
            line, start = [], number
    if line:
        yield start, line


def _text(begin: int, tokens: list[Token]) -> Iterator[Part]:
    """Yield text without the breaks around it, unless nothing is left."""
    while tokens and is_blank(tokens[0]):
        tokens = tokens[1:]
    while tokens and is_blank(tokens[-1]):
        tokens = tokens[:-1]
    if tokens:
        yield begin, tokens


def _add(
    output: list[Token], part: Part, paragraph: tuple[Token, Token, Token]
) -> None:
    """Append a part of a paragraph to the output."""
    opening, inline, closing = paragraph
    at, content = part
    first = (inline.map or [0, 1])[0] + at
    if isinstance(content, Token):
        if content.type not in INVISIBLE:
            output.append(_block(content, opening.level, first))
            return
        if _give(output, content):
            return
    tokens = [content] if isinstance(content, Token) else content
    breaks = sum(token.type in BREAKS for token in tokens)
    lines = [first, min(first + breaks + 1, (inline.map or [0, first + 1])[1])]
    lines[1] = max(lines[1], first + 1)
    output.append(opening.copy(map=lines))
    output.append(inline.copy(children=tokens, map=lines))
    output.append(closing)


def _block(token: Token, level: int, line: int) -> Token:
    """Return the block that an image or a displayed formula becomes."""
    kind = "figure" if token.type == "image" else "math_block"
    lines = token.content.count("\n") + 1
    place = [line, line + lines]
    return token.copy(
        type=kind, block=True, level=level, map=place, meta={**token.meta}
    )


def _give(output: list[Token], mark: Token) -> bool:
    """Give a label or a size to the block before it; return whether it takes it."""
    owner = _owner(output)
    if owner is None or (mark.type == "size" and owner.type != "figure"):
        return False
    owner.meta.setdefault(f"{mark.type}s", []).append(mark)
    return True


def _owner(output: list[Token]) -> Token | None:
    """Return the block at the end of the output, or None."""
    if not output:
        return None
    last = output[-1]
    if last.nesting >= 0:
        return last if last.type in LABELLED else None
    opening = last.type.removesuffix("_close") + "_open"
    for token in reversed(output):
        if token.type == opening and token.level == last.level:
            return token if token.type in LABELLED else None
    return None


def _take_labels(heading: Token, inline: Token) -> None:
    """Move the labels on a heading's own line to the heading."""
    children = inline.children or []
    labels = [token for token in children if token.type == "label"]
    if labels:
        heading.meta.setdefault("labels", []).extend(labels)
        inline.children = [token for token in children if token not in labels]
        while inline.children and is_blank(inline.children[-1]):
            inline.children.pop()
        if inline.children and inline.children[-1].type == "text":
            inline.children[-1].content = inline.children[-1].content.rstrip()

"""Write figures: a picture with its caption, its size and its labels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it.token import Token

from tabbook.importers.conversion import inline

if TYPE_CHECKING:
    from tabbook.importers.conversion.blocks.blocks import Blocks

SIZE = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>px|%|em|cm|mm|in|pt)?")


def figure_of_image(
    blocks: Blocks, token: Token, after: dict[str, str], line: int
) -> str:
    """Return an image that has its paragraph to itself.

    :param after: pandoc's attributes behind it, where MyST's parser reads none.
    """
    attrs = {key: str(value) for key, value in token.attrs.items()} | after
    names, blocks.waiting = blocks.waiting, []
    if attrs.get("id"):
        names.append(attrs["id"])
    shown = inline.image(blocks.context, token, line)
    return with_marks(blocks, shown, names, attrs)


def figure(
    blocks: Blocks,
    address: str,
    caption: str,
    options: dict[str, str],
    line: int,
) -> str:
    """Return the figure of a directive.

    :param caption: in the dialect, on one line.
    :param options: ``width``, ``height``, ``name`` and others.
    """
    names, blocks.waiting = blocks.waiting, []
    names += [options[key] for key in ("name", "label") if options.get(key)]
    attrs: dict[str, str | int | float] = {"src": address}
    token = Token("image", "img", 0, attrs=attrs, content=caption)
    shown = inline.image(blocks.context, token, line, caption)
    return with_marks(blocks, shown, names, options)


def with_marks(
    blocks: Blocks, shown: str, names: list[str], options: dict[str, str]
) -> str:
    """Return a picture with marks of its size and its labels below it."""
    lines = [shown]
    if shown.startswith("!["):
        for key in ("width", "height"):
            if size := _size(options.get(key, "")):
                lines.append(f":{key}:`{size}`")
    safe = dict.fromkeys(filter(None, map(blocks.label, names)))
    return "\n".join([*lines, *(f":label:`{name}`" for name in safe)])


def _size(text: str) -> str:
    """Return a size with its unit; empty if it is none."""
    match = SIZE.fullmatch(text.strip())
    return f"{match['number']}{match['unit'] or 'px'}" if match else ""

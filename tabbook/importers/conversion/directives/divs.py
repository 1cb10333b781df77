"""Pandoc's divs: callouts, sets of tabs, layout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from tabbook.importers.conversion.directives.boxes import admonition
from tabbook.importers.conversion.directives.tabs import panel_tabset
from tabbook.importers.conversion.options import Directive
from tabbook.importers.conversion.pieces import Origin, Piece

if TYPE_CHECKING:
    from tabbook.importers.conversion.blocks.blocks import Blocks

CALLOUT = re.compile(r"\.callout-(?P<kind>\w+)")
DIV_TITLE = re.compile(r"title\s*=\s*\"(?P<title>[^\"]*)\"")
DIV_ID = re.compile(r"(?:^|[{\s])#(?P<id>[\w:.-]+)")
HEADING = re.compile(r"^(?P<level>#{1,6})\s+(?P<text>.*)$")


def div(
    blocks: Blocks, info: str, content: str, origin: Origin, at: int
) -> Iterator[Piece]:
    """Yield one of pandoc's divs: a callout, a set of tabs, or its content."""
    here = origin(at)
    inner: Origin = partial(_moved, origin, at + 1)

    if match := DIV_ID.search(info):
        blocks.take_label(match["id"])
    if match := CALLOUT.search(info):
        title = DIV_TITLE.search(info)
        argument = title["title"] if title else ""
        content, inner, argument = _heading_as_title(content, inner, argument)
        name = "admonition" if argument else match["kind"]
        options = {"class": "dropdown"} if "collapse=" in info else {}
        directive = Directive(name, argument, options, {}, content, here, inner)
        yield from admonition(blocks, directive)
    elif "panel-tabset" in info:
        yield from panel_tabset(blocks, content, inner)
    elif not _is_for_html(info):
        what = f"text that is not for HTML ({info}) is left out"
        blocks.context.losses.left_out(here, what)
    else:
        yield from blocks.convert(content, inner)


def _heading_as_title(
    content: str, inner: Origin, title: str
) -> tuple[str, Origin, str]:
    """Return a callout's text, origin and title, which may be its first heading."""
    lines = content.split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    match = HEADING.match(lines[first])
    if title or not match:
        return content, inner, title
    rest = "\n".join(lines[first + 1 :])
    return rest, partial(_moved, inner, first + 1), match["text"]


def _moved(origin: Origin, by: int, at: int) -> int:
    return origin(at + by)


def _is_for_html(info: str) -> bool:
    """Return whether a div is for the format that pages have."""
    if "content-visible" in info and "when-format" in info:
        return "html" in info
    if "content-visible" in info and "unless-format" in info:
        return "html" not in info
    if "content-hidden" in info:
        return "unless-format" in info and "html" in info
    return True

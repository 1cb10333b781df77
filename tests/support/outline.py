"""Pages as readable text: what a reader sees, without classes and addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from bs4 import NavigableString, Tag

INLINE = {"em": "*", "strong": "**", "code": "`", "s": "~~", "sub": "~", "sup": "^"}
"""Marks around the text of inline elements."""

BLOCKS = {"h1": "# ", "h2": "## ", "h3": "### ", "p": "", "pre": "| ", "li": "- "}
"""The beginning of a block's line."""

NAMED = {"figure": "figure", "caption": "caption", "dt": "term"}
"""Names before the text of other blocks."""

HIDDEN = ("breadcrumbs", "headerlink", "cell_input", "lacks", "copybtn")
"""Classes of what the theme adds around the text."""


def outline(article: Tag) -> str:
    """Return the blocks of a page, a line each."""
    return "\n".join(line for line in _blocks(article) if line.strip())


def _blocks(tag: Tag) -> Iterator[str]:
    for child in tag.find_all(True, recursive=False):
        if _is_hidden(child):
            continue
        if line := _line(child):
            yield line
        elif child.name == "li":
            yield from (f"- {line}" for line in _blocks(child))
        else:
            yield from _blocks(child)


def _line(tag: Tag) -> str:
    """Return the line of a block; empty if its children have lines of their own."""
    if tag.name in ("math", "img"):
        return "".join(_piece(tag))
    if "math-block" in tag.get("class", ()):
        return _inline(tag)
    if tag.name == "tr":
        return "| " + " | ".join(map(_inline, tag.find_all(["th", "td"])))
    if tag.name in NAMED:
        return f"{NAMED[tag.name]}: {_inline(tag)}"
    if tag.name == "li" and tag.find(["p", "ul", "ol", "pre", "table", "figure"]):
        return ""
    return BLOCKS[tag.name] + _inline(tag) if tag.name in BLOCKS else ""


def _inline(node: Tag) -> str:
    return re.sub(r"\s+", " ", "".join(_pieces(node))).strip()


def _pieces(node: Tag) -> Iterator[str]:
    for child in node.children:
        if isinstance(child, NavigableString):
            yield str(child)
        elif isinstance(child, Tag) and not _is_hidden(child):
            yield from _piece(child)


def _piece(tag: Tag) -> Iterator[str]:
    if tag.name == "math":
        yield _formula(tag)
    elif tag.name == "img":
        yield f"[image {_file(tag)} {tag.get('alt', '')}]"
    elif tag.name == "a" and "image-reference" not in tag.get("class", ()):
        yield f"[{_inline(tag)}]({tag.get('href', '')})"
    elif mark := INLINE.get(tag.name):
        yield f"{mark}{_inline(tag)}{mark}"
    else:
        yield from _pieces(tag)


def _file(image: Tag) -> str:
    return unquote(str(image["src"]).rpartition("/")[2])


def _formula(math: Tag) -> str:
    """Return the letters of a formula; a displayed one in double dollars."""
    dollar = "$$" if math.get("display") == "block" else "$"
    return dollar + re.sub(r"\s+", "", math.get_text()) + dollar


def _is_hidden(tag: Tag) -> bool:
    return any(name in HIDDEN for name in tag.get("class", ()))

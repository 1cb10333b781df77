"""SVG of outputs without scripts, also where a reader opens the picture by itself."""

from __future__ import annotations

import re
from xml.etree import ElementTree

SUSPECT = re.compile(
    r"<(?:\w+:)?(?:script|foreignObject|iframe)\b|\son\w+\s*=|javascript:|<!ENTITY",
    re.I,
)
"""Sign of something that could run; pictures without one keep their bytes."""

REMOVED = frozenset({"script", "foreignobject", "iframe", "handler"})
HANDLER = re.compile(r"on\w+", re.I)
ENTITY = re.compile(r"<!ENTITY", re.I)


def clean(svg: str) -> tuple[str, bool]:
    """Remove scripts.

    :returns: the picture, and whether something was removed; a picture that cannot be
        read is returned empty.
    """
    if not SUSPECT.search(svg):
        return svg, False
    if ENTITY.search(svg):
        return "", True
    try:
        root = ElementTree.fromstring(svg.strip())
    except ElementTree.ParseError:
        return "", True
    ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    removed = _clean(root)
    # Written anew, without comments: HTML ends some of them earlier than XML does.
    return ElementTree.tostring(root, encoding="unicode"), removed


def _clean(element: ElementTree.Element) -> bool:
    """Remove elements and attributes below an element; return whether any was."""
    removed = False
    for name, value in list(element.attrib.items()):
        plain = re.sub(r"[\x00-\x20]", "", value).lower()
        if HANDLER.fullmatch(_local(name)) or plain.startswith("javascript:"):
            del element.attrib[name]
            removed = True
    for child in list(element):
        if _local(child.tag).lower() in REMOVED:
            element.remove(child)
            removed = True
        else:
            removed |= _clean(child)
    return removed


def _local(name: str) -> str:
    return name.rpartition("}")[2]

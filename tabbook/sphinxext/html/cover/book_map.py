"""An author's drawing of the book as a part of a page, with links to the pages."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree

from tabbook.sphinxext.mime import svg

SVG = "http://www.w3.org/2000/svg"
PREFIX = "map-"
"""Begins the ids of the drawing, so that none is one of the page's."""

ID_LISTS = frozenset({"aria-labelledby", "aria-describedby"})


def linked(drawing: str, addresses: Mapping[str, str]) -> str:
    """Return a drawing in which each text that is a page's title leads to the page.

    :param drawing: an SVG; empty for none.
    :param addresses: by title.
    :returns: the element, without anything that runs; empty if it cannot be read, or if
        no text in it is a title.
    """
    try:
        root = ElementTree.fromstring(svg.clean(drawing)[0])
    except ElementTree.ParseError:
        return ""
    parents = {child: parent for parent in root.iter() for child in parent}
    boxes = [_box(rectangle) for rectangle in root.iter(f"{{{SVG}}}rect")]
    linked_any = False
    for text in list(root.iter(f"{{{SVG}}}text")):
        title = "".join(text.itertext()).strip()
        if title in addresses:
            _link(text, parents[text], boxes, addresses[title])
            linked_any = True
    if not linked_any:
        return ""
    _rename(root)
    root.set("role", "group")  # a picture's parts are nothing to a screen reader
    ElementTree.register_namespace("", SVG)
    return ElementTree.tostring(root, encoding="unicode")


Box = tuple[float, float, float, float]
"""Left, top, width and height."""


def _box(rect: ElementTree.Element) -> Box:
    left, top, width, height = (
        _number(rect, name) for name in ("x", "y", "width", "height")
    )
    return left, top, width, height


def _link(
    text: ElementTree.Element,
    parent: ElementTree.Element,
    boxes: list[Box],
    address: str,
) -> None:
    """Put a text into a link, with the area of the smallest box around it."""
    link = ElementTree.Element(f"{{{SVG}}}a", {"href": address})
    x, y = _number(text, "x"), _number(text, "y")
    around = [box for box in boxes if _contains(box, x, y)]
    if around:
        box = min(around, key=lambda box: box[2] * box[3])
        sizes = zip(("x", "y", "width", "height"), map("{:g}".format, box), strict=True)
        attributes = {**dict(sizes), "rx": "8", "class": "map-area"}
        ElementTree.SubElement(link, f"{{{SVG}}}rect", attributes)
    link.tail, text.tail = text.tail, None
    parent[list(parent).index(text)] = link
    link.append(text)


def _contains(box: Box, x: float, y: float) -> bool:
    left, top, width, height = box
    return left <= x <= left + width and top <= y <= top + height


def _number(element: ElementTree.Element, name: str) -> float:
    try:
        return float(element.get(name, "0"))
    except ValueError:
        return 0.0  # a percentage


def _rename(root: ElementTree.Element) -> None:
    """Prefix the ids of a drawing and the references to them."""
    for element in root.iter():
        for name, value in list(element.attrib.items()):
            element.set(name, _renamed(name, value))


def _renamed(name: str, value: str) -> str:
    if name == "id":
        return PREFIX + value
    if name in ID_LISTS:
        return " ".join(PREFIX + each for each in value.split())
    if name.rpartition("}")[2] == "href":
        return f"#{PREFIX}{value[1:]}" if value.startswith("#") else value
    return value.replace("url(#", f"url(#{PREFIX}")

"""Write MathML Core as MathML 3, by which epubcheck reads an EPUB."""

from __future__ import annotations

from xml.dom import minidom

STYLES = ("displaystyle", "scriptlevel")
"""Attributes that every element of MathML Core can have."""

ALLOWED = {"mstyle": STYLES, "math": ("displaystyle",), "mtable": ("displaystyle",)}
"""Those that elements of MathML 3 can have, by their names."""


def as_mathml_3(mathml: str) -> str:
    """Move the attributes of styles to ``mstyle``, which has them in MathML 3 too."""
    if not any(f"{name}=" in mathml for name in STYLES):
        return mathml
    document = minidom.parseString(mathml)
    for element in list(document.getElementsByTagName("*")):
        allowed = ALLOWED.get(element.tagName, ())
        names = [name for name in STYLES if element.hasAttribute(name)]
        moved = [name for name in names if name not in allowed]
        if moved:
            _wrap(document, element, moved)
    return str(document.documentElement.toxml())  # type: ignore[union-attr]


def _wrap(
    document: minidom.Document, element: minidom.Element, names: list[str]
) -> None:
    """Put an element into one that has some of its attributes instead."""
    style = document.createElement("mstyle")
    for name in names:
        style.setAttribute(name, element.getAttribute(name))
        element.removeAttribute(name)
    element.parentNode.replaceChild(style, element)  # type: ignore[union-attr]
    style.appendChild(element)

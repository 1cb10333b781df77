"""LaTeX of outputs: a formula in one of the notations that Jupyter knows, or a text."""

from __future__ import annotations

import re

ENVIRONMENT = re.compile(r"\\begin\{(?P<name>[a-z]+\*?)\}.*\\end\{(?P=name)\}", re.S)
DELIMITED = re.compile(
    r"\$\$(?P<a>[^$]+)\$\$|\$(?P<b>[^$]+)\$|\\\[(?P<c>.+)\\\]|\\\((?P<d>.+)\\\)", re.S
)
"""A formula that is the whole of a text."""

DISPLAYED = re.compile(r"\\displaystyle(?![A-Za-z])\s*")
"""IPython begins formulas with it; here they are displayed anyway."""


def formula(text: str) -> str | None:
    """Return the formula that LaTeX consists of, None for a text with formulas."""
    text = text.strip()
    if ENVIRONMENT.fullmatch(text):
        return text
    if delimited := DELIMITED.fullmatch(text):
        inner = str(next(filter(None, delimited.groups()))).strip()
        displayed = DISPLAYED.match(inner)
        return inner[displayed.end() :] if displayed else inner
    return None if "$" in text or r"\(" in text else text

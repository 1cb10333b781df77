"""Keep d2lbook's own marks, which its compiled notebooks still have."""

from __future__ import annotations

import re

MARK = re.compile(
    r":(?P<key>label|eqlabel|numref|ref|eqref|cite|citet|citep|width|height)"
    r":`(?P<value>[^`\n]+)`"
)
"""A mark of the dialect in a notebook."""

ROLE = "d2lbook"
"""Beginning of the name of the role that stands for a mark while a text is parsed."""

ALONE = re.compile(r":(?:label|eqlabel|width|height):`[^`\n]*`(?:\n:\w+:`[^`\n]*`)*")
"""A text of nothing but marks that belong to the block above it."""


def are_in(text: str) -> bool:
    """Return whether a text has such marks."""
    return bool(MARK.search(text))


def as_roles(text: str) -> str:
    """Return a text with roles of MyST in place of marks."""
    return MARK.sub(rf"{{{ROLE}:\g<key>}}`\g<value>`", text)

"""Text as terminals receive it."""

from __future__ import annotations

import re

ANSI = re.compile(r"\x1b\[[0-9;]*m")
"""The escape sequences that set colours."""


def strip_ansi(text: str) -> str:
    """Return text without colours."""
    return ANSI.sub("", text)

"""Reading options (size, spacing, width), which a partial of the theme offers."""

from __future__ import annotations

from typing import Any

from tabbook.base.translations import texts

GROUPS = {
    "theme": ("auto", "light", "dark"),
    "size": ("small", "", "large", "larger"),
}
"""Values of each choice by the attribute that it sets; an empty one removes it."""

SWITCHES = {"width": "wide", "wrap": "on"}
"""The value of each switch that is on."""


def reading_options(language: str) -> dict[str, Any]:
    """Return the choices with their words in a book's language."""
    words = texts(language, "reading")
    return {
        "options": words["options"],
        "groups": [
            (
                name,
                words[name],
                [(value, words[f"{name}_{value or 'normal'}"]) for value in of],
            )
            for name, of in GROUPS.items()
        ],
        "switches": [(name, on, words[name]) for name, on in SWITCHES.items()],
    }

"""Colours of code in the PDF, for the token types that are coloured on the pages."""

from __future__ import annotations

from typing import ClassVar

from pygments import token
from pygments.style import Style


class Colours(Style):  # type: ignore[misc]
    """The page's light colours."""

    background_color = "#f6f8fa"
    styles: ClassVar[dict[object, str]] = {
        token.Token: "#1f2328",
        token.Comment: "#59636e",
        token.Keyword: "#a3123d",
        token.Operator.Word: "#a3123d",
        token.Literal.String: "#0a5c36",
        token.Literal.Number: "#8a4b00",
        token.Name.Builtin: "#0b5394",
        token.Name.Class: "#6639ba",
        token.Name.Decorator: "#6639ba",
        token.Name.Function: "#6639ba",
        token.Name.Exception: "#0b5394",
        token.Generic.Error: "#b3261e",
        token.Generic.Deleted: "#b3261e",
        token.Generic.Inserted: "#0a5c36",
        token.Generic.Emph: "italic",
        token.Generic.Strong: "bold",
    }

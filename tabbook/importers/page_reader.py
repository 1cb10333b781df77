"""Read a page of MyST or Quarto into pieces of the dialect."""

from __future__ import annotations

from typing import Any

from tabbook.importers.conversion.blocks.blocks import Blocks
from tabbook.importers.conversion.context import Context
from tabbook.importers.conversion.options import front_matter
from tabbook.importers.conversion.pieces import Origin, Piece

FOR_PROGRAMS = frozenset(
    {"jupytext", "kernelspec", "jupyter", "file_format", "engine", "format", "execute"}
    | {"title", "bibliography", "label", "numbering", "orphan", "myst", "html_meta"}
    | {"substitutions", "toc", "toc-depth", "number-sections", "lang", "output-file"}
)
"""Keys of front matter that say nothing to readers, or that are read."""


def read(context: Context, text: str) -> tuple[list[Piece], str]:
    """Return the pieces and the title of a page."""
    title = read_front_matter(context, text, lambda at: at + 1)
    height = front_matter(text)[2]
    blocks = Blocks(context)
    if label := context.env.pop("page label", ""):
        blocks.take_label(label)
    # Blank lines in its place keep the numbers of all others.
    body = "\n" * height + "\n".join(text.split("\n")[height:])
    return blocks.convert(body, lambda at: at + 1), title


def read_front_matter(context: Context, text: str, origin: Origin) -> str:
    """Read the front matter of a text, if it has any; return its title."""
    values, lines, _ = front_matter(text)
    if not values:
        return ""
    for key, line in lines.items():
        if key not in FOR_PROGRAMS and values.get(key) not in (None, "", [], {}):
            what = f"the entry {key!r} of the front matter is left out"
            context.losses.left_out(origin(line - 1), what)
    context.language = _language(values) or context.language
    substitutions = values.get("substitutions") or _of(values.get("myst"))
    context.env["substitutions"] = substitutions
    files = values.get("bibliography") or []
    context.bibliography += files if isinstance(files, list) else [str(files)]
    context.env["page label"] = str(values.get("label") or "")
    return str(values.get("title") or "")


def _of(myst: Any) -> dict[str, Any]:
    value = myst.get("substitutions") if isinstance(myst, dict) else None
    return value if isinstance(value, dict) else {}


def _language(values: dict[str, Any]) -> str:
    """Return the language of a page's cells; empty where it does not say."""
    kernel = values.get("kernelspec")
    name = str(kernel.get("name") or "") if isinstance(kernel, dict) else ""
    name = name or str(values.get("jupyter") or "")
    known = {"ir": "r", "r": "r"}
    if name.startswith("julia"):
        return "julia"
    return known.get(name.lower(), "")

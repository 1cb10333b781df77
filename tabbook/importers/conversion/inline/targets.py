"""Where the references and links of an imported file lead in the book."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from urllib.parse import unquote

from tabbook.importers.conversion.context import Context, label_name, slug
from tabbook.source.cells.expressions import ELSEWHERE

SOURCES = (".md", ".ipynb", ".qmd")
"""Endings of files that become sections."""

PROTOCOL = re.compile(r"(?:project|path|inv|myst|xref):")
"""Prefix that MyST allows in the address of a link within a book."""


def reference(
    context: Context, target: str, text: str, line: int, mark: str = "numref"
) -> str:
    """Return the mark that refers to a label, or a text where there is no such label.

    :param text: the words of the link; empty for the label's own.
    """
    name = label_name(target)
    if mark == "eqref":
        name = context.formula_label(target)
    if name not in context.known.labels:
        what = f"there is no label {target!r} in what is imported or in the book"
        context.losses.left_out(line, f"{what}; the reference became text")
        return text or f"`{target}`"
    if text and "%s" not in text and "{" not in text:
        return f"[{text}]({_address(context, name)})"
    return f":{mark}:`{name}`"


def citation(context: Context, mark: str, keys: list[str], line: int) -> str:
    """Return the mark that cites entries, without those that no .bib file has."""
    known = [key for key in keys if key in context.known.keys]
    context.cited |= dict.fromkeys(known)
    for key in keys:
        if key not in known:
            what = f"no .bib file has the entry {key!r}; its citation became text"
            context.losses.left_out(line, what)
    missing = ", ".join(f"`{key}`" for key in keys if key not in known)
    shown = f":{mark}:`{','.join(known)}`" if known else ""
    return f"{shown} {missing}".strip()


def link(context: Context, address: str, has_text: bool, line: int) -> str | None:
    """Return the address of a link in the book, or a reference in its place.

    :returns: None where the text alone can be kept.
    """
    if PROTOCOL.match(address):
        address = address.partition(":")[2]
    if label_name(address) in context.known.labels:
        address = f"#{address}"  # MyST allows a label alone
    if ELSEWHERE.match(address) and not address.startswith("#"):
        return address
    path, _, anchor = unquote(address).partition("#")
    page = page_of(context, path) if path else context.section
    label = _label(context, anchor, own=page == context.section)
    if page is None and not anchor and not path.endswith(SOURCES):
        label = _label(context, path, own=False)
        page = context.section if label else None
    if page is None or (anchor and not label and page == context.section):
        where = f"{address!r} leads to nothing that is imported"
        context.losses.left_out(line, f"the link to {where}; its text is kept")
        return None if has_text else ""
    if label:
        return _address(context, label) if has_text else f":numref:`{label}`"
    return page_address(context, page)


def page_of(context: Context, path: str) -> str | None:
    """Return the name of the section that a file became, or None."""
    folder = context.source.parent
    places = [] if path.startswith("/") else [folder / path]
    places += [above / path.lstrip("/") for above in context.source.parents]
    for place in places:
        for ending in ("", *SOURCES):
            file = Path(posixpath.normpath(f"{place}{ending}"))
            if str(file) in context.known.pages:
                return context.known.pages[str(file)]
    return None


def page_address(context: Context, page: str) -> str:
    """Return the address of a section, relative to the one that is made."""
    folder = posixpath.dirname(context.section) or "."
    return f"{posixpath.relpath(page, folder)}.md"


def _address(context: Context, label: str) -> str:
    """Return the address of a label."""
    page = context.known.labels[label]
    return f"{'' if page == context.section else page_address(context, page)}#{label}"


def _label(context: Context, anchor: str, *, own: bool) -> str:
    """Return the label that an anchor leads to; empty if there is none.

    :param own: whether it may be a heading of the file that is read, which then gets
        a label.
    """
    name = label_name(anchor)
    if name in context.known.labels:
        return name
    if own and anchor:
        context.linked.add(slug(anchor))
        label = heading_label(slug(anchor))
        return label if label in context.known.labels else ""
    return ""


def heading_label(heading_slug: str) -> str:
    """Return the label of a heading to which a link leads by its slug."""
    return f"sec_{heading_slug}"

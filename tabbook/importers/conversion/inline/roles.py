"""Convert MyST's roles, such as ``{ref}`x```."""

from __future__ import annotations

import re

from tabbook.importers.conversion.context import Context, label_name
from tabbook.importers.conversion.inline import d2lbook_marks, targets

TITLED = re.compile(r"(?P<text>.*?)\s*<(?P<target>[^<>]+)>\s*", re.DOTALL)

REFERENCES = frozenset({"ref", "numref", "eq", "prf:ref", "exercise:ref", "std:ref"})

CITATIONS = {
    **dict.fromkeys(("cite", "cite:p", "cite:ps", "cite:empty", "citep"), "cite"),
    **dict.fromkeys(("cite:t", "cite:ts", "cite:ct", "cite:alp", "citet"), "citet"),
    **dict.fromkeys(("cite:author", "cite:year", "cite:label", "footcite"), "citet"),
    **dict.fromkeys(("footcite:p", "cite:cts"), "cite"),
    "footcite:t": "citet",
}

MARKUP = {
    "sub": ("~", "~"),
    "sup": ("^", "^"),
    "subscript": ("~", "~"),
    "superscript": ("^", "^"),
    "strong": ("**", "**"),
    "emphasis": ("*", "*"),
    "math": ("$", "$"),
    "del": ("~~", "~~"),
    "kbd": ("<kbd>", "</kbd>"),
}
"""Marks before and after the text of a role."""

CODE = frozenset(
    {"code", "command", "file", "program", "samp", "envvar", "option", "makevar"}
    | {"func", "class", "meth", "mod", "attr", "data", "exc", "obj", "const", "any"}
)
"""Roles whose text is code, in Python's domain, too."""

PLAIN = frozenset(
    {"guilabel", "menuselection", "dfn", "index", "u", "underline", "sc", "smallcaps"}
    | {"abbr", "abbreviation", "term"}
)
"""Roles whose text is plain; an abbreviation goes without its meaning."""


def convert(context: Context, name: str, content: str, line: int) -> str:
    """Return a role's text in the dialect."""
    own, _, key = name.partition(":")
    if own == d2lbook_marks.ROLE:
        return _mark(context, key, content, line)
    if name in REFERENCES:
        text, target = _titled(content)
        mark = "eqref" if name == "eq" else "numref"
        return targets.reference(context, target, text, line, mark)
    if name in CITATIONS:
        return targets.citation(context, CITATIONS[name], _keys(content), line)
    if name in ("doc", "download"):
        return _linked(context, name, content, line)
    return _text(context, name, content, line)


def _mark(context: Context, key: str, content: str, line: int) -> str:
    """Return one of d2lbook's own marks."""
    if key in ("label", "eqlabel"):
        context.labels[label_name(content)] = None
        return f":{key}:`{label_name(content)}`"
    if key in ("cite", "citet", "citep"):
        mark = "cite" if key == "citep" else key
        return targets.citation(context, mark, _keys(content), line)
    if key in ("width", "height"):
        return f":{key}:`{content}`"
    return targets.reference(context, content, "", line, key)


def _text(context: Context, name: str, content: str, line: int) -> str:
    """Return the text of a role that leads nowhere."""
    text = _titled(content)[0] or content
    if name in MARKUP:
        before, after = MARKUP[name]
        return f"{before}{content.strip()}{after}"
    if name in PLAIN:
        return text.partition(" (")[0]
    if name.rpartition(":")[2] not in CODE:
        what = f"the role {{{name}}} is unknown; {text!r} is shown as code"
        context.losses.changed(line, what)
    return f"`{text.strip('~!')}`"


def _linked(context: Context, name: str, content: str, line: int) -> str:
    """Return the text of a link to a page or a file."""
    text, target = _titled(content)
    page = targets.page_of(context, target)
    if page is None:
        what = f"{{{name}}} leads to {target!r}, which is not imported"
        context.losses.left_out(line, f"{what}; its text is kept")
        return text or f"`{target}`"
    title = text or context.known.titles.get(page, target)
    return f"[{title}]({targets.page_address(context, page)})"


def _titled(content: str) -> tuple[str, str]:
    """Return text and target of ``text <target>``; a target alone has no text."""
    match = TITLED.fullmatch(content)
    return (match["text"], match["target"]) if match else ("", content)


def _keys(content: str) -> list[str]:
    return [key.strip() for key in content.split(",") if key.strip()]

"""Convert the text of a paragraph, a heading or a cell of a table."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it.token import Token

from tabbook.importers.conversion.context import Context
from tabbook.importers.conversion.escapes import without_scripts, without_slide_marks
from tabbook.importers.conversion.inline import roles, targets
from tabbook.source.images.html import html_images, with_addresses
from tabbook.source.markdown.edits import Edit, apply

CITATIONS = re.compile(r"\[(?P<all>[^\]\[]*@[\w][^\]\[]*)\](?!\()")
"""A citation in brackets by pandoc's rule, such as ``[@a; @b, p. 3]``."""

AT = re.compile(r"(?<![\w@\\])-?@(?P<key>[\w](?:[\w:.#$%&+?<>~/-]*[\w])?)")
"""A citation or a reference within the text, such as ``@fig-x``."""

CROSS_REFERENCE = re.compile(r"(?:fig|tbl|eq|sec|lst|thm|lem|cor|def|exm|exr)-")
"""The beginning of the labels that Quarto refers to."""

ATTRIBUTES = re.compile(r"\{[^{}\n]*\}")
LIKE_MARK = re.compile(r":[\w.-]+:$")
AMOUNT = re.compile(r"\d[^\\_^=]*\s")
"""A "formula" that is an amount of money and the text up to the next amount."""

ANCHOR = re.compile(r"<a\s+(?:id|name)\s*=\s*[\"'](?P<name>[^\"']+)[\"']\s*/?>", re.I)
"""A place that links lead to, in HTML."""


def convert(context: Context, token: Token, line: int) -> str:
    """Return the text of an inline token in the dialect.

    :param line: of the imported file, where it begins.
    """
    source = token.content
    edits = list(_edits(context, token.children or [], source, line))
    text = apply(source, edits)
    return text if context.dialect else without_slide_marks(text)


def _edits(
    context: Context, children: list[Token], source: str, line: int
) -> Iterator[Edit]:
    """Yield the edits of the tokens of a text."""
    at = 0
    for position, token in enumerate(children):
        span = token.meta.get("span")
        here = line + source.count("\n", 0, span[0] if span else at)
        if token.type == "text":
            begin = source.find(token.content, at)
            if begin >= 0 and token.content:
                at = begin + len(token.content)
                yield from _text(context, token.content, begin, here)
            continue
        if not span:
            continue
        if token.type == "link_open":
            yield from _link(context, token, source, here)
        if token.type in CONVERTERS:
            yield from CONVERTERS[token.type](context, token, source, here)
        if token.type == "code_inline" and position:
            yield from _not_a_mark(children[position - 1], source, span[0])
        if token.type != "link_open":
            at = max(at, span[1])


def _text(context: Context, text: str, begin: int, line: int) -> Iterator[Edit]:
    """Yield the edits of plain text."""
    if context.quarto or context.known.keys:
        yield from _at_signs(context, text, begin, line)
    if not context.quarto and (escaped := without_scripts(text)) != text:
        yield Edit(begin, begin + len(text), escaped)


def _at_signs(context: Context, text: str, begin: int, line: int) -> Iterator[Edit]:
    """Yield the edits of citations and references by pandoc's rule."""
    for match in CITATIONS.finditer(text):
        keys = [each["key"] for each in AT.finditer(match["all"])]
        if all(_is_citation(context, key) for key in keys):
            rest = AT.sub("", match["all"]).strip(" ;,")
            if rest:
                what = f"the citation {match[0]!r} keeps its keys only, not {rest!r}"
                context.losses.changed(line, what)
            mark = targets.citation(context, "cite", keys, line)
            yield Edit(begin + match.start(), begin + match.end(), mark)
        elif len(keys) == 1 and match["all"].strip().startswith("@"):
            mark = targets.reference(context, keys[0], "", line)
            yield Edit(begin + match.start(), begin + match.end(), mark)
    for match in AT.finditer(text):
        key = match["key"]
        if CROSS_REFERENCE.match(key) and context.quarto:
            mark = targets.reference(context, key, "", line)
        elif _is_citation(context, key):
            mark = targets.citation(context, "citet", [key], line)
        else:
            continue
        yield Edit(begin + match.start(), begin + match.end(), mark)


def _is_citation(context: Context, key: str) -> bool:
    return key in context.known.keys or (
        context.quarto
        and not context.known.keys
        and bool(context.bibliography)
        and not CROSS_REFERENCE.match(key)
    )


def _not_a_mark(before: Token, source: str, begin: int) -> Iterator[Edit]:
    """Yield the edit that parts ``:name:`` from the code behind it."""
    match = LIKE_MARK.search(source[:begin])
    if match and before.type == "text":
        yield Edit(match.start(), begin, "")


def _role(context: Context, token: Token, source: str, line: int) -> Iterator[Edit]:
    name = str(token.meta["name"])
    yield Edit.at(token.meta["span"], roles.convert(context, name, token.content, line))


def _math(context: Context, token: Token, source: str, line: int) -> Iterator[Edit]:
    content = token.content
    if token.markup == "$" and AMOUNT.fullmatch(content):
        return
    dollars = "$$" if token.type == "math_inline_double" else "$"
    inside = " ".join(content.split()) if content != content.strip() else content
    yield Edit.at(token.meta["span"], f"{dollars}{inside.strip()}{dollars}")


def _image(context: Context, token: Token, source: str, line: int) -> Iterator[Edit]:
    begin, end = token.meta["span"]
    if match := ATTRIBUTES.match(source, end):
        end = match.end()
    yield Edit(begin, end, image(context, token, line))


def image(context: Context, token: Token, line: int, caption: str = "") -> str:
    """Return an image whose file is brought into the book.

    :param caption: in the dialect; its own text where it is empty.
    """
    address = str(token.attrs["src"])
    text = caption or convert(context, token, line)
    brought = context.pictures.bring(address, dict(context.attachments))
    if brought is None:
        shown = address if len(address) < 60 else f"{address[:60]}..."
        what = f"the picture {shown!r} does not exist; its text stands in its place"
        context.losses.left_out(line, what)
        return f"*{text}*" if text.strip() else ""
    title = str(token.attrs.get("title", ""))
    after = f' "{title}"' if title and '"' not in title else ""
    return f"![{text}]({brought}{after})"


def _link(context: Context, token: Token, source: str, line: int) -> Iterator[Edit]:
    begin, end = token.meta["span"]
    written = source[begin:end]
    if not written.startswith("["):  # <https://example.org>
        return
    address = str(token.attrs.get("href", ""))
    closing = _end_of_text(written)
    text = written[1:closing]
    known = targets.link(context, address, bool(text), line)
    if known is None:
        yield Edit(begin, begin + 1, "")
        yield Edit(begin + closing, end, "")
    elif known.startswith(":"):
        yield Edit(begin, end, known)
    elif known != address or not written[closing:].startswith("]("):
        yield Edit(begin + closing, end, f"]({known})")


def _end_of_text(written: str) -> int:
    """Return the position of the bracket that ends the text of a link."""
    depth, at = 0, 0
    while at < len(written):
        if written[at] == "\\":
            at += 1
        elif written[at] == "[":
            depth += 1
        elif written[at] == "]":
            depth -= 1
            if not depth:
                return at
        at += 1
    return len(written) - 1


def _html(context: Context, token: Token, source: str, line: int) -> Iterator[Edit]:
    new = html(context, token.content, line)
    if new != token.content:
        yield Edit.at(token.meta["span"], new)


def html(context: Context, text: str, line: int) -> str:
    """Return HTML whose pictures are brought into the book."""
    if not html_images(text):
        return text

    def address(old: str) -> str:
        """Return the address in the book; that of a missing picture stays."""
        brought = context.pictures.bring(old, dict(context.attachments))
        if brought is None:
            what = f"the picture {old[:60]!r} does not exist; its tag is kept"
            context.losses.left_out(line, what)
        return old if brought is None else brought

    return with_addresses(text, address)


def _substitution(
    context: Context, token: Token, source: str, line: int
) -> Iterator[Edit]:
    yield Edit.at(token.meta["span"], substituted(context, token.content, line))


def substituted(context: Context, content: str, line: int) -> str:
    """Return the text of ``{{ name }}`` or of Quarto's ``{{< shortcode >}}``."""
    name = content.strip()
    if name.startswith("<"):
        return _shortcode(context, name.strip("<> "), line)
    value = context.env.get("substitutions", {}).get(name)
    if isinstance(value, (str, int, float)):
        return str(value)
    context.losses.changed(line, f"the substitution {name!r} is shown as code")
    return f"`{{{{{name}}}}}`"


def _shortcode(context: Context, text: str, line: int) -> str:
    """Return a link in place of a video; other shortcodes are left out."""
    kind, _, rest = text.partition(" ")
    target = rest.split()[0] if rest.split() else ""
    if kind == "video" and target.startswith("http"):
        context.losses.changed(line, f"the video {target!r} is a link")
        return f"<{target}>"
    if kind == "pagebreak":
        return ""
    if kind == "kbd":
        return f"<kbd>{rest.strip()}</kbd>"
    context.losses.left_out(line, f"the shortcode {text!r} is left out")
    return ""


CONVERTERS = {
    "myst_role": _role,
    "math_inline": _math,
    "math_inline_double": _math,
    "image": _image,
    "html_inline": _html,
    "substitution_inline": _substitution,
}
"""Functions that yield the edits of a token, by its type."""

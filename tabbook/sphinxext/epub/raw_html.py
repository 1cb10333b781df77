"""Raw HTML of sources in EPUB, whose pages are XHTML: a ``<br>`` would break them."""

from __future__ import annotations

from html import escape, unescape
from html.parser import HTMLParser

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from tabbook.sphinxext.mime.epub import ATTRIBUTES, LEFT_OUT

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta"}
    | {"param", "source", "track", "wbr"}
)
"""Elements without content."""

UNCLOSED = frozenset(
    {"p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option"}
)
"""Elements that HTML closes by itself."""

KEPT = frozenset({"id", "width", "height"})
"""Attributes that sources may have and outputs may not."""

XML = ("<svg", "<math")
"""Elements of XML, whose names have capital letters."""

HIDDEN = frozenset({"script", "style"})
"""Elements whose content is no text."""

DROPPED = LEFT_OUT | HIDDEN
"""Elements whose tags are left out."""


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_post_transform(WellFormedSources)


class WellFormedSources(SphinxPostTransform):
    """Write the raw HTML of sources as XHTML."""

    default_priority = 880
    builders = ("epub",)

    def run(self, **kwargs: object) -> None:
        """Replace the HTML of every raw node that is no output."""
        for raw in list(self.document.findall(nodes.raw)):
            formats = raw.get("format", "").split()
            if "html" not in formats or "text_html" in raw["classes"]:
                continue
            text = raw.astext()
            if not any(tag in text for tag in XML):
                raw[:] = [nodes.Text(xhtml(text))]


def xhtml(text: str) -> str:
    """Return HTML as XHTML; it may be a part, such as ``<b>`` alone."""
    writer = _Writer()
    writer.feed(text)
    writer.close()
    written = "".join(writer.pieces)
    if writer.open and UNCLOSED.issuperset(writer.open):
        return str(BeautifulSoup(written, "html.parser"))
    return written


class _Writer(HTMLParser):
    """Writes each tag and text as XML has it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[str] = []
        self.open: list[str] = []
        """Names of the elements that are not closed."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Write a tag with the attributes that XHTML has."""
        if tag not in VOID:
            self.open.append(tag)
        if tag in DROPPED:
            return
        known = ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set()) | KEPT
        values = {name: value or "" for name, value in attrs if name in known}
        written = "".join(f' {name}="{escape(values[name])}"' for name in values)
        self.pieces.append(f"<{tag}{written}{' /' if tag in VOID else ''}>")

    def handle_endtag(self, tag: str) -> None:
        """Write the end of an element that has one."""
        if tag in VOID:
            return
        if tag in self.open:
            del self.open[len(self.open) - 1 - self.open[::-1].index(tag)]
        if tag not in DROPPED:
            self.pieces.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """Write text, unless readers do not see it."""
        if not HIDDEN.intersection(self.open):
            self.pieces.append(escape(data, quote=False))

    def handle_entityref(self, name: str) -> None:
        """Write a named character, whose name XML may lack."""
        self.pieces.append(escape(unescape(f"&{name};"), quote=False))

    def handle_charref(self, name: str) -> None:
        """Write a numbered character."""
        self.pieces.append(escape(unescape(f"&#{name};"), quote=False))

"""HTML of outputs in EPUB: well-formed, without styles, controls, frames and media."""

from __future__ import annotations

import nh3
from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from tabbook.sphinxext.mime.html import SVG_TAGS, TAGS, names
from tabbook.sphinxext.mime.html_text import text_of

ATTRIBUTES = {
    "*": names("class dir lang style title role"),
    "a": {"href"},
    "col": {"span"},
    "img": {"src", "alt"},
    "ol": {"start", "reversed"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
"""Attributes of EPUB 3, which lacks HTML's older ones."""

LEFT_OUT = SVG_TAGS | names(
    "style input label button progress meter fieldset legend audio video source track "
    "iframe picture acronym big center font strike tt rtc"
)


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_post_transform(WellFormedOutputs)


class WellFormedOutputs(SphinxPostTransform):
    """Write the HTML of outputs as XHTML."""

    default_priority = 890
    builders = ("epub",)

    def run(self, **kwargs: object) -> None:
        """Replace the HTML of every output, by its text where nothing is left of it."""
        for raw in list(self.document.findall(nodes.raw)):
            if "text_html" not in raw["classes"]:
                continue
            text = xhtml(raw.astext())
            if BeautifulSoup(text, "html.parser").get_text(strip=True):
                raw[:] = [nodes.Text(text)]
                continue
            if words := text_of(raw.astext()):
                block = nodes.literal_block(words, words, language="none")
                raw.replace_self(block)
            else:
                raw.parent.remove(raw)


def xhtml(html: str) -> str:
    """Return HTML as XHTML that an e-reader accepts."""
    kept = nh3.clean(
        html,
        tags=set(TAGS - LEFT_OUT),
        clean_content_tags={"style", "script", "template", "audio", "video", "svg"},
        attributes={tag: set(allowed) for tag, allowed in ATTRIBUTES.items()},
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel=None,
    )
    return BeautifulSoup(kept, "html.parser").decode(formatter="minimal")


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Return an attribute's value, None for an address outside of the archive."""
    if name == "src":
        return value if value.startswith("data:image/") else None
    if name == "href":
        return value if value.startswith(("http://", "https://", "mailto:")) else None
    return value

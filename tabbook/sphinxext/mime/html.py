"""HTML of outputs: without scripts, and whether a reader would see anything of it.

nh3 decides what is kept: tags, attributes and schemes that are listed here. Styles,
tables, drawings, media and frames of other sites are; scripts, event handlers and
``javascript:`` addresses are not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

import nh3

from tabbook.sphinxext.mime.html_text import names

SVG_TAGS = names(
    "svg g defs symbol use path rect circle ellipse line polyline polygon text tspan "
    "linearGradient radialGradient stop clipPath marker desc"
)
CONTROLS = names("input label button progress meter fieldset legend")
MEDIA = names("audio video source track iframe picture")
TEXT_TAGS = names("style main section address big font")
TAGS = frozenset(nh3.ALLOWED_TAGS | SVG_TAGS | CONTROLS | MEDIA | TEXT_TAGS)
"""Tags that stay; of others only the content does."""

REMOVED_WITH_CONTENT = frozenset({"script", "template", "noscript"})

EVERYWHERE = names(
    "align border class color dir face height hidden id lang name open role scoped "
    "size span style tabindex title type valign value width "
    "viewBox d x y x1 x2 y1 y2 cx cy r rx ry dx dy points transform offset fill stroke "
    "fill-opacity fill-rule stroke-width stroke-opacity stroke-dasharray font-size "
    "stroke-linecap stroke-linejoin opacity font-family font-weight text-anchor xmlns "
    "dominant-baseline preserveAspectRatio gradientUnits gradientTransform stop-color "
    "stop-opacity clip-path clipPathUnits marker-end marker-start refX refY orient "
    "markerWidth markerHeight"
)
ATTRIBUTES = {
    "*": EVERYWHERE,
    "a": {"href", "target", "download"},
    "audio": {"src", "controls", "loop", "muted", "preload"},
    "col": {"span"},
    "iframe": {"src", "allowfullscreen"},
    "img": {"src", "alt", "loading"},
    "input": {"checked", "disabled", "min", "max", "step"},
    "label": {"for"},
    "meter": {"min", "max"},
    "ol": {"start", "reversed"},
    "progress": {"max"},
    "source": {"src"},
    "table": {"cellpadding", "cellspacing", "rules", "frame", "summary"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "headers", "scope", "abbr"},
    "time": {"datetime"},
    "track": {"src", "kind", "srclang", "label", "default"},
    "use": {"href"},
    "video": {"src", "controls", "loop", "muted", "preload", "poster", "playsinline"},
}
SCHEMES = frozenset({"http", "https", "mailto", "data"})
ADDRESSES = frozenset({"href", "src", "poster"})
"""Attributes with an address."""

DATA = re.compile(r"data:(image|audio|video)/", re.I)
"""Data that a browser shows and does not run."""
FOREIGN = re.compile(r"https?://", re.I)

SANDBOX = (
    'sandbox="allow-scripts allow-same-origin allow-popups allow-presentation" '
    'loading="lazy"'
)
"""What a frame of another site may do; it may not lead the page elsewhere."""

EMPTY_FRAME = re.compile(r"<iframe(?![^>]*\ssrc=)[^>]*>.*?</iframe>", re.S)
SEEN = names("img svg audio video iframe input button progress meter hr")
"""Tags that show something without text."""

HANDLER = re.compile(r"on[a-z]+")
RUN = frozenset({"script", "object", "embed", "applet", "form"})
"""Tags that run something."""


@dataclass(frozen=True)
class CleanHtml:
    """HTML that runs nothing."""

    text: str
    active: bool
    """Whether something that would run has been removed."""
    readable: bool
    """Whether anything is left that a reader sees."""
    styled: bool
    """Whether a style sheet is left."""


def clean(text: str) -> CleanHtml:
    """Remove what would run."""
    kept = _nh3(text)
    # What changes when it is read again could become a script in the browser.
    if kept != _nh3(kept):
        kept = nh3.clean_text(_Contents.of(text).text)
    # nh3 would add the attributes in a random order.
    kept = EMPTY_FRAME.sub("", kept).replace("<iframe", f"<iframe {SANDBOX}")
    before, after = _Contents.of(text), _Contents.of(kept)
    frames = after.count("iframe") < before.count("iframe")
    return CleanHtml(
        kept, before.active or frames, after.readable, "style" in after.tags
    )


def _nh3(text: str) -> str:
    return nh3.clean(
        text,
        tags=set(TAGS),
        clean_content_tags=set(REMOVED_WITH_CONTENT),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=_attribute,
        generic_attribute_prefixes={"data-", "aria-"},
        url_schemes=set(SCHEMES),
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Return an attribute's value, None to remove it."""
    if name not in ADDRESSES:
        return value
    address = re.sub(r"[\x00-\x20]", "", value)
    if tag == "iframe":
        return value if FOREIGN.match(address) else None
    if tag == "use":
        return value if address.startswith("#") else None
    if address[:5].lower() == "data:":
        return value if tag != "a" and DATA.match(address) else None
    return value


class _Contents(HTMLParser):
    """What HTML consists of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.active = False
        self._text: list[str] = []
        self._silent = 0

    @classmethod
    def of(cls, text: str) -> _Contents:
        contents = cls()
        contents.feed(text)
        contents.close()
        return contents

    @property
    def text(self) -> str:
        return " ".join("".join(self._text).split())

    @property
    def readable(self) -> bool:
        return bool(self.text) or not SEEN.isdisjoint(self.tags)

    def count(self, tag: str) -> int:
        return self.tags.count(tag)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._silent += tag in ("style", "script")
        self.active |= tag in RUN or any(
            HANDLER.fullmatch(name)
            or name == "srcdoc"
            or re.sub(r"\s", "", value or "").lower().startswith("javascript:")
            for name, value in attrs
        )

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script"):
            self._silent = max(self._silent - 1, 0)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._text.append(data)

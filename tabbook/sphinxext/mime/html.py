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


def names(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


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
LINK = re.compile(r"https?://|mailto:|#", re.I)
"""Link that leads somewhere from a page; files of a run are not beside it."""
FOREIGN = re.compile(r"https?://", re.I)

SANDBOX = (
    'sandbox="allow-scripts allow-same-origin allow-popups allow-presentation" '
    'loading="lazy"'
)
"""Permissions of a frame of another site; it may not lead the page elsewhere."""

FRAME = re.compile(r"<iframe(?P<rest>[^>]*)>.*?</iframe>", re.S)
SOURCE = re.compile(r'\ssrc="https?://(?P<host>[^/"]+)')
EMPTY_HEADING = re.compile(r"<th(\b[^>]*)>((?:\s|&nbsp;)*)</th>")
"""A corner of a table, which is no heading to a screen reader."""
SEEN = names("img svg audio video iframe input button progress meter hr")
"""Tags that show something without text."""

ACTIVE = re.compile(
    r"<(?:script|object|embed|applet|form)\b|javascript:|"
    r"<[a-z][^<>]*\s(?:on[a-z]+|srcdoc)\s*=",
    re.I,
)
"""Sign of something that would run, for the note to readers only."""


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
    """Remove scripts."""
    kept = _nh3(text)
    # What changes when it is read again could become a script in the browser.
    if kept != _nh3(kept):
        kept = nh3.clean(text, tags=set())
    kept = FRAME.sub(_frame, kept)
    kept = EMPTY_HEADING.sub(r"<td\1>\2</td>", kept)
    after = _Contents(kept)
    frames = text.lower().count("<iframe") > after.tags.count("iframe")
    active = frames or ACTIVE.search(text) is not None
    return CleanHtml(kept, active, after.readable, "style" in after.tags)


def _frame(frame: re.Match[str]) -> str:
    """Return a frame in a sandbox, with a name for screen readers."""
    rest = frame["rest"]
    source = SOURCE.search(rest)
    if source is None:
        return ""
    # nh3 would add attributes in a random order.
    name = "" if " title=" in rest else f' title="{source["host"]}"'
    return f"<iframe {SANDBOX}{name}{rest}></iframe>"


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
    if name == "href" and not LINK.match(address):
        return None
    if address[:5].lower() == "data:":
        return value if DATA.match(address) else None
    return value


class _Contents(HTMLParser):
    """The tags and the text of clean HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self._text: list[str] = []
        self._in_style = False
        self.feed(text)
        self.close()

    @property
    def readable(self) -> bool:
        """Return whether readers see text or an element without any."""
        text = "".join(self._text)
        return bool(text.strip()) or not SEEN.isdisjoint(self.tags)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(tag)
        self._in_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        """Leave a style."""
        self._in_style = False

    def handle_data(self, data: str) -> None:
        """Note text outside of styles."""
        if not self._in_style:
            self._text.append(data)

"""Check that pages may load and run what sources and style sheets bring.

The policy itself is ``sphinxext/html/policy``; pictures and frames may be foreign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from html.parser import HTMLParser
from urllib.parse import urlsplit

from markdown_it.token import Token

from tabbook.base.config import Config
from tabbook.base.files import read_text
from tabbook.lint.finding import Finding
from tabbook.source.book import Book
from tabbook.source.markdown.tokens import walk
from tabbook.source.rst import RST
from tabbook.source.section import Section

NAME = "refused-by-policy"

LOADED = {"script": "src", "link": "href"}
"""The attribute with the address of a loaded file, by tag."""

HANDLER = re.compile(r"on[a-z]+")
FOREIGN = re.compile(r"(?:https?:)?//", re.I)
STYLE_WORD = re.compile(
    r"(?P<sheet>@import\s+(?:url\(\s*)?[\"']?)?(?P<address>[^\s\"'();,]+)", re.I
)
"""Word of a style sheet; data addresses are several."""
FONT = re.compile(r"\.(?:woff2?|ttf|otf|eot)(?:[?#]|$)", re.I)


def raw_html(book: Book, section: Section) -> Iterator[Finding]:
    """Find scripts and foreign style sheets in a source that pages refuse."""
    if book.config.output_scripts:  # pages have no policy
        return
    for prose in section.prose:
        for token in walk(prose.tokens):
            if _is_raw(token) and "<" in token.content:
                begin = prose.line_of(token) + (token.type == "fence")
                for line, message in _Refused(book.config, token.content).refused:
                    yield Finding(begin + line, NAME, message)


def styles(book: Book) -> Iterator[tuple[str, Finding]]:
    """Find what the book's style sheets load from sites that pages refuse.

    :returns: the path of the style sheet and the problem.
    """
    config = book.config
    for path in config.styles:
        if config.output_scripts or not config.file(path).is_file():
            continue
        for number, line in enumerate(read_text(config.file(path)).splitlines(), 1):
            for word in STYLE_WORD.finditer(line):
                address = word["address"]
                is_loaded = word["sheet"] or FONT.search(address)
                is_foreign = is_loaded and FOREIGN.match(address)
                if is_foreign and not _is_allowed(config, address):
                    yield path, Finding(number, NAME, _foreign(address))


def _is_raw(token: Token) -> bool:
    """Return whether a token may hold HTML that a page shows as it is."""
    if token.type == "fence":
        return token.info.strip() == RST and ".. raw::" in token.content
    return token.type in ("html_block", "html_inline")


class _Refused(HTMLParser):
    """Refused parts of some HTML, as pairs of a line and a message."""

    def __init__(self, config: Config, text: str) -> None:
        super().__init__()
        self.config = config
        self.refused: list[tuple[int, str]] = []
        # Python's parser looks for the end of each tag up to the end of the text.
        self.feed(text[: text.rfind(">") + 1])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that pages refuse."""
        attributes = {name: value or "" for name, value in attrs}
        if message := self._message(tag, attributes):
            self.refused.append((self.getpos()[0] - 1, message))

    def _message(self, tag: str, attributes: dict[str, str]) -> str:
        """Return why a page refuses a tag; empty if it does not."""
        address = attributes.get(LOADED.get(tag, ""), "").strip()
        is_loaded = tag == "script" or "stylesheet" in attributes.get("rel", "").lower()
        if is_loaded and FOREIGN.match(address):
            return "" if _is_allowed(self.config, address) else _foreign(address)
        if self.config.source_scripts:
            return ""
        if tag == "script" and not address and "json" not in attributes.get("type", ""):
            return _inline("<script>")
        if handler := next(filter(HANDLER.fullmatch, attributes), ""):
            return _inline(f"{handler}=")
        runs = attributes.get("href", "").strip().lower().startswith("javascript:")
        return _inline("javascript:") if runs else ""


def _inline(what: str) -> str:
    return (
        f"pages do not run {what!r} in raw HTML; write source_scripts = yes in "
        "config.ini's [tabbook] if they may run scripts of this book's authors"
    )


def _foreign(address: str) -> str:
    site = urlsplit(address, scheme="https")
    return (
        f"pages do not load {address!r} from another site; copy it into the book "
        "([html] include_js, include_css), or add "
        f"{f'{site.scheme}://{site.netloc}'!r} to origins in config.ini's [tabbook]"
    )


def _is_allowed(config: Config, address: str) -> bool:
    """Return whether one of the book's origins covers an address."""
    asked = urlsplit(address, scheme="https")
    for origin in map(urlsplit, config.origins):
        is_folder = origin.path in ("", "/") or origin.path.endswith("/")
        same_path = asked.path == origin.path
        inside = is_folder and asked.path.startswith(origin.path)
        same_site = fnmatchcase(asked.netloc.lower(), origin.netloc.lower())
        if asked.scheme == origin.scheme and same_site and (inside or same_path):
            return True
    return False

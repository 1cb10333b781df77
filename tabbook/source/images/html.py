"""Images in raw HTML: where they are, and the same HTML with other addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser
from itertools import accumulate

Attributes = list[tuple[str, str | None]]

CHOICES = "srcset"
"""The attribute with further addresses, which a browser prefers to ``src``."""

ADDRESSES = {"img": "src", "source": CHOICES}
"""The attribute with the address that is used, by tag."""


@dataclass(frozen=True)
class HtmlImage:
    """An ``<img>`` tag, or a ``<source>`` of a ``<picture>``."""

    tag: str
    begin: int
    """Position of its first character in the HTML."""
    end: int
    attributes: tuple[tuple[str, str | None], ...]
    """In their order, without references to characters; None for one without value."""

    @property
    def src(self) -> str:
        """Return the address of the image, or its first choice; empty for none."""
        written = dict(reversed(self.attributes)).get(ADDRESSES[self.tag]) or ""
        if self.tag == "img" or written.startswith("data:"):
            return written
        return written.split(",")[0].split()[0] if written.strip(", ") else ""

    def with_src(self, address: str) -> str:
        """Return the tag with another address; choices of addresses are left out."""
        used = ADDRESSES[self.tag]
        attributes = [
            (name, address if name == used else value)
            for name, value in self.attributes
            if name not in (CHOICES, "sizes") or name == used
        ]
        texts = (f'{name}="{escape(value or "")}"' for name, value in attributes)
        return f"<{self.tag} {' '.join(texts)} />"  # in XHTML, too


def html_images(text: str) -> tuple[HtmlImage, ...]:
    """Return the images of some HTML in order, without those in comments."""
    parser = _Parser(text)
    # Python's parser looks for the end of each tag up to the end of the text.
    parser.feed(text[: text.rfind(">") + 1])
    return tuple(parser.images)


def with_addresses(text: str, address: Callable[[str], str]) -> str:
    """Return HTML with other addresses of images; the rest stays as it is.

    :param address: returns the new address, which may be the old one.
    """
    return "".join(_pieces(text, address))


def _pieces(text: str, address: Callable[[str], str]) -> Iterator[str]:
    at = 0
    for image in html_images(text):
        new = address(image.src) if image.src else ""
        if new != image.src:
            yield text[at : image.begin] + image.with_src(new)
            at = image.end
    yield text[at:]


class _Parser(HTMLParser):
    """Collects images with their positions."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        lines = text.split("\n")
        self.starts = [0, *accumulate(len(line) + 1 for line in lines)]
        self.images: list[HtmlImage] = []

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        """Note the place of a tag that shows an image."""
        written = self.get_starttag_text()
        if tag in ADDRESSES and written:
            line, column = self.getpos()
            begin = self.starts[line - 1] + column
            end = begin + len(written)
            self.images.append(HtmlImage(tag, begin, end, tuple(attrs)))

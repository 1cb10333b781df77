"""Pictures that sections show: their addresses, and the files that these mean."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from markdown_it.token import Token

from tabbook.base.config import Config
from tabbook.source.images.html import html_images
from tabbook.source.markdown.tokens import walk
from tabbook.source.section import Section, resolve

NO_PATH = re.compile(r"[a-z][a-z0-9+.-]+:|//|#", re.IGNORECASE)
"""The beginning of an address that is no path in the book; ``D:`` is no protocol."""

QUERY = re.compile(r"[?#].*", re.DOTALL)
"""Rest of an address after its path, such as ``?raw=true``."""

HTML = ("html_block", "html_inline")
"""Types of the tokens of raw HTML."""


class Picture(NamedTuple):
    """A picture that a section shows."""

    address: str
    """As the parser gives it, with ``%20`` for a space."""
    line: int
    """Line of the source."""


def pictures(section: Section) -> Iterator[Picture]:
    """Yield the pictures of a section that are files of the book, in order."""
    for prose in section.prose:
        for token in walk(prose.tokens):
            for address, below in _addresses(token):
                if is_local(address):
                    yield Picture(address, prose.line_of(token) + below)


def is_local(address: str) -> bool:
    """Return whether an address is a path in the book."""
    return bool(address) and not NO_PATH.match(address)


def problem_of_file(config: Config, path: str) -> str:
    """Return why a file cannot be shown; empty if it can.

    A book of a stranger must not put other files of its reader on pages.

    :param path: relative to the book's folder.
    """
    file = config.root / path
    if not file.is_file():
        return f"the file {path!r} does not exist"
    if not any(file.resolve().is_relative_to(root) for root in config.roots):
        return f"the file {path!r} lies outside of the book's folder: copy it there"
    return ""


def locate(config: Config, folder: str, address: str) -> str:
    """Return the path of a picture, relative to the book's folder.

    An address is relative to the folder of its section, or to the root if it begins
    with a slash, as Sphinx has it. ``%20`` stands for a space unless a file is called
    so.

    A translation shows the files of its origin, unless it has its own.

    :param folder: of the section, relative to the root.
    :returns: the path of a file, or the one that is missing.
    """
    plain = unquote(address)
    choices = (plain, address, unquote(QUERY.sub("", address)))
    paths = [
        resolve("" if choice.startswith("/") else folder, choice.lstrip("/"))
        for choice in choices
    ]
    for root in config.roots:
        for path in paths:
            if os.path.isfile(root / path):  # noqa: PTH113
                file = os.path.relpath(root / path, config.root)
                return file.replace(os.sep, "/")
    return paths[0]


def _addresses(token: Token) -> Iterator[tuple[str, int]]:
    """Yield the addresses of a token's pictures, with the lines below the token's."""
    if token.type in ("image", "figure"):
        yield str(token.attrs["src"]), 0
    elif token.type in HTML:
        for image in html_images(token.content):
            yield image.src, token.content.count("\n", 0, image.begin)

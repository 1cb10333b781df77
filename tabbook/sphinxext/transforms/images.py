"""Find the files of pictures, those in raw HTML too, which Sphinx leaves alone.

Sphinx copies the files of image nodes and gives them new addresses on each page. Raw
HTML is text to it: its pictures are registered here when a page is read, and get their
addresses when it is written. PDF has no HTML: there, the pictures take its place.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterator
from urllib.parse import quote

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.osutil import relative_uri

from tabbook.source.images import is_local, locate, problem_of_file
from tabbook.source.images.html import html_images, with_addresses
from tabbook.sphinxext.reader.outputs import report
from tabbook.sphinxext.settings import book_of

FILES = "tabbook_pictures"
"""Attribute of raw HTML: the file of each picture, by its address."""

SIZE = re.compile(r"\d+(?:px|%)?")
"""A width that image nodes have as well as HTML."""

ANY_ENDING = ".*"
"""The end of an address for which Sphinx chooses among several files."""

RENAMED = frozenset({"epub", "latex"})
"""Builders that need names of ASCII, with endings in lower case."""

SAFE = re.compile(r"[A-Za-z0-9._-]+")
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")

PROTOCOL = "https:"
"""The protocol of an address that names none."""


def setup(app: Sphinx) -> None:
    """Register the transforms and the handler of pages."""
    app.add_transform(LocateImages)
    app.add_post_transform(ShowImages)
    app.connect("env-updated", rename, priority=900)  # when all have names
    app.connect("doctree-resolved", set_addresses)


class LocateImages(SphinxTransform):
    """Find the files of a page's pictures."""

    default_priority = 400

    def apply(self, **kwargs: object) -> None:
        """Set the paths of image nodes; register the pictures of raw HTML."""
        for image in list(self.document.findall(nodes.image)):
            self._set_path(image)
        for raw in list(self.document.findall(nodes.raw)):
            if "html" in raw.get("format", "").split() and not _is_output(raw):
                self._register(raw)

    def _set_path(self, image: nodes.image) -> None:
        address = image["uri"]
        if address.startswith("//"):
            image["uri"] = PROTOCOL + address
        elif is_local(address) and not address.endswith(ANY_ENDING):
            path = self._locate(address)
            if self._exists(path, image.line or 0):
                image["uri"] = f"/{path}"
            else:
                image.replace_self(_placeholder(image, path))

    def _register(self, raw: nodes.raw) -> None:
        files = {}
        for image in html_images(raw.astext()):
            if not is_local(image.src):
                continue
            path = self._locate(image.src)
            below = raw.astext().count("\n", 0, image.begin)
            if not self._exists(path, (raw.line or 0) + below):
                continue
            self.env.note_dependency(path)
            self.env.images.add_file(self.env.docname, path)
            files[image.src] = path
        if files:
            raw[FILES] = files

    def _exists(self, path: str, line: int) -> bool:
        """Return whether a picture exists; report one that does not."""
        problem = problem_of_file(book_of(self).config, path)
        if not problem:
            return True
        section = book_of(self).section(self.env.docname)
        assert section is not None
        report(section, line, "missing-figure", problem)
        return False

    def _locate(self, address: str) -> str:
        return locate(
            book_of(self).config, posixpath.dirname(self.env.docname), address
        )


class ShowImages(SphinxPostTransform):
    """Replace raw HTML in a PDF by the pictures in it."""

    default_priority = 5  # before pictures are converted
    formats = ("latex",)

    def run(self, **kwargs: object) -> None:
        """Replace each raw node with pictures."""
        for raw in list(self.document.findall(nodes.raw)):
            if raw.get(FILES):
                raw.replace_self(list(_nodes(raw)))


def _placeholder(image: nodes.image, path: str) -> nodes.inline:
    """Return the replacement of a picture that does not exist."""
    shown = nodes.inline(classes=["missing-picture"])
    if alternative := image.get("alt"):
        shown += nodes.Text(f"{alternative} ")
    shown += nodes.literal(path, path)
    return shown


def rename(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Rename pictures for LaTeX and EPUB, which cannot have just any name.

    Sphinx gives the files new names anyway, for each form of the book.

    :returns: no further pages to read.
    """
    if app.builder.name in RENAMED:
        for path, (pages, name) in env.images.items():
            env.images[path] = (pages, safe_name(path, name))
    return []


def safe_name(path: str, name: str) -> str:
    """Return a name of ASCII letters, unique for the path of the file."""
    stem, ending = posixpath.splitext(name)
    if SAFE.fullmatch(stem) and ending == ending.lower():
        return name
    digest = hashlib.sha256(path.encode()).hexdigest()[:8]
    letters = UNSAFE.sub("-", stem).strip("-") or "picture"
    return f"{letters}-{digest}{ending.lower()}"


def set_addresses(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Give the pictures of raw HTML their addresses on a page."""
    builder = app.builder
    if builder.format != "html":
        return
    page = builder.get_target_uri(docname)
    for raw in doctree.findall(nodes.raw):
        files: dict[str, str] = raw.get(FILES, {})
        names = {address: app.env.images[path][1] for address, path in files.items()}
        builder.images.update({files[address]: names[address] for address in files})
        folder = relative_uri(page, builder.imagedir)
        addresses = {
            address: posixpath.join(folder, quote(name))
            for address, name in names.items()
        }
        if addresses:
            _replace(raw, addresses)


def _replace(raw: nodes.raw, addresses: dict[str, str]) -> None:
    """Replace addresses of pictures in raw HTML."""
    text = with_addresses(raw.astext(), lambda known: addresses.get(known, known))
    raw[:] = [nodes.Text(text)]


def _nodes(raw: nodes.raw) -> Iterator[nodes.image]:
    for html in html_images(raw.astext()):
        if html.tag == "img" and html.src in raw[FILES]:
            path = raw[FILES][html.src]
            image = nodes.image(uri=path, candidates={"*": path})
            attributes = dict(html.attributes)
            image["alt"] = attributes.get("alt") or ""
            if SIZE.fullmatch(width := attributes.get("width") or ""):
                image["width"] = width
            yield image


def _is_output(node: nodes.Node | None) -> bool:
    """Return whether a node is part of a cell of code; its HTML is no source's."""
    while node is not None:
        if isinstance(node, nodes.Element) and node.get("nb_element") == "cell_code":
            return True
        node = node.parent
    return False

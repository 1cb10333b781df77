"""Transform documents for LaTeX: front matter, link targets, figures."""

from __future__ import annotations

import base64
import os
import shutil
from pathlib import Path

import imagesize
from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.transforms.post_transforms.images import ImageConverter

from tabbook.base import reproducible
from tabbook.base.translations import texts

SVG_CONVERTER = "rsvg-convert"
"""The program that converts SVG to PDF."""

CONVERSION_TIMEOUT = 600
"""Seconds for a figure."""

UNNUMBERED, NUMBERED = (
    nodes.raw("", rf"\setcounter{{secnumdepth}}{{{depth}}}", format="latex")
    for depth in (-1, 2)
)
"""Switch the numbering of the chapters that follow off and on."""


class FrontMatter(SphinxTransform):
    """Split the root page into a preface, numbered chapters and back matter."""

    default_priority = 875

    def apply(self, **kwargs: object) -> None:
        """Move tables of contents out of their sections, and number their chapters."""
        if self.env.docname != self.config.root_doc:
            return
        root = self.document.next_node(nodes.section)
        if root is None:
            return
        name = texts(self.config.language, "pdf")["preface"]
        preface = nodes.section("", nodes.title(name, name), ids=["preface"])
        chapters: list[nodes.Node] = []
        for child in list(root.children[1:]):
            toctrees = _toctrees(child)
            if toctrees:
                chapters += [node for tree in toctrees for node in _numbered(tree)]
            elif chapters:
                chapters.append(child)
            else:
                preface += child
        root[1:] = [UNNUMBERED.deepcopy(), preface, *chapters]


class Anchors(SphinxPostTransform):
    """Write link targets as LaTeX expects them."""

    default_priority = 900
    formats = ("latex",)

    def run(self, **kwargs: object) -> None:
        """Add a target to inline nodes with an id."""
        for node in list(self.document.findall(nodes.inline)):
            if node["ids"]:
                node.insert(0, nodes.target("", "", ids=node["ids"]))


class Warned(SphinxPostTransform):
    """Mark the stderr of cells."""

    default_priority = 905
    formats = ("latex",)

    def run(self, **kwargs: object) -> None:
        """Put each of these outputs in an environment of their class."""
        for block in list(self.document.findall(nodes.literal_block)):
            if "stderr" in block["classes"]:
                block.replace_self(
                    nodes.container("", block.deepcopy(), classes=["stderr"])
                )


GIF_IN_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
    '<image width="{width}" height="{height}" href="data:image/gif;base64,{data}"/>'
    "</svg>"
)


class DrawPictures(ImageConverter):
    """Convert SVG, which remains a vector graphic, and GIF to PDF."""

    conversion_rules = [  # noqa: RUF012
        ("image/svg+xml", "application/pdf"),
        ("image/gif", "application/pdf"),
    ]

    def is_available(self) -> bool:
        """Return whether the converter is installed."""
        return shutil.which(SVG_CONVERTER) is not None

    def convert(
        self, _from: str | os.PathLike[str], _to: str | os.PathLike[str]
    ) -> bool:
        """Convert a figure.

        :raises BookError: the converter failed.
        """
        source = Path(_from)
        if source.suffix == ".gif":
            source = _gif_in_svg(source, Path(_to).with_suffix(".svg"))
        command = [SVG_CONVERTER, "-f", "pdf", "-o", str(_to), str(source)]
        reproducible.run(command, Path.cwd(), timeout=CONVERSION_TIMEOUT)
        return True


def _gif_in_svg(picture: Path, target: Path) -> Path:
    """Write an SVG that shows a GIF in its size."""
    width, height = imagesize.get(picture)
    data = base64.b64encode(picture.read_bytes()).decode()
    target.write_text(
        GIF_IN_SVG.format(width=width, height=height, data=data), encoding="utf-8"
    )
    return target


def _toctrees(node: nodes.Node) -> list[nodes.Node]:
    """Return the tables of contents in a part of the root page, with their wrappers."""
    if not isinstance(node, nodes.Element):
        return []
    return [
        tree.parent if isinstance(tree.parent, nodes.compound) else tree
        for tree in node.findall(addnodes.toctree)
    ]


def _numbered(toctree: nodes.Node) -> list[nodes.Node]:
    """Return a table of contents whose chapters are numbered if the source says so."""
    tree = toctree.next_node(addnodes.toctree, include_self=True)
    depth = NUMBERED if tree is not None and tree.get("numbered") else UNNUMBERED
    return [depth.deepcopy(), toctree, UNNUMBERED.deepcopy()]

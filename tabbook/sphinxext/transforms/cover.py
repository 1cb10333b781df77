"""Set the beginning of the index page: a sentence, what to do, and some of the code.

The code stands in a section of the book; the reader puts its cells at the end of the
index page, and here they move below the page's first sentence.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.writers.html5 import HTML5Translator

from tabbook.source.prose.sentences import spans
from tabbook.sphinxext.transforms.splitting import split

COVER = "tabbook_cover"
"""Metadata of a cell that the index page shows, though it is no part of its source."""

BEFORE, AFTER = "<!-- cover: before -->", "<!-- cover: after -->"
"""Places in a page's HTML that its templates fill."""


def setup(app: Sphinx) -> None:
    """Register the transform and its node."""
    app.add_node(cover, html=(visit_cover, depart_cover))
    app.add_transform(SetCover)


class cover(nodes.General, nodes.Element):  # type: ignore[misc]  # noqa: N801
    """The cells of the index page that belong to other sections."""


class SetCover(SphinxTransform):
    """Set the first sentence of the index page apart, and its cells below."""

    default_priority = 862
    """Before cells are grouped into tabs."""

    def apply(self, **kwargs: object) -> None:
        """Change the root page, in the forms that show all frameworks."""
        cells = [node for node in self.document.findall(nodes.container) if _of(node)]
        for cell in cells:
            cell.parent.remove(cell)
        if self.config.tabbook_framework or self.env.docname != self.config.root_doc:
            return
        page = next(self.document.findall(nodes.section), None)
        if page is None:
            return
        if len(page) > 1 and isinstance(page[1], nodes.paragraph):
            sentence, *rest = _split(page[1])
            page[1:2] = [sentence, cover("", *cells), *rest]
        else:
            page.insert(1, cover("", *cells))


def _of(node: nodes.container) -> bool:
    return bool(node.get("cell_metadata", {}).get(COVER))


def _split(paragraph: nodes.paragraph) -> list[nodes.paragraph]:
    """Return a paragraph's first sentence and its rest as paragraphs."""
    text = paragraph.astext()
    end = next((end for _, end in spans(text)), len(text))
    rest = split(paragraph, end)
    paragraph["classes"].append("cover-sentence")
    return [paragraph, rest] if rest.astext().strip() else [paragraph]


def visit_cover(translator: HTML5Translator, node: cover) -> None:
    """Open the part of the page that templates complete."""
    translator.body.append(f"{BEFORE}\n")
    if node.children:
        translator.body.append('<div class="cover-code">\n')


def depart_cover(translator: HTML5Translator, node: cover) -> None:
    """Close it."""
    if node.children:
        translator.body.append("</div>\n")
    translator.body.append(f"{AFTER}\n")

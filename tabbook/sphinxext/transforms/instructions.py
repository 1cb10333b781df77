"""Say in a PDF or an EPUB how to read it, below the front page's own text."""

from __future__ import annotations

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from tabbook.base import repository
from tabbook.base.translations import texts
from tabbook.sphinxext.settings import book_of


def setup(app: Sphinx) -> None:
    """Register the text and the transform."""
    app.add_config_value("tabbook_reading", "", "env", str)
    app.add_transform(ReadingInstructions)


class ReadingInstructions(SphinxTransform):
    """Add a section with the instructions to the front page, above its contents."""

    default_priority = 870
    """Before LaTeX's front matter moves the contents out of the page."""

    def apply(self, **kwargs: object) -> None:
        """Add the section, if the format has instructions of its own."""
        text = self.config.tabbook_reading
        root = self.document.next_node(nodes.section)
        if not text or root is None or self.env.docname != self.config.root_doc:
            return
        config = book_of(self).config
        words = texts(config.language, "edition")
        label = config.framework(self.config.tabbook_framework).label
        title = words["reading"].format(label=label)
        section = nodes.section("", nodes.title(title, title), ids=["reading"])
        section += nodes.paragraph(text, text)
        if address := repository.site(config):
            section += _link(words["online"], address)
        root.insert(_place(root), section)


def _link(text: str, address: str) -> nodes.paragraph:
    link = nodes.reference(address, address, refuri=address)
    return nodes.paragraph("", "", nodes.Text(text), link)


def _place(root: nodes.section) -> int:
    """Return where the first table of contents stands; the end if there is none."""
    for at, child in enumerate(root.children):
        if isinstance(child, nodes.Element) and child.next_node(
            addnodes.toctree, include_self=True
        ):
            return at
    return len(root.children)

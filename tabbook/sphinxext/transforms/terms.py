"""Link the first use of a term on a page to the glossary."""

from __future__ import annotations

from collections.abc import Iterator

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from tabbook.source.prose.terms import Finder

NOT_LINKED = (
    *(nodes.literal, nodes.reference, nodes.math, nodes.footnote_reference),
    *(addnodes.pending_xref, nodes.FixedTextElement),
)
"""Nodes whose text never becomes a link."""


def setup(app: Sphinx) -> None:
    """Register the transform with its settings."""
    app.add_config_value("tabbook_terms", {}, "env", dict)
    app.add_config_value("tabbook_glossary", "", "env", str)
    app.add_transform(LinkTerms)


class LinkTerms(SphinxTransform):
    """Link the first use of each term on a page to the glossary."""

    default_priority = 866

    def apply(self, **kwargs: object) -> None:
        """Replace terms by references, except on the glossary's own page."""
        anchors = dict(self.config.tabbook_terms)
        if not anchors or self.env.docname == self.config.tabbook_glossary:
            return
        finder = Finder(anchors)
        for text in list(self._texts()):
            linked: list[nodes.Node] = []
            at = 0
            for match in finder.find(text):
                anchor = anchors.pop(match[0], None)
                if anchor:
                    linked += [nodes.Text(text[at : match.start()])]
                    linked += [self._link(match[0], anchor)]
                    at = match.end()
            if linked and text.parent:
                text.parent.replace(text, [*linked, nodes.Text(text[at:])])

    def _texts(self) -> Iterator[nodes.Text]:
        """Yield the texts of paragraphs that may contain links."""
        for paragraph in self.document.findall(nodes.paragraph):
            for text in paragraph.findall(nodes.Text):
                if not any(isinstance(node, NOT_LINKED) for node in _ancestors(text)):
                    yield text

    def _link(self, word: str, anchor: str) -> nodes.Node:
        reference = addnodes.pending_xref(
            word,
            nodes.inline(word, word),
            refdoc=self.env.docname,
            refdomain="std",
            reftype="ref",
            reftarget=anchor,
            refexplicit=True,
            refwarn=True,
        )
        return nodes.inline("", "", reference, classes=["term"])


def _ancestors(node: nodes.Node) -> Iterator[nodes.Node]:
    while node.parent is not None:
        node = node.parent
        yield node

"""The glossary's page, and links to it from where a page first uses a term."""

from __future__ import annotations

from collections.abc import Iterator

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

from tabbook.base.config import Framework
from tabbook.base.translations import texts
from tabbook.source.book import Book
from tabbook.source.glossary import entries
from tabbook.source.terms import Finder

NOT_LINKED = (
    *(nodes.literal, nodes.reference, nodes.math, nodes.footnote_reference),
    *(addnodes.pending_xref, nodes.FixedTextElement),
)


def markdown(book: Book, frameworks: tuple[Framework, ...]) -> str:
    """Return the glossary, the same for every framework, as a definition list."""
    words = texts(book.config.language, "glossary")
    shown = []
    for entry in entries(book):
        term, first = entry.term, ""
        if entry.first:
            link = f"[{entry.first.title}](/{entry.first.path})"
            first = words["first_use"].format(section=link)
        linked = f"[{term.japanese}]{{#{term.anchor}}}"
        name = words["name"].format(term=linked, english=term.english)
        shown.append(f"{name}\n: {term.meaning}{first}\n")
    return "\n".join(shown)


class LinkTerms(SphinxTransform):
    """Link the first use of each term on a page to the glossary."""

    default_priority = 866

    def apply(self, **kwargs: object) -> None:
        """Replace words by references; on the glossary's own page, none."""
        left = dict(self.config.tabbook_terms)
        if not left or self.env.docname == self.config.tabbook_glossary:
            return
        finder = Finder(left)
        for text in list(self._texts()):
            made: list[nodes.Node] = []
            at = 0
            for match in finder.find(text):
                anchor = left.pop(match[0], None)
                if anchor:
                    made += [nodes.Text(text[at : match.start()])]
                    made += [self._link(match[0], anchor)]
                    at = match.end()
            if made and text.parent:
                text.parent.replace(text, [*made, nodes.Text(text[at:])])

    def _texts(self) -> Iterator[nodes.Text]:
        for paragraph in self.document.findall(nodes.paragraph):
            for text in paragraph.findall(nodes.Text):
                if not any(isinstance(one, NOT_LINKED) for one in _above(text)):
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


def _above(node: nodes.Node) -> Iterator[nodes.Node]:
    while node.parent is not None:
        node = node.parent
        yield node

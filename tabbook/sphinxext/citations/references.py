"""Resolve citations, and write lists of references with links back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from pybtex.backends.plaintext import Backend
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode
from sphinxcontrib.bibtex.domain import get_docnames
from sphinxcontrib.bibtex.nodes import bibliography as bibliography_node
from sphinxcontrib.bibtex.nodes import raw_latex
from sphinxcontrib.bibtex.style.referencing import format_references
from sphinxcontrib.bibtex.style.template import SphinxReferenceInfo

from tabbook.base.translations import texts
from tabbook.source.citations.reference_style import MATH
from tabbook.sphinxext.settings import book_of

LATEX_BEGIN = (
    r"\begin{list}{}{\setlength{\leftmargin}{1.5em}\setlength{\itemindent}{-1.5em}}"
)
PLAIN = Backend()
"""Writes the text that shows while the pointer is on a citation."""

LATEX_END = r"\end{list}"


def setup(app: Sphinx) -> None:
    """Register the transforms."""
    app.add_post_transform(PlaceLists)
    app.add_post_transform(ResolveCitations)
    app.add_post_transform(WriteReferences)


class PlaceLists(SphinxPostTransform):
    """Move lists of references out of paragraphs; remove their copies in tabs."""

    default_priority = 4
    """Before sphinxcontrib-bibtex fills the lists, which it finds by their ids."""

    def run(self, **kwargs: object) -> None:
        """Keep the first of each list, which alone has an id."""
        for node in list(self.document.findall(bibliography_node)):
            paragraph = node.parent
            if not node["ids"]:
                paragraph.remove(node)
            elif isinstance(paragraph, nodes.paragraph):
                at = paragraph.index(node)
                before, after = paragraph.children[:at], paragraph.children[at + 1 :]
                paragraph.replace_self([*_paragraph(before), node, *_paragraph(after)])


class ResolveCitations(SphinxPostTransform):
    """Replace citations by text that links to the entries.

    sphinxcontrib-bibtex sorts the entries of one citation, and warns where there is no
    list of references. Notebooks keep the order of the source, and show text.
    """

    default_priority = 6
    """After sphinxcontrib-bibtex has filled the lists, and before it resolves links."""

    def run(self, **kwargs: object) -> None:
        """Resolve the citations that the reader made."""
        domain: Any = self.env.get_domain("cite")
        listed: dict[tuple[str, str], Any] = {}
        for entry in domain.citations:
            listed[entry.bibliography_key.docname, entry.key] = entry
            listed.setdefault(("", entry.key), entry)
        for node in list(self.document.findall(addnodes.pending_xref)):
            if node.get("refkind"):
                resolved = self._resolved(domain, listed, node)
                title = _title_of(node) if domain.builder.format == "latex" else None
                if title is not None:
                    _prepare_for_title(node, resolved, title)
                node.replace_self(resolved)

    def _resolved(
        self,
        domain: Any,
        listed: dict[tuple[str, str], Any],
        node: addnodes.pending_xref,
    ) -> nodes.inline:
        """Return a citation; plain text if an entry is in no list of references."""
        resolved = nodes.inline(classes=["citation"])
        keys, page = node["reftarget"].split(","), node["refdoc"]
        candidates = (listed.get((page, key)) or listed.get(("", key)) for key in keys)
        entries = [entry for entry in candidates if entry is not None]
        if len(entries) < len(keys):
            text = book_of(self).bibliography.text(node["refkind"], keys)
            resolved += nodes.Text(text)
            return resolved
        references = [
            (
                entry.entry,
                entry.formatted_entry,
                SphinxReferenceInfo(
                    builder=domain.builder,
                    fromdocname=page,
                    todocname=entry.bibliography_key.docname,
                    citation_id=entry.citation_id,
                    title=entry.formatted_entry.text.render(PLAIN),
                    pre_text="",
                    post_text="",
                ),
            )
            for entry in entries
        ]
        text = format_references(domain.reference_style, node["reftype"], references)
        resolved += text.render(domain.backend)
        return resolved


class WriteReferences(SphinxPostTransform):
    """Turn the entries of a list of references into list items with links back."""

    default_priority = 7

    def run(self, **kwargs: object) -> None:
        """Replace the entries that sphinxcontrib-bibtex made."""
        domain: Any = self.env.get_domain("cite")
        lists = dict.fromkeys(
            entry.parent
            for entry in self.document.findall(nodes.citation)
            if "docname" in entry
        )
        for node in lists:
            items = [self._item(entry) for entry in node.children]
            if domain.builder.format == "latex":
                content = [item for entry in items for item in _latex(entry)]
                node[:] = [raw_latex(LATEX_BEGIN), *content, raw_latex(LATEX_END)]
            else:
                node.replace_self(nodes.bullet_list("", *items, classes=["references"]))

    def _item(self, entry: nodes.citation) -> nodes.list_item:
        paragraph = entry.children[-1]
        for text in list(paragraph.findall(nodes.Text)):
            if isinstance(text.parent, nodes.Element) and MATH.search(text):
                text.parent.replace(text, list(_with_formulas(text)))
        # The entry belongs to the environment, and other pages are written after this.
        entry.children = []
        back = list(self._links_back(entry))
        if back:
            words = texts(self.config.language, "citations")
            comma = texts(self.config.language, "punctuation")["comma"]
            links = [part for link in back for part in (nodes.Text(comma), link)][1:]
            paragraph += nodes.Text(" ")
            paragraph += nodes.inline(
                "", words["cited_in"], *links, classes=["cited-in"]
            )
        item = nodes.list_item("", paragraph, ids=entry["ids"])
        item["docname"] = entry["docname"]
        return item

    def _links_back(self, entry: nodes.citation) -> Iterator[nodes.reference]:
        """Yield a link to the first citation of an entry on each page."""
        domain: Any = self.env.get_domain("cite")
        here, (anchor, *_) = entry["docname"], entry["ids"]
        key = next(
            citation.key
            for citation in domain.citations
            if citation.citation_id == anchor
            and citation.bibliography_key.docname == here
        )
        first: dict[str, str] = {}
        for cited in domain.citation_refs:
            if key in (target.key for target in cited.targets):
                first.setdefault(cited.docname, cited.citation_ref_id)
        for name in get_docnames(self.env):
            if name in first:
                title = self.env.titles[name].astext()
                yield make_refnode(
                    domain.builder, here, name, first[name], nodes.Text(title)
                )


def _title_of(node: nodes.Node) -> nodes.Element | None:
    """Return the title or caption that a node is in, if it is in one."""
    while node is not None and not isinstance(node, nodes.title | nodes.caption):
        node = node.parent
    return node


def _prepare_for_title(
    node: nodes.Element, resolved: nodes.inline, title: nodes.Element
) -> None:
    """Write a citation so that LaTeX can move it, and give its id to the titled node.

    LaTeX moves titles and captions to lists, where roles and targets are errors.
    """
    title.parent["ids"] += node["ids"]
    node["ids"], resolved["classes"] = [], []
    for raw in resolved.findall(raw_latex):
        raw.rawsource = raw.rawsource.replace(r"\hyperlink", r"\protect\hyperlink")


def _paragraph(content: list[nodes.Node]) -> list[nodes.Node]:
    """Return a paragraph, unless its content is blank."""
    if not any(node.astext().strip() for node in content):
        return []
    return [nodes.paragraph("", "", *content)]


def _with_formulas(text: nodes.Text) -> Iterator[nodes.Node]:
    """Yield a text with its formulas as nodes."""
    for number, part in enumerate(MATH.split(text)):
        if number % 2:
            yield nodes.math(part, re.sub(r"^\$|\$$", "", part))
        elif part:
            yield nodes.Text(part)


def _latex(item: nodes.list_item) -> list[nodes.Node]:
    """Return an entry for LaTeX, with the target of sphinxcontrib-bibtex's links."""
    target = f"cite.{item['docname']}:{item['ids'][0]}"
    return [raw_latex(rf"\item\hypertarget{{{target}}}{{}}"), *item.children]

"""Render the dialect's inline tokens: references, links, citations and other marks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from docutils import nodes
from markdown_it.tree import SyntaxTreeNode
from myst_nb.sphinx_ import SphinxNbRenderer
from sphinx import addnodes

from tabbook.base.config import Framework
from tabbook.source.book import Book
from tabbook.source.section import SOLUTIONS, Section
from tabbook.source.structure.labels import Label
from tabbook.source.structure.links import problem_of_link
from tabbook.sphinxext.transforms.strike import strike

URL = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
"""The beginning of a complete address."""

PAGE = "tabbook_page"
"""Option of the parser that holds the ``Page``."""


@dataclass
class Page:
    """The content of other sections on a page, and its broken references."""

    book: Book
    section: Section
    frameworks: tuple[Framework, ...]
    """Frameworks on the pages."""
    referenced: set[str] = field(default_factory=set)
    """Names of the labels that are referred to."""
    generated: dict[str, str] = field(default_factory=dict)
    """Generated Markdown by the info string of its fence."""
    marked: set[str] = field(default_factory=set)
    """Names of the labels of its places so far, as docutils normalizes them."""
    problems: list[tuple[int, str, str]] = field(default_factory=list)
    """Line, name and message of each reference and link that leads nowhere."""

    @property
    def names(self) -> list[str]:
        """Return the names of the frameworks on the pages."""
        return [framework.name for framework in self.frameworks]

    def is_place_of(self, name: str) -> bool:
        """Return whether a mark on the page is the place that a label stands for.

        Of several places with one label, references lead to the first in the book.
        """
        label, normalized = self.book.labels.get(name), nodes.fully_normalize_name(name)
        here = {self.section.name, self.section.name + SOLUTIONS}
        if label is None or label.section not in here or normalized in self.marked:
            return False
        self.marked.add(normalized)
        return True


class InlineRenderer(SphinxNbRenderer):  # type: ignore[misc]
    """Renders inline tokens."""

    @property
    def page(self) -> Page:
        """Return the page that is rendered."""
        page: Page = self.md_options[PAGE]
        return page

    def render_reference(self, token: SyntaxTreeNode) -> None:
        """Render a reference as a link to its label."""
        name = token.meta["name"]
        label = self.page.book.labels.get(name)
        if left_out := self.page.book.left_out_labels.get(name):
            self.current_node.append(nodes.Text(left_out.text))
            return
        if label is None:
            message = (
                f"there is no label {name!r}; mark the heading, figure, table or "
                f"equation with :label:`{name}`"
            )
            self.page.problems.append((line_of(token), "unresolved-reference", message))
            self.current_node.append(nodes.Text(name))
            return
        if not label.shown_in(self.page.names):
            self.page.referenced.add(name)
            self.current_node.append(nodes.Text(label.text))
            return
        link = self._link(label, token)
        with self.current_node_context(link, append=True):
            if label.kind == "equation":
                text = nodes.literal(name, name, classes=["xref", "eq"])
                self.current_node.append(text)
            else:
                self.nested_render_text(label.text, line_of(token), inline=True)

    def render_link(self, token: SyntaxTreeNode) -> None:
        """Render a link; one that leads nowhere stays as written, with a warning."""
        address = str(token.attrs.get("href", ""))
        problem = problem_of_link(self.page.book, self.page.section, address)
        label = self.page.book.labels.get(unquote(address.removeprefix("#")))
        if problem:
            self.page.problems.append((line_of(token), "broken-link", problem))
            self.render_link_url(token)
        elif label and not label.shown_in(self.page.names):
            self.render_children(token)
        elif address.startswith("#") and label:
            link = self._link(label, token)
            with self.current_node_context(link, append=True):
                self.render_children(token)
        elif URL.match(address) or address.startswith("#") or self._is_of_site(address):
            self.render_link_url(token)
        else:
            super().render_link(token)

    def _is_of_site(self, address: str) -> bool:
        """Return whether an address is a path on the site, and no file of the book."""
        file = self.page.book.config.file(unquote(address).partition("#")[0][1:])
        return address.startswith("/") and not file.is_file()

    def render_citation(self, token: SyntaxTreeNode) -> None:
        """Render a citation."""
        from tabbook.sphinxext.citations.nodes import citation_nodes

        kind, keys = token.meta["kind"], token.meta["keys"]
        line = line_of(token)
        if keys:
            self.current_node += citation_nodes(
                self.sphinx_env, self.document, kind, keys, line
            )

    def render_bibliography(self, token: SyntaxTreeNode) -> None:
        """Render the list of references, which is no part of a paragraph in the end."""
        from tabbook.sphinxext.citations.nodes import bibliography_nodes

        line = line_of(token)
        self.current_node += bibliography_nodes(
            self.sphinx_env, self.document, token.meta["files"], line
        )

    def render_label(self, token: SyntaxTreeNode) -> None:
        """Render a label that belongs to no block, as a target in the text."""
        name = token.meta["name"]
        if not self.page.is_place_of(name):
            return
        target = nodes.inline()
        target["names"].append(nodes.fully_normalize_name(name))
        self.note_equation(name, target)
        self.document.note_explicit_target(target, target)
        self.current_node.append(target)

    def note_equation(self, name: str, place: nodes.Element) -> None:
        """Tell Sphinx an equation's place and number, which is the book's.

        It counts displayed formulas itself, and no other places.
        """
        label = self.page.book.labels[name]
        if label.kind != "equation":
            return
        if not isinstance(place, nodes.math_block):
            place["ids"].append(nodes.make_id(f"equation-{name}"))
        equations = self.sphinx_env.get_domain("math").data["objects"]
        equations[name] = (self.sphinx_env.docname, label.number)

    def render_size(self, token: SyntaxTreeNode) -> None:
        """Render nothing: the size belongs to no figure."""

    def render_text_special(self, token: SyntaxTreeNode) -> None:
        """Render an escaped character, which captions keep as a token of its own."""
        self.render_text(token)

    def render_mark(self, token: SyntaxTreeNode) -> None:
        """Render the value of another mark, such as the name of a function."""
        value = token.meta["value"]
        self.current_node.append(nodes.literal(value, value))

    def render_sub(self, token: SyntaxTreeNode) -> None:
        """Render a subscript."""
        self._wrapped(nodes.subscript(), token)

    def render_sup(self, token: SyntaxTreeNode) -> None:
        """Render a superscript."""
        self._wrapped(nodes.superscript(), token)

    def render_s(self, token: SyntaxTreeNode) -> None:
        """Render text that is struck out."""
        self._wrapped(strike(), token)

    def _wrapped(self, node: nodes.Element, token: SyntaxTreeNode) -> None:
        with self.current_node_context(node, append=True):
            self.render_children(token)

    def _link(self, label: Label, token: SyntaxTreeNode) -> nodes.Element:
        """Return a link to a label, without its text."""
        self.page.referenced.add(label.name)
        link: nodes.Element
        if label.kind == "equation":
            link = addnodes.pending_xref(
                refdoc=self.sphinx_env.docname,
                refwarn=True,
                refdomain="math",
                reftype="eq",
                reftarget=label.name,
            )
        else:  # MyST finds the target on any page, and keeps the markup of the text
            name = nodes.fully_normalize_name(label.name)
            link = nodes.reference(refuri=f"#{name}", id_link=True)
        self.add_line_and_source_path(link, token)
        return link


def line_of(token: SyntaxTreeNode) -> int:
    """Return the line of the source that a token begins on."""
    return token.map[0] if token.map else 0

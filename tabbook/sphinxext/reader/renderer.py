"""Render a section's tokens to docutils: MyST-NB's renderer with the dialect's tokens.

MyST-NB renders what is Markdown, code cells and outputs; the methods here render what
the dialect adds: a method ``render_X`` is called for each token of the type ``X``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from docutils import nodes, utils
from docutils.parsers.rst import Parser, directives
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from pygments.lexers import find_lexer_class_by_name
from pygments.util import ClassNotFound

from tabbook.source.cells import dialect
from tabbook.source.images.alternative import alternative_text
from tabbook.source.markdown.tokens import attached_labels, walk
from tabbook.source.rst import RST, WARNING, problem, unrendered
from tabbook.source.structure.labels import Label, around_caption
from tabbook.source.structure.toc import TOC
from tabbook.sphinxext.reader.generated import GENERATORS
from tabbook.sphinxext.reader.inline import PAGE, InlineRenderer, Page, line_of
from tabbook.sphinxext.transforms.tabs import TABS

__all__ = ["PAGE", "BookRenderer", "Page"]


class BookRenderer(InlineRenderer):
    """Renders the tokens of a page."""

    def render_nb_cell_markdown(self, token: SyntaxTreeNode) -> None:
        """Render a text; that of some tabs goes into a container with their names."""
        tabs = token.meta["metadata"].get(TABS)
        if not tabs:
            self.render_children(token)
            return
        container = nodes.container(is_div=True, classes=["tab-text"])
        container[TABS] = list(tabs)
        self.add_line_and_source_path(container, token)
        with self.current_node_context(container, append=True):
            self.render_children(token)

    def render_heading(self, token: SyntaxTreeNode) -> None:
        """Render a heading below the targets of its labels."""
        self._targets(token)
        super().render_heading(token)

    def render_paragraph(self, token: SyntaxTreeNode) -> None:
        """Render a paragraph below the targets of its labels."""
        self._targets(token)
        super().render_paragraph(token)

    def render_bullet_list(self, token: SyntaxTreeNode) -> None:
        """Render a list below the targets of its labels."""
        self._targets(token)
        super().render_bullet_list(token)

    def render_ordered_list(self, token: SyntaxTreeNode) -> None:
        """Render a numbered list below the targets of its labels."""
        self._targets(token)
        super().render_ordered_list(token)

    def render_blockquote(self, token: SyntaxTreeNode) -> None:
        """Render a quotation below the targets of its labels."""
        self._targets(token)
        super().render_blockquote(token)

    def render_fence(self, token: SyntaxTreeNode) -> None:
        """Render a fence: a table of contents, generated Markdown, RST, or code."""
        self._targets(token)
        info = token.info.strip()
        if info == TOC:
            self.render_directive(token, "toctree", "")
        elif info == RST:
            self._rst(token)
        elif info in GENERATORS:
            text = GENERATORS[info](self.page.book, self.page.frameworks)
            self.page.generated[info] = text
            self.nested_render_text(text, line_of(token))
        else:
            self.current_node.append(self._code(token, lexer_of(info)))

    def render_code_block(self, token: SyntaxTreeNode) -> None:
        """Render indented code."""
        self.current_node.append(self._code(token, "text"))

    def render_figure(self, token: SyntaxTreeNode) -> None:
        """Render a figure with its number and caption."""
        self._targets(token)
        figure = nodes.figure()
        self.add_line_and_source_path(figure, token)
        image = nodes.image(uri=str(token.attrs["src"]))
        image["alt"] = self._alternative(token.to_tokens()[0].children or ())
        for size in token.meta.get("sizes", ()):
            value = _length(size.meta["value"])
            if value:
                image[size.meta["key"]] = value
        self.add_line_and_source_path(image, token)
        figure += image
        caption = nodes.caption()
        self.add_line_and_source_path(caption, token)
        with self.current_node_context(caption):
            self._caption(self._label(token), token.children)
        if caption.children:
            figure += caption
        self.current_node.append(figure)

    def _alternative(self, caption: Sequence[Token]) -> str:
        """Return a figure's alternative text; an edit of .bib may change it."""
        if any(token.type == "citation" for token in walk(caption)):
            for file in self.page.book.bibliography.files:
                self.sphinx_env.note_dependency(str(file))
        return alternative_text(self.page.book, caption)

    def render_table(self, token: SyntaxTreeNode) -> None:
        """Render a table with its number and caption."""
        self._targets(token)
        captions = [child for child in token.children if child.type == CAPTION]
        token.children = [child for child in token.children if child.type != CAPTION]
        super().render_table(token)
        table = self.current_node[-1]
        title = nodes.title()
        self.add_line_and_source_path(title, captions[0] if captions else token)
        with self.current_node_context(title):
            self._caption(self._label(token), captions[0].children if captions else ())
        if title.children:
            table.insert(0, title)

    def render_math_block(self, token: SyntaxTreeNode) -> None:
        """Render a displayed formula, numbered if it has a label."""
        formula = nodes.math_block(
            token.content, token.content, nowrap=False, number=None
        )
        self.add_line_and_source_path(formula, token)
        labels = attached_labels(token)
        if labels and self.page.is_place_of(labels[0].meta["name"]):
            formula["label"] = labels[0].meta["name"]
            target = self.add_math_target(formula)
            self._number(formula)
            self.add_line_and_source_path(target, token)
            self.current_node.append(target)
        for mark in labels[1:]:
            self._target(mark.meta["name"], token)
        self.current_node.append(formula)

    def _number(self, formula: nodes.math_block) -> None:
        """Give a formula the book's number in place of Sphinx's count on the page."""
        label = self.page.book.labels.get(formula["label"])
        if label and label.number:
            formula["number"] = label.number
            self.note_equation(label.name, formula)

    def render_math_display(self, token: SyntaxTreeNode) -> None:
        """Render a displayed formula where no block can be, such as in a table."""
        self.render_math_inline(token)

    def render_amsmath(self, token: SyntaxTreeNode) -> None:
        """Render an environment of LaTeX; it has no number, as it has no label."""
        formula = nodes.math_block(token.content, token.content, nowrap=True)
        formula["number"] = None
        self.add_line_and_source_path(formula, token)
        self.current_node.append(formula)

    def _rst(self, token: SyntaxTreeNode) -> None:
        """Render reStructuredText; as text, with warnings, if Sphinx would complain."""
        part = utils.new_document(self.document["source"], self.document.settings)
        part.reporter = utils.Reporter("", report_level=5, halt_level=6)
        messages: list[Any] = []
        part.reporter.attach_observer(messages.append)
        Parser().parse(token.content, part)
        problems = [problem(each) for each in messages if each["level"] >= WARNING]
        for line, message in problems:
            where = line_of(token) + line
            self.page.problems.append((where, "unrendered-rst", unrendered(message)))
        if problems:
            self.current_node.append(self._code(token, "rst"))
            return
        for node in part.findall(nodes.Element):
            if node["names"]:
                self.document.note_explicit_target(node, node)
        self.current_node.extend(part.children)

    def _code(self, token: SyntaxTreeNode, name: str) -> nodes.Element:
        line = token.map[0] if token.map else None
        block: nodes.Element = self.create_highlighted_code_block(
            token.content, name, source=self.document["source"], line=line
        )
        # What a lexer cannot read is shown without colours, and without a warning.
        block["force"] = True
        return block

    def _label(self, token: SyntaxTreeNode) -> Label | None:
        return self.page.book.label_of(attached_labels(token))

    def _caption(
        self, label: Label | None, children: Iterable[SyntaxTreeNode] | None
    ) -> None:
        """Render a number and a caption into the current node."""
        children = list(children or ())
        language, number = self.page.book.config.language, label.text if label else ""
        before, after = around_caption(language, number, has_text=bool(children))
        if before:
            self.current_node.append(nodes.Text(before))
        for child in children:
            self.rules[f"render_{child.type}"](child)
        if after:
            self.current_node.append(nodes.Text(after))

    def _targets(self, token: SyntaxTreeNode) -> None:
        """Append the targets of a block's labels, which docutils gives to the block."""
        for mark in attached_labels(token):
            self._target(mark.meta["name"], token)

    def _target(self, label: str, token: SyntaxTreeNode) -> None:
        if not self.page.is_place_of(label):
            return
        target = nodes.target(label)
        target["names"].append(nodes.fully_normalize_name(label))
        self.note_equation(label, target)
        self.add_line_and_source_path(target, token)
        self.document.note_explicit_target(target, self.current_node)
        self.current_node.append(target)


CAPTION = "table_caption"


def lexer_of(info: str) -> str:
    """Return the name of a lexer for a fence; ``text`` where there is none."""
    classes = dialect.classes(info) if info.startswith("{") else ()
    words = info.strip("{}. ").split()
    name = classes[0] if classes else words[0] if words else "text"
    try:
        find_lexer_class_by_name(name.lower())
    except ClassNotFound:
        return "text"
    return name.lower()


def _length(value: str) -> str:
    """Return a size as docutils takes it; empty if it is none."""
    try:
        return str(directives.length_or_percentage_or_unitless(value))
    except ValueError:
        return ""
